//! One run of a workload on a heap, and the medians of several.

use std::process::Command;

use rlsf_bench_threads::program::{Rest, Work};
use serde::Serialize;

use super::child::Reporter;
use super::heaps::ProcessHeap;

/// What is run.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Job {
    pub(crate) workload: &'static str,
    pub(crate) threads: usize,
    /// 1 for the full work, 2 for half of it.
    pub(crate) part: usize,
    pub(crate) seed: u64,
}

/// The figures of a run.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    #[serde(flatten)]
    work: Work,
    #[serde(flatten)]
    rest: Rest,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    Time,
    ProcessorTime,
    Peak,
    /// The peak without what was resident before the work.
    Added,
    Rest,
}

impl Sample {
    /// The figures of a run that came to its end.
    pub(crate) const fn new(work: Work, rest: Rest) -> Self {
        Self { work, rest }
    }

    /// A figure: seconds or KiB.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 KiB")]
    pub(crate) fn figure(&self, figure: Figure) -> f64 {
        match figure {
            Figure::Time => self.work.seconds,
            Figure::ProcessorTime => self.work.processor_seconds,
            Figure::Peak => self.work.peak_kib as f64,
            Figure::Added => self.work.peak_kib.saturating_sub(self.rest.start_kib) as f64,
            Figure::Rest => self.rest.rest_kib as f64,
        }
    }
}

/// The process of a job; it runs.
pub(crate) fn start(heap: &ProcessHeap, job: &Job) -> Result<Reporter, String> {
    let path = heap.path().map_err(|error| error.to_string())?;
    let mut command = Command::new(path);
    command.arg(job.workload);
    command.args([job.threads, job.part].map(|number| number.to_string()));
    Reporter::start(command.arg(job.seed.to_string()))
}

/// A run whose work is done, and that rests before it tells what memory it still has.
#[derive(Debug)]
pub(crate) struct Resting {
    reporter: Reporter,
    work: Work,
}

impl Resting {
    /// Does the work of a job.
    pub(crate) fn after(heap: &ProcessHeap, job: &Job) -> Result<Self, String> {
        let mut reporter = start(heap, job)?;
        let work = reporter.next()?;
        Ok(Self { reporter, work })
    }

    /// Waits for the end of the rest.
    pub(crate) fn end(mut self) -> Result<Sample, String> {
        let rest = self.reporter.next()?;
        Ok(Sample::new(self.work, rest))
    }
}

/// The median of a figure over the runs; nothing if one of them failed.
pub(crate) fn median(runs: &[Result<Sample, String>], figure: Figure) -> Option<f64> {
    let figures = runs
        .iter()
        .map(|run| Some(run.as_ref().ok()?.figure(figure)));
    let mut figures: Vec<f64> = figures.collect::<Option<_>>()?;
    figures.sort_unstable_by(f64::total_cmp);
    // Of an even number of runs the mean of both in the middle.
    let last = figures.len().checked_sub(1)?;
    Some(f64::midpoint(figures[last / 2], figures[last.div_ceil(2)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seconds: f64) -> Sample {
        let work = Work {
            seconds,
            processor_seconds: 0.0,
            peak_kib: 7,
        };
        let rest = Rest {
            start_kib: 1,
            rest_kib: 2,
        };
        Sample::new(work, rest)
    }

    #[test]
    fn the_median_of_two_is_their_mean_and_of_three_the_second() {
        let of = |seconds: &[f64]| {
            let runs: Vec<_> = seconds.iter().map(|&seconds| Ok(sample(seconds))).collect();
            median(&runs, Figure::Time)
        };
        assert_eq!(of(&[1.0, 3.0]), Some(2.0));
        assert_eq!(of(&[5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(of(&[4.0]), Some(4.0));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn one_failure_among_the_runs_leaves_no_figure() {
        let runs = [Ok(sample(1.0)), Err("changed".to_owned())];
        assert_eq!(median(&runs, Figure::Time), None);
    }
}
