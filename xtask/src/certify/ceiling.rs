//! `certify.toml`: what each operation may take at most on each target.

use std::{collections::BTreeMap, fs};

use anyhow::{ensure, Context, Result};
use serde::Deserialize;

use super::{
    proof::Proof,
    target::{Operation, Target},
};
use crate::workspace::Workspace;

/// Where the file is.
const FILE: &str = "xtask/certify.toml";

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ceilings {
    /// By how many percent a ceiling may be above the bound without a remark.
    margin: u64,
    /// By how many percent it may be above the bound at all.
    slack: u64,
    targets: BTreeMap<String, BTreeMap<String, Ceiling>>,
}

/// What one operation may take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ceiling {
    instructions: u64,
    /// On targets whose cycles are counted.
    #[serde(default)]
    cycles: u64,
    /// The functions that it may call.
    #[serde(default)]
    pub(super) calls: Vec<String>,
    /// Where the figures come from.
    why: String,
}

/// What a ceiling says to a bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opinion {
    Fine,
    /// It can be lowered.
    Remark(String),
    Fault(String),
}

impl Ceilings {
    /// Reads the file of the checkout.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(workspace.root().join(FILE))?;
        Self::parse(&text).with_context(|| format!("{FILE} cannot be read"))
    }

    fn parse(text: &str) -> Result<Self> {
        let ceilings: Self = toml_edit::de::from_str(text)?;
        for (target, operations) in &ceilings.targets {
            for (operation, ceiling) in operations {
                let say = ceiling.why.trim_end().ends_with('.');
                ensure!(say, "{target}.{operation} does not say why, in a sentence");
            }
        }
        Ok(ceilings)
    }

    /// What `operation` may take on `target`.
    pub(super) fn of(&self, target: Target, operation: &Operation) -> Result<&Ceiling> {
        let operations = self.targets.get(target.name());
        let found = operations.and_then(|it| it.get(operation.name));
        found.with_context(|| format!("{FILE} has no [targets.{target}.{}]", operation.name))
    }

    /// Whether `a` and `b` are within the margin of each other.
    pub(super) fn is_near(&self, a: u64, b: u64) -> bool {
        a.abs_diff(b) * 100 <= self.margin * a.max(b)
    }

    /// Compares what is proven of an operation with its ceiling.
    pub(super) fn compare(&self, proof: &Proof, ceiling: &Ceiling) -> Vec<Opinion> {
        let pairs = [
            ("instructions", proof.instructions, ceiling.instructions),
            ("cycles", proof.cycles, ceiling.cycles),
        ];
        pairs
            .map(|(unit, bound, ceiling)| self.opinion(unit, bound, ceiling))
            .into()
    }

    fn opinion(&self, unit: &str, bound: u64, ceiling: u64) -> Opinion {
        let above = |percent| ceiling * 100 > bound * (100 + percent);
        if bound > ceiling {
            Opinion::Fault(format!("{bound} {unit}, and {FILE} allows {ceiling}"))
        } else if above(self.slack) {
            Opinion::Fault(format!(
                "{bound} {unit}: the ceiling of {ceiling} in {FILE} is more than {} % above",
                self.slack
            ))
        } else if above(self.margin) {
            Opinion::Remark(format!(
                "{bound} {unit}: the ceiling of {ceiling} can be lowered"
            ))
        } else {
            Opinion::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "margin = 5\nslack = 20\n[targets.x86_64.allocate]\ninstructions = 100\n\
        why = \"As seen.\"\n";

    /// What the ceiling of 100 instructions says to a bound.
    fn opinion(bound: u64) -> Opinion {
        Ceilings::parse(TEXT)
            .unwrap()
            .opinion("instructions", bound, 100)
    }

    #[test]
    fn a_bound_at_the_ceiling_or_within_the_margin_below_is_fine() {
        assert_eq!(opinion(100), Opinion::Fine);
        assert_eq!(opinion(96), Opinion::Fine);
    }

    #[test]
    fn a_bound_above_the_ceiling_is_a_fault() {
        assert!(matches!(opinion(101), Opinion::Fault(text) if text.contains("allows 100")));
    }

    #[test]
    fn a_ceiling_above_the_margin_can_be_lowered() {
        assert!(matches!(opinion(90), Opinion::Remark(_)));
    }

    #[test]
    fn a_ceiling_far_above_the_bound_is_a_fault() {
        assert!(matches!(opinion(80), Opinion::Fault(_)));
    }

    #[test]
    fn a_ceiling_without_a_sentence_is_refused() {
        let text = TEXT.replace("As seen.", "");
        let error = Ceilings::parse(&text).unwrap_err();
        assert!(error
            .to_string()
            .contains("x86_64.allocate does not say why"));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(Ceilings::parse(&format!("{TEXT}instuctions = 7\n")).is_err());
    }
}
