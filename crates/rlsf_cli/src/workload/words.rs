//! Count the words of a text, remember the lines they stand in, and rank them.

use crate::checksum::Checksum;
use crate::units;
use core::hash::BuildHasherDefault;
use std::collections::HashMap;
use std::hash::DefaultHasher;

/// The text that ships with the program: sources of the allocator itself.
const SOURCES: [&str; 7] = [
    include_str!("../../../rlsf/src/tlsf.rs"),
    include_str!("../../../rlsf/src/realloc.rs"),
    include_str!("../../../rlsf/src/bins.rs"),
    include_str!("../../../rlsf/src/block.rs"),
    include_str!("../../../rlsf/src/pool.rs"),
    include_str!("../../../rlsf/src/size.rs"),
    include_str!("../../../rlsf/src/validate.rs"),
];

/// About so many bytes are read in all.
const AMOUNT: usize = 3_000_000;
const MOST_COPIES: usize = 200;
/// So many of the commonest words enter the checksum.
const RANKED: usize = 1000;

/// The work and its input.
#[derive(Debug)]
pub(crate) struct Counting {
    text: String,
    is_own: bool,
    copies: usize,
}

/// What is known of a word.
#[derive(Debug, Default)]
struct Entry {
    count: u64,
    lines: Vec<u32>,
}

/// Hashed alike in every run.
type Index = HashMap<String, Entry, BuildHasherDefault<DefaultHasher>>;

impl Counting {
    pub(super) fn new(text: Option<String>) -> Self {
        let is_own = text.is_none();
        let text = text.unwrap_or_else(|| SOURCES.concat());
        let copies = (AMOUNT / text.len().max(1)).clamp(1, MOST_COPIES);
        Self {
            text,
            is_own,
            copies,
        }
    }

    pub(super) fn about(&self) -> String {
        let length = units::bytes(self.text.len() as u64);
        let source = if self.is_own {
            format!("{length} of rlsf's own Rust sources")
        } else {
            format!("the file's {length}")
        };
        match self.copies {
            1 => source,
            copies => format!("{source}, {copies} times, the words suffixed each time"),
        }
    }

    pub(super) fn run(&self) -> u64 {
        let mut index = Index::default();
        for copy in 0..self.copies {
            self.count(copy, &mut index);
        }
        rank(index)
    }

    fn count(&self, copy: usize, index: &mut Index) {
        for (number, line) in (1..).zip(self.text.lines()) {
            let words = line.split(|letter: char| !letter.is_alphanumeric());
            for word in words.filter(|word| !word.is_empty()) {
                let mut word = word.to_lowercase();
                if copy > 0 {
                    word.push_str(&copy.to_string());
                }
                let entry = index.entry(word).or_default();
                entry.count += 1;
                entry.lines.push(number);
            }
        }
    }
}

/// Sorts the words, the commonest first, and sums up the first of them.
fn rank(index: Index) -> u64 {
    let mut ranking: Vec<(String, Entry)> = index.into_iter().collect();
    ranking.sort_by(|(word, entry), (other_word, other)| {
        other
            .count
            .cmp(&entry.count)
            .then_with(|| word.cmp(other_word))
    });
    let mut checksum = Checksum::new();
    checksum.add(ranking.len() as u64);
    for (word, entry) in ranking.iter().take(RANKED) {
        checksum.add_bytes(word.as_bytes());
        checksum.add(entry.count);
        checksum.add(entry.lines.iter().copied().map(u64::from).sum());
    }
    checksum.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str) -> Index {
        let mut index = Index::default();
        Counting::new(Some(text.to_owned())).count(0, &mut index);
        index
    }

    #[test]
    fn words_are_counted_without_regard_to_case_and_marks() {
        let index = index("One two,\n(one) TWO-one");
        assert_eq!(index.len(), 2);
        assert_eq!(index["one"].lines, [1, 2, 2]);
        assert_eq!(index["two"].count, 2);
    }

    #[test]
    fn a_text_without_words_has_an_empty_index() {
        assert!(index(" ... \n\n").is_empty());
    }

    #[test]
    fn equal_runs_have_equal_checksums() {
        let counting = Counting::new(None);
        assert_eq!(counting.run(), counting.run());
    }
}
