//! What is said of the operations: the table, remarks and faults.

use core::fmt::Write;

use super::{
    ceiling::Opinion,
    probes::Observed,
    proof::Proof,
    target::{Operation, Target},
};

/// What is known of one operation on one target.
pub(super) struct Row {
    pub(super) target: Target,
    pub(super) operation: &'static Operation,
    pub(super) proof: Proof,
    pub(super) observed: Observed,
    pub(super) opinions: Vec<Opinion>,
}

impl Row {
    /// What must not be. Where something is wrong with the code, nothing is said of figures: there are none.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults: Vec<_> = self.proof.faults.iter().map(ToString::to_string).collect();
        if faults.is_empty() {
            faults.extend(self.opinions.iter().filter_map(|it| match it {
                Opinion::Fault(text) => Some(text.clone()),
                _ => None,
            }));
            faults.extend(self.unsound());
        }
        let named = |text| format!("{} {}: {text}", self.target, self.operation.name);
        faults.into_iter().map(named).collect()
    }

    /// That a run executed more than was proven.
    fn unsound(&self) -> Option<String> {
        let (most, seen) = (self.proof.instructions, self.observed.most());
        (seen > most)
            .then(|| format!("a run executed {seen} instructions, and at most {most} were proven"))
    }

    /// What the reader may want to know.
    pub(super) fn remarks(&self) -> impl Iterator<Item = String> + '_ {
        self.opinions.iter().filter_map(|it| match it {
            Opinion::Remark(text) => {
                Some(format!("{} {}: {text}", self.target, self.operation.name))
            }
            _ => None,
        })
    }
}

/// The table for people.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<13} {:<21} {:>12} {:>7} {:>8} {:>8} {:>7} {:>6}  calls\n",
        "target", "operation", "instructions", "cycles", "random", "searched", "blocks", "bytes"
    );
    for row in rows {
        let Row {
            target,
            operation,
            proof,
            observed,
            ..
        } = row;
        let (instructions, cycles) = (figure(proof.instructions), figure(proof.cycles));
        let (random, searched) = (observed.random, figure(observed.searched.unwrap_or(0)));
        let calls: Vec<_> = proof.calls.iter().map(String::as_str).collect();
        let written = writeln!(
            text,
            "{target:<13} {:<21} {instructions:>12} {cycles:>7} {random:>8} {searched:>8} {:>7} {:>6}  {}",
            operation.name,
            proof.blocks,
            proof.bytes,
            calls.join(", ")
        );
        written.expect("a string takes any text");
    }
    text
}

/// A figure, or a dash for one that is not known.
fn figure(value: u64) -> String {
    if value == 0 {
        "-".to_owned()
    } else {
        value.to_string()
    }
}
