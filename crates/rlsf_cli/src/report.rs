//! What all child processes found, and what is made of it.

use crate::error::Error;
use crate::job::Heap;
use crate::outcome::{AtPeak, Calls, Measured, Outcome, Picture};
use crate::workload::Workload;
use serde::Serialize;

/// Everything that a run of `demo` found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) repeat: u32,
    /// The least time between two readings of the clock, in nanoseconds.
    pub(crate) clock: u64,
    pub(crate) workloads: Vec<Compared>,
}

/// A workload on both heaps.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    pub(crate) workload: Workload,
    /// What it worked on.
    pub(crate) about: String,
    pub(crate) checksum: u64,
    /// The same on both heaps.
    pub(crate) calls: Calls,
    /// The largest sum of requested bytes, the same on both heaps.
    pub(crate) peak_live: u64,
    pub(crate) rlsf: OnHeap,
    pub(crate) system: OnHeap,
}

impl Compared {
    /// The findings on a heap.
    pub(crate) fn on(&self, heap: Heap) -> &OnHeap {
        match heap {
            Heap::Rlsf => &self.rlsf,
            Heap::System => &self.system,
        }
    }
}

/// What one heap did with a workload; times in nanoseconds, memory in bytes.
#[derive(Debug, Default, Serialize)]
pub(crate) struct OnHeap {
    /// All timed runs.
    pub(crate) times: Vec<u64>,
    /// The peak resident memory of all timed runs.
    pub(crate) peaks_resident: Vec<u64>,
    /// The longest call of all measured runs.
    pub(crate) worsts: Vec<u64>,
    /// The 99.9th percentile of all measured runs.
    pub(crate) p999s: Vec<u64>,
    pub(crate) at_peak: Option<AtPeak>,
    pub(crate) picture: Option<Picture>,
}

impl OnHeap {
    /// Adds the findings of a timed run.
    pub(crate) fn add_timed(&mut self, outcome: &Outcome) {
        self.times.push(outcome.nanoseconds);
        self.peaks_resident.extend(outcome.peak_resident);
    }

    /// Adds the findings of a measured run.
    pub(crate) fn add_measured(&mut self, measured: Measured) {
        self.worsts.push(measured.worst);
        self.p999s.push(measured.p999);
        self.at_peak = measured.at_peak.or(self.at_peak);
        self.picture = measured.picture.or(self.picture.take());
    }
}

/// The median, the upper one of an even number; `None` of none.
pub(crate) fn median(values: &[u64]) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// What every run of a workload must agree on.
#[derive(Debug)]
pub(crate) struct Agreement {
    workload: Workload,
    checksum: u64,
    calls: Calls,
}

impl Agreement {
    /// Takes the first measured run as the model.
    pub(crate) fn new(workload: Workload, outcome: &Outcome, measured: &Measured) -> Self {
        Self {
            workload,
            checksum: outcome.checksum,
            calls: measured.calls,
        }
    }

    /// Compares the results of another run.
    ///
    /// # Errors
    ///
    /// It did other work.
    pub(crate) fn check(&self, heap: Heap, outcome: &Outcome) -> Result<(), Error> {
        if outcome.checksum == self.checksum {
            return Ok(());
        }
        let Self { workload, .. } = self;
        Err(Error::Run(format!(
            "{workload} on the heap {heap}: checksum {:016x} instead of {:016x}; did the file change?",
            outcome.checksum, self.checksum
        )))
    }

    /// Compares the results and the calls of another measured run.
    ///
    /// # Errors
    ///
    /// It did other work, or made other calls.
    pub(crate) fn check_measured(
        &self,
        heap: Heap,
        outcome: &Outcome,
        measured: &Measured,
    ) -> Result<(), Error> {
        self.check(heap, outcome)?;
        if measured.calls == self.calls {
            return Ok(());
        }
        let Self {
            workload, calls, ..
        } = self;
        Err(Error::Run(format!(
            "{workload} on the heap {heap}: {} calls of the allocator instead of {}",
            measured.calls.total(),
            calls.total()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(7));
        assert_eq!(median(&[9, 1, 5]), Some(5));
        assert_eq!(median(&[4, 1, 3, 2]), Some(3));
    }
}
