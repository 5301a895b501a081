//! What a child process answers, as JSON on its standard output.

use crate::heap_map::HeapMap;
use serde::{Deserialize, Serialize};

/// The answer of a child process.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    /// What the workload worked on, for the reader.
    pub(crate) about: String,
    /// Equal for equal work.
    pub(crate) checksum: u64,
    /// How long the workload took.
    pub(crate) nanoseconds: u64,
    /// The most memory that the process ever had, in bytes.
    pub(crate) peak_resident: Option<u64>,
    /// What the allocator layer saw, in a measured process.
    pub(crate) measured: Option<Measured>,
}

/// What the allocator layer saw while the workload ran.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Measured {
    pub(crate) calls: Calls,
    /// The largest sum of requested bytes alive at once.
    pub(crate) peak_live: u64,
    /// The number of the call that reached it.
    pub(crate) peak_call: u64,
    /// The longest call, in nanoseconds.
    pub(crate) worst: u64,
    /// 999 of 1000 calls took no longer, in nanoseconds.
    pub(crate) p999: u64,
    /// What two readings of the clock lie apart at least, in nanoseconds.
    pub(crate) clock: u64,
    /// The heap's own figures at the peak, if they were asked for and it tells
    /// them.
    pub(crate) at_peak: Option<AtPeak>,
    /// The heap's picture at the peak.
    pub(crate) picture: Option<Picture>,
}

/// The numbers of calls.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Calls {
    pub(crate) allocations: u64,
    pub(crate) frees: u64,
    pub(crate) resizes: u64,
}

impl Calls {
    pub(crate) fn total(self) -> u64 {
        self.allocations + self.frees + self.resizes
    }
}

/// A heap's figures in bytes when the requested bytes were at their peak.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct AtPeak {
    /// Requested and not freed.
    pub(crate) live: u64,
    /// The blocks in use, with headers and rounding.
    pub(crate) held: u64,
    /// Taken from the system.
    pub(crate) taken: u64,
}

impl AtPeak {
    /// What the blocks hold beyond the requests.
    pub(crate) fn overhead(self) -> u64 {
        self.held.saturating_sub(self.live)
    }
}

/// How full each stretch of a heap is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Picture {
    /// The percentage in use of each cell, lowest address first.
    pub(crate) cells: Vec<u8>,
    /// The bytes of a cell.
    pub(crate) cell_size: usize,
    /// The bytes of all blocks in use.
    pub(crate) used: usize,
    /// The bytes of all free blocks.
    pub(crate) free: usize,
    pub(crate) free_blocks: usize,
    /// The bytes of the largest free block.
    pub(crate) largest_free: usize,
}

impl Picture {
    /// The picture of a map.
    pub(crate) fn of(map: &HeapMap) -> Self {
        let totals = map.totals();
        Self {
            cells: map.percentages().collect(),
            cell_size: map.cell_size(),
            used: totals.used,
            free: totals.free,
            free_blocks: totals.free_blocks,
            largest_free: totals.largest_free,
        }
    }
}
