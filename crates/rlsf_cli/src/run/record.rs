//! What the library writes when a process ends: a line of JSON.

use serde::Deserialize;

/// A process's figures.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Record {
    pub(super) pid: u32,
    pub(super) program: String,
    pub(super) operations: Operations,
    /// Requests that nothing could serve.
    pub(super) failed: u64,
    pub(super) live_blocks: u64,
    pub(super) live_bytes: u64,
    pub(super) peak_bytes: u64,
    pub(super) overhead_bytes: u64,
    pub(super) pool_bytes: u64,
    pub(super) free_bytes: u64,
    pub(super) largest_free: u64,
    pub(super) fragmentation: f64,
    pub(super) largest_request: u64,
    pub(super) slowest_ns: u64,
    pub(super) slowest_kind: String,
    pub(super) taken_bytes: u64,
    pub(super) given_back_bytes: u64,
}

/// How often each kind of call was made.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Operations {
    pub(super) malloc: u64,
    pub(super) calloc: u64,
    pub(super) realloc: u64,
    pub(super) aligned: u64,
    pub(super) new: u64,
    pub(super) free: u64,
    pub(super) delete: u64,
}

impl Operations {
    /// The kinds by name.
    pub(super) fn kinds(&self) -> [(&'static str, u64); 7] {
        [
            ("malloc", self.malloc),
            ("calloc", self.calloc),
            ("realloc", self.realloc),
            ("aligned", self.aligned),
            ("new", self.new),
            ("free", self.free),
            ("delete", self.delete),
        ]
    }

    /// All of them.
    pub(super) fn total(&self) -> u64 {
        self.kinds().iter().map(|(_, count)| count).sum()
    }
}

impl Record {
    /// The records of a file; lines that are none (a process was killed while it wrote)
    /// are left out.
    pub(super) fn parse_all(text: &str) -> Vec<Self> {
        let records = text.lines().map(serde_json::from_str);
        records.filter_map(Result::ok).collect()
    }
}
