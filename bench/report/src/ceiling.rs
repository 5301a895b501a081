//! What figures of ours must not exceed, or fall below: `bench/ceilings.toml`.

use std::collections::BTreeMap;
use std::{fs, io};

use serde::Deserialize;

use crate::{Axis, Report};

/// Where the file is.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ceilings.toml");

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ceilings {
    /// By how many percent a figure may be better than its ceiling: beyond that it would not hold anything.
    slack: f64,
    ceilings: Vec<Ceiling>,
}

/// What is allowed of a heap in one table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ceiling {
    command: String,
    table: String,
    heap: String,
    /// Figures that must not exceed this.
    #[serde(default)]
    most: BTreeMap<String, f64>,
    /// Figures that must not fall below this.
    #[serde(default)]
    least: BTreeMap<String, f64>,
    /// Whether figures may be far better: those of a search depend on how long it went on.
    #[serde(default)]
    is_loose: bool,
    /// Where they come from, in a sentence.
    why: String,
}

impl Report {
    /// The figures that are worse than `bench/ceilings.toml` allows, a sentence each.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn breaches(&self) -> io::Result<Vec<String>> {
        Ceilings::parse(&fs::read_to_string(FILE)?).map(|ceilings| ceilings.breaches(self))
    }
}

impl Ceilings {
    fn parse(text: &str) -> io::Result<Self> {
        let fault = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        let ceilings: Self =
            toml_edit::de::from_str(text).map_err(|error| fault(error.to_string()))?;
        let silent = ceilings.ceilings.iter().find(|it| !it.why.ends_with('.'));
        match silent {
            None => Ok(ceilings),
            Some(it) => Err(fault(format!(
                "the ceiling of {} in {} does not say why, in a sentence",
                it.heap, it.table
            ))),
        }
    }

    fn breaches(&self, report: &Report) -> Vec<String> {
        let concerned = self.ceilings.iter();
        let concerned: Vec<_> = concerned
            .filter(|it| it.command == report.command)
            .collect();
        if concerned.is_empty() {
            return vec![format!("nothing is known of `{}`", report.command)];
        }
        let breaches = concerned.into_iter().flat_map(|it| {
            it.breaches(
                report,
                if it.is_loose {
                    f64::INFINITY
                } else {
                    self.slack
                },
            )
        });
        breaches.collect()
    }
}

impl Ceiling {
    fn breaches(&self, report: &Report, slack: f64) -> Vec<String> {
        let most = self.most.iter().map(|(name, &bound)| (name, bound, true));
        let least = self.least.iter().map(|(name, &bound)| (name, bound, false));
        let breach = |(name, bound, is_most): (&String, f64, bool)| {
            let figure = self.figure(report, name);
            let why = match figure {
                None => "there is no such figure".to_owned(),
                Some(figure) => opinion(figure, bound, is_most, slack)?,
            };
            let Self { table, heap, .. } = self;
            Some(format!("{table}, {heap}, {name}: {why} ({})", self.why))
        };
        most.chain(least).filter_map(breach).collect()
    }

    /// The figure, of a median and a maximum the maximum.
    fn figure(&self, report: &Report, name: &str) -> Option<f64> {
        let table = report.table(&self.table)?;
        let cell = if table.heaps == Axis::Columns {
            table.cell(name, &self.heap)
        } else {
            table.cell(&self.heap, name)
        };
        cell?.most()
    }
}

/// What is wrong with a figure.
fn opinion(figure: f64, bound: f64, is_most: bool, slack: f64) -> Option<String> {
    let (worse, limit) = if is_most {
        (figure > bound, bound / (1.0 + slack / 100.0))
    } else {
        (figure < bound, bound * (1.0 + slack / 100.0))
    };
    let is_far = if is_most {
        figure < limit
    } else {
        figure > limit
    };
    if worse {
        let bound_is = if is_most { "at most" } else { "at least" };
        Some(format!("{figure}, {bound_is} {bound} is allowed"))
    } else if is_far {
        Some(format!(
            "{figure}: {bound} allows so much more that it holds nothing"
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Machine, Table};

    const TEXT: &str = "slack = 20\n[[ceilings]]\ncommand = \"instructions\"\ntable = \"free\"\n\
        heap = \"rlsf\"\nmost = { alone = 50 }\nleast = { share = 90.0 }\nwhy = \"As seen.\"\n";

    fn breaches(alone: u64, share: f64) -> Vec<String> {
        let mut report = Report::new("instructions", Machine::here(Vec::new()));
        let mut table = Table::new("free", "free", ["alone", "share"]);
        let cells = vec![Cell::MedianAndMost(40, alone), Cell::Number(share, 1)];
        table.push("rlsf", cells);
        report.tables.push(table);
        Ceilings::parse(TEXT).unwrap().breaches(&report)
    }

    #[test]
    fn figures_at_their_bounds_are_fine() {
        assert_eq!(breaches(50, 90.0), [""; 0]);
    }

    #[test]
    fn a_figure_that_is_worse_is_told_with_the_sentence() {
        let told = breaches(51, 89.5);
        assert_eq!(
            told[0],
            "free, rlsf, alone: 51, at most 50 is allowed (As seen.)"
        );
        assert!(
            told[1].contains("89.5, at least 90 is allowed"),
            "{}",
            told[1]
        );
    }

    #[test]
    fn a_bound_that_holds_nothing_is_told() {
        assert!(breaches(41, 95.0)[0].contains("holds nothing"));
    }

    #[test]
    fn a_loose_bound_may_hold_nothing() {
        let text = TEXT.replace("why", "is_loose = true\nwhy");
        let mut report = Report::new("instructions", Machine::here(Vec::new()));
        let mut table = Table::new("free", "free", ["alone", "share"]);
        table.push("rlsf", vec![Cell::count(1), Cell::Number(100.0, 1)]);
        report.tables.push(table);
        assert_eq!(Ceilings::parse(&text).unwrap().breaches(&report), [""; 0]);
    }

    #[test]
    fn a_bound_of_no_figure_is_told() {
        let report = Report::new("instructions", Machine::here(Vec::new()));
        let told = Ceilings::parse(TEXT).unwrap().breaches(&report);
        assert_eq!(told.len(), 2);
        let report = Report::new("lines", Machine::here(Vec::new()));
        assert_eq!(Ceilings::parse(TEXT).unwrap().breaches(&report).len(), 1);
    }

    #[test]
    fn a_bound_without_a_sentence_is_refused() {
        assert!(Ceilings::parse(&TEXT.replace("As seen.", "")).is_err());
    }
}
