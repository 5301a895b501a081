//! The figures: for each class what became of its cases on each heap.

use std::collections::BTreeMap;

use anyhow::Result;
use rlsf_bench_report::{Cell, Table};
use serde::Serialize;

use super::outcome::Outcome;
use super::run::Run;

/// What became of a case, by heap.
#[derive(Serialize)]
struct Record<'a> {
    case: &'a str,
    class: &'a str,
    outcomes: BTreeMap<&'a str, &'static str>,
}

/// A table a class, with a row a heap.
pub(super) fn tables(runs: &[Run]) -> Vec<Table> {
    let classes = each(runs.iter().map(|run| run.class.as_str()));
    let heaps = each(runs.iter().map(|run| run.heap));
    let table = |class: &str| {
        let outcomes = Outcome::COUNTED.iter().map(|(_, name)| *name);
        let columns = outcomes.chain(["soon", "missed", "of"]);
        let mut table = Table::new(class, format!("{class}: cases noticed"), columns);
        for heap in &heaps {
            let runs = runs.iter();
            let runs = runs.filter(|run| run.class == class && run.heap == *heap);
            if let Some(cells) = cells(&runs.map(|run| run.outcome).collect::<Vec<_>>()) {
                table.push(*heap, cells);
            }
        }
        table
    };
    classes.into_iter().map(table).collect()
}

/// How many there are of each outcome, how many are caught by the next operation, how many are not caught, and
/// all; nothing without a case.
fn cells(outcomes: &[Outcome]) -> Option<Vec<Cell>> {
    let count = |is: &dyn Fn(Outcome) -> bool| {
        let counted = outcomes.iter().filter(|it| is(**it));
        counted.map(|_| 1_u64).sum()
    };
    let each = Outcome::COUNTED.map(|(outcome, _)| count(&|it| it == outcome));
    let possible = count(&|it| it != Outcome::Impossible);
    let missed = possible - count(&Outcome::is_caught);
    let sums = [count(&Outcome::is_soon), missed, possible];
    let all = each.into_iter().chain(sums);
    (!outcomes.is_empty()).then(|| all.map(Cell::count).collect())
}

/// The names of all cases.
pub(super) fn names(runs: &[Run]) -> Vec<&str> {
    each(runs.iter().map(|run| run.case.as_str()))
}

/// A line of JSON a case.
///
/// # Errors
///
/// It cannot be put into JSON.
pub(super) fn records(runs: &[Run]) -> Result<Vec<serde_json::Value>> {
    let record = |case| {
        let runs = runs.iter().filter(|run| run.case == case);
        let class = runs.clone().next().map_or("", |run| run.class.as_str());
        let outcomes = runs.map(|run| (run.heap, run.outcome.name())).collect();
        serde_json::to_value(Record {
            case,
            class,
            outcomes,
        })
    };
    let records = names(runs).into_iter().map(record);
    Ok(records.collect::<Result<_, _>>()?)
}

/// Prints what became of each case.
pub(super) fn print_cases(runs: &[Run]) {
    for case in names(runs) {
        let runs = runs.iter().filter(|run| run.case == case);
        let ends = runs.map(|run| format!("{} {}", run.heap, run.outcome.name()));
        println!("{case}: {}", ends.collect::<Vec<_>>().join(", "));
    }
}

/// Each of them once, in the order in which they first come.
fn each<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut each = Vec::new();
    for one in all {
        if !each.contains(&one) {
            each.push(one);
        }
    }
    each
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(heap: &'static str, case: &str, outcome: Outcome) -> Run {
        Run {
            heap,
            class: "double free".to_owned(),
            case: case.to_owned(),
            outcome,
        }
    }

    #[test]
    fn what_is_impossible_is_not_counted_and_what_is_not_caught_is_missed() {
        let runs = [
            run("a", "one", Outcome::AtOnce),
            run("a", "two", Outcome::Fault),
            run("a", "three", Outcome::Impossible),
            run("b", "one", Outcome::Unseen),
        ];
        let tables = tables(&runs);
        let [table] = &tables[..] else { panic!() };
        let figure = |heap, name| table.cell(heap, name).and_then(Cell::value);
        assert_eq!(figure("a", "at once"), Some(1.0));
        assert_eq!(figure("a", "missed"), Some(1.0));
        assert_eq!(figure("a", "of"), Some(2.0));
        assert_eq!(figure("b", "missed"), Some(1.0));
        let records = records(&runs).unwrap();
        assert_eq!(records[0]["outcomes"]["b"], "unseen");
    }
}
