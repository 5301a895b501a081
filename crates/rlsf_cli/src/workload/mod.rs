//! The work that the heaps are compared on: real programs' patterns, the same
//! calls to the allocator in every run.

mod document;
mod json;
mod lru;
mod words;

use clap::ValueEnum;
use core::fmt;
use serde::Serialize;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Workload {
    /// Parse a JSON document, rebuild it, write it, and again
    Json,
    /// Count the words of a text
    Words,
    /// Keep a cache whose capacity swings
    Lru,
}

impl Workload {
    /// All, in the order of the output.
    pub(crate) const ALL: [Self; 3] = [Self::Json, Self::Words, Self::Lru];

    /// The name, as on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Words => "words",
            Self::Lru => "lru",
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A workload with its input, ready to run.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// A document.
    Json(json::Rebuilding),
    /// A text.
    Words(words::Counting),
    /// A stream of requests.
    Lru(lru::Serving),
}

impl Prepared {
    /// Takes the user's text, or makes the input from the seed.
    pub(crate) fn new(workload: Workload, seed: u64, text: Option<String>) -> Self {
        match workload {
            Workload::Json => Self::Json(json::Rebuilding::new(seed, text)),
            Workload::Words => Self::Words(words::Counting::new(text)),
            Workload::Lru => Self::Lru(lru::Serving::new(seed)),
        }
    }

    /// Does the work and gives its checksum; leaves nothing on the heap.
    pub(crate) fn run(&self) -> u64 {
        match self {
            Self::Json(rebuilding) => rebuilding.run(),
            Self::Words(counting) => counting.run(),
            Self::Lru(serving) => serving.run(),
        }
    }

    /// What the work is done on, in a sentence.
    pub(crate) fn about(&self) -> String {
        match self {
            Self::Json(rebuilding) => rebuilding.about(),
            Self::Words(counting) => counting.about(),
            Self::Lru(serving) => serving.about(),
        }
    }
}
