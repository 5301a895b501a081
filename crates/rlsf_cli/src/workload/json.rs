//! Parse a JSON document into a tree, build another tree from it, write that,
//! and do the same with what was written.

use super::document;
use crate::checksum::Checksum;
use crate::units;
use serde_json::{Number, Value};

/// About so many bytes are parsed in all.
const AMOUNT: usize = 6_000_000;
const MOST_ROUNDS: usize = 100;

/// The work and its input.
#[derive(Debug)]
pub(crate) struct Rebuilding {
    document: String,
    is_made: bool,
    rounds: usize,
}

impl Rebuilding {
    pub(super) fn new(seed: u64, text: Option<String>) -> Self {
        let is_made = text.is_none();
        let document = text.unwrap_or_else(|| document::make(seed));
        let rounds = (AMOUNT / document.len().max(1)).clamp(1, MOST_ROUNDS);
        Self {
            document,
            is_made,
            rounds,
        }
    }

    pub(super) fn about(&self) -> String {
        let source = if self.is_made {
            "a made document"
        } else {
            "the file"
        };
        let length = units::bytes(self.document.len() as u64);
        let rounds = units::times(self.rounds);
        format!("{source} of {length}, parsed, rebuilt and written, {rounds}")
    }

    pub(super) fn run(&self) -> u64 {
        let mut checksum = Checksum::new();
        let mut current = rebuilt(&self.document, &mut checksum);
        for _ in 1..self.rounds {
            current = rebuilt(&current, &mut checksum);
        }
        checksum.value()
    }
}

/// Parses, rebuilds and writes a document.
fn rebuilt(document: &str, checksum: &mut Checksum) -> String {
    let tree = match serde_json::from_str(document) {
        Ok(tree) => rebuild(tree),
        // A file that is no JSON any more shows in the checksum.
        Err(fault) => Value::String(fault.to_string()),
    };
    let written = tree.to_string();
    checksum.add_bytes(written.as_bytes());
    written
}

/// Builds a changed tree: arrays and the words of strings reversed, integers
/// one larger, members without a value left out. As deep as the parser's limit
/// at most.
fn rebuild(tree: Value) -> Value {
    match tree {
        Value::Array(elements) => elements.into_iter().rev().map(rebuild).collect(),
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name, rebuild(member)))
            .collect(),
        Value::String(text) => {
            let words: Vec<&str> = text.split(' ').rev().collect();
            Value::String(words.join(" "))
        }
        Value::Number(number) => Value::Number(next(number)),
        Value::Null | Value::Bool(_) => tree,
    }
}

fn next(number: Number) -> Number {
    match number.as_i64() {
        Some(integer) => Number::from(integer.wrapping_add(1)),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_rebuilt_member_by_member() {
        let tree = serde_json::json!({"a": [1, "x y z", null], "b": null, "c": {"d": 1.5}});
        let expected = serde_json::json!({"a": [null, "z y x", 2], "c": {"d": 1.5}});
        assert_eq!(rebuild(tree), expected);
    }

    #[test]
    fn equal_runs_have_equal_checksums() {
        let rebuilding = Rebuilding::new(0, Some("[1, 2, 3]".to_owned()));
        assert_eq!(rebuilding.rounds, MOST_ROUNDS);
        assert_eq!(rebuilding.run(), rebuilding.run());
        let other = Rebuilding::new(0, Some("[1, 2, 4]".to_owned()));
        assert_ne!(rebuilding.run(), other.run());
    }
}
