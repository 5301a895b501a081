//! The commands that give each heap a pool of its own.

use core::error::Error;
use std::path::PathBuf;

use indicatif::ProgressBar;

use rlsf_bench::check;
use rlsf_bench::contestant::Contestant;
use rlsf_bench::heaps::{versions, HEAPS, OF_C};
use rlsf_bench::instructions::{Case, Effort};
use rlsf_bench::throughput::Extent;
use rlsf_bench::{efficiency, instructions, latency, throughput, traces};
use rlsf_bench_report::{Machine, Report, Table};
use serde_json::Value;

use crate::arguments::{Common, Task};

/// Which heaps get a pool each, and how they are measured.
pub(crate) struct Pools<'a> {
    heaps: Vec<&'static Contestant>,
    /// Those that did not pass their checks, with what is wrong.
    failing: Vec<(&'static str, String)>,
    common: &'a Common,
    bar: &'a ProgressBar,
}

impl<'a> Pools<'a> {
    /// Puts each heap to the test.
    pub(crate) fn new(
        task: &Task,
        names: &[String],
        common: &'a Common,
        bar: &'a ProgressBar,
    ) -> Result<Self, String> {
        let mut pools = Self {
            heaps: Vec::new(),
            failing: Vec::new(),
            common,
            bar,
        };
        let chosen: Vec<_> = if names.is_empty() {
            all(matches!(task, Task::Traces { .. }))
        } else {
            let found = names.iter().map(|name| find_heap(name));
            found.collect::<Result<_, _>>()?
        };
        for heap in chosen {
            bar.set_message(format!("check of {}", heap.name));
            match check::fault(heap) {
                None => pools.heaps.push(heap),
                Some(fault) => pools.failing.push((heap.name, fault)),
            }
        }
        Ok(pools)
    }

    /// Does a task.
    pub(crate) fn compare(&self, task: &Task) -> Result<Report, Box<dyn Error>> {
        let machine = Machine::here(versions(&self.heaps));
        let mut records = Vec::new();
        let (name, tables) = match task {
            Task::Instructions {
                state: Some(state), ..
            } => ("instructions", vec![self.count_in_state(state)?]),
            Task::Instructions { operations, .. } => {
                let (tables, states) = self.count_instructions(*operations)?;
                records = states;
                ("instructions", tables)
            }
            Task::Lines { operations } => ("lines", self.count_lines(*operations)?),
            Task::Latency { .. } => ("latency", self.measure_latency()),
            Task::Efficiency => ("efficiency", self.measure_efficiency()),
            Task::Throughput => ("throughput", self.measure_throughput()),
            Task::Traces { files } => ("traces", self.replay_traces(files)?),
            Task::All => ("all", self.do_all()?),
            _ => unreachable!("no comparison of pools"),
        };
        let mut report = Report::new(name, machine);
        report.about = self.about(task);
        report.tables = tables;
        report.records = records;
        for table in &mut report.tables {
            for (heap, fault) in &self.failing {
                table.push_failing(heap, fault);
            }
        }
        Ok(report)
    }

    /// How the figures come about.
    fn about(&self, task: &Task) -> String {
        match task {
            Task::Traces { .. } => traces::about_run(self.extent()),
            Task::Throughput | Task::Latency { .. } | Task::All => {
                "The heaps take turns.".to_owned()
            }
            Task::Instructions { .. } => "Exact: another run of the same program has the same \
                counts, but where threads share a heap and where time was up."
                .to_owned(),
            _ => "Exact: another run of the same program has the same figures.".to_owned(),
        }
    }

    fn do_all(&self) -> Result<Vec<Table>, Box<dyn Error>> {
        let (mut tables, _) = self.count_instructions(None)?;
        tables.extend(self.count_lines(None)?);
        tables.extend(self.measure_efficiency());
        tables.extend(self.measure_throughput());
        Ok(tables)
    }

    fn count_instructions(
        &self,
        operations: Option<usize>,
    ) -> Result<(Vec<Table>, Vec<Value>), String> {
        let (usual, effort) = if self.common.quick {
            (400, Effort::QUICK)
        } else {
            (20_000, Effort::FULL)
        };
        let operations = operations.unwrap_or(usual);
        instructions::run(&self.heaps, operations, effort, self.common.seed, self.bar)
            .map_err(untraced)
    }

    fn count_in_state(&self, state: &Case) -> Result<Table, String> {
        instructions::in_state(&self.heaps, state).map_err(untraced)
    }

    fn count_lines(&self, operations: Option<usize>) -> Result<Vec<Table>, String> {
        let operations = operations.unwrap_or(if self.common.quick { 300 } else { 5_000 });
        instructions::lines(&self.heaps, operations, self.common.seed, self.bar).map_err(untraced)
    }

    fn measure_efficiency(&self) -> Vec<Table> {
        efficiency::run(&self.heaps, self.extent(), self.common.seed, self.bar)
    }

    fn measure_latency(&self) -> Vec<Table> {
        latency::run(&self.heaps, self.extent(), self.common.seed, self.bar)
    }

    fn measure_throughput(&self) -> Vec<Table> {
        throughput::run(&self.heaps, self.extent(), self.common.seed, self.bar)
    }

    fn replay_traces(&self, files: &[PathBuf]) -> Result<Vec<Table>, Box<dyn Error>> {
        let files = if files.is_empty() {
            traces::shipped()?
        } else {
            files.to_vec()
        };
        Ok(traces::run(&self.heaps, &files, self.extent(), self.bar)?)
    }

    fn extent(&self) -> Extent {
        if self.common.quick {
            Extent::Quick
        } else {
            Extent::Full
        }
    }
}

fn untraced(error: impl core::fmt::Display) -> String {
    format!("cannot step through a child: {error}")
}

/// All heaps, ours first; as C has it too where requests are those of C programs.
fn all(is_of_c: bool) -> Vec<&'static Contestant> {
    let mut heaps: Vec<_> = HEAPS.iter().collect();
    if is_of_c {
        heaps.insert(1, &OF_C);
    }
    heaps
}

/// The heap of a name.
pub(crate) fn find_heap(name: &str) -> Result<&'static Contestant, String> {
    let known = all(true);
    let found = known.iter().find(|heap| heap.name == name);
    found.copied().ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|heap| heap.name).collect();
        format!("the heaps are {}", names.join(", "))
    })
}
