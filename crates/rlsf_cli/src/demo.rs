//! The command `demo`: every workload on both heaps, in processes of their own,
//! turn by turn.

use crate::args::DemoOptions;
use crate::error::Error;
use crate::input;
use crate::job::{Heap, Job, Task};
use crate::json_file::JsonFile;
use crate::report::{Agreement, Compared, OnHeap, Report};
use crate::screen::Screen;
use crate::workload::Workload;
use crate::{picture, table};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};

/// Runs the comparison and prints it.
///
/// # Errors
///
/// A file of the user's is wrong, a child fails, or the heaps' results differ.
pub(crate) fn run(options: &DemoOptions) -> Result<(), Error> {
    let (workloads, remark) = chosen(options)?;
    let input = options.file.as_deref();
    let json_path = options.json.as_deref();
    let json_file = json_path
        .map(|path| JsonFile::open(path, input))
        .transpose()?;
    let screen = Screen::detect(options.ascii);
    let plan = Plan {
        options,
        cells: if options.no_picture {
            0
        } else {
            picture::cells(&screen)
        },
        bar: progress_bar(workloads.len(), options.repeat),
    };
    let report = plan.run(&workloads)?;
    plan.bar.finish_and_clear();
    if let Some(file) = json_file {
        file.write(&report)?;
    }
    print(remark.as_deref(), &report, &screen).map_err(|error| Error::of_output(&error))
}

fn print(remark: Option<&str>, report: &Report, screen: &Screen) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    if let Some(remark) = remark {
        writeln!(stdout, "{remark}")?;
    }
    let shown = [
        table::render(report, screen),
        picture::render(report, screen),
    ];
    stdout.write_all(shown.concat().as_bytes())
}

/// The workloads that the options ask for, and a remark for the user.
fn chosen(options: &DemoOptions) -> Result<(Vec<Workload>, Option<String>), Error> {
    let Some(path) = &options.file else {
        return Ok((Workload::ALL.to_vec(), None));
    };
    let text = input::read(path)?;
    let recognised = input::recognise(path, &text, options.kind)?;
    Ok((vec![recognised.workload], recognised.remark))
}

/// A bar on the standard error, if that is a terminal.
fn progress_bar(workloads: usize, repeat: u32) -> ProgressBar {
    let tasks = 2 * Heap::BOTH.len() as u64 * u64::from(repeat) + 1;
    let bar = ProgressBar::new(workloads as u64 * tasks);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("=> "))
}

/// How the comparison is run.
struct Plan<'a> {
    options: &'a DemoOptions,
    cells: usize,
    bar: ProgressBar,
}

impl Plan<'_> {
    fn run(&self, workloads: &[Workload]) -> Result<Report, Error> {
        let mut report = Report {
            seed: self.options.seed,
            repeat: self.options.repeat,
            clock: u64::MAX,
            workloads: Vec::new(),
        };
        for &workload in workloads {
            let compared = self.compare(workload, &mut report.clock)?;
            report.workloads.push(compared);
        }
        Ok(report)
    }

    /// Finds the peak, then runs a workload on one heap and the other in turn.
    fn compare(&self, workload: Workload, clock: &mut u64) -> Result<Compared, Error> {
        let (outcome, first) = self
            .job(workload, Heap::Rlsf, Task::FindPeak)
            .run_measured()?;
        self.bar.inc(1);
        *clock = first.clock.min(*clock);
        let agreement = Agreement::new(workload, &outcome, &first);
        let mut compared = Compared {
            workload,
            about: outcome.about,
            checksum: outcome.checksum,
            calls: first.calls,
            peak_live: first.peak_live,
            rlsf: OnHeap::default(),
            system: OnHeap::default(),
        };
        let measure = Task::Measure {
            peak_call: first.peak_call,
            cells: self.cells,
        };
        for _ in 0..self.options.repeat {
            for (heap, found) in [
                (Heap::Rlsf, &mut compared.rlsf),
                (Heap::System, &mut compared.system),
            ] {
                self.time(workload, heap, &agreement, found)?;
                self.measure(self.job(workload, heap, measure), &agreement, found)?;
            }
        }
        Ok(compared)
    }

    fn time(
        &self,
        workload: Workload,
        heap: Heap,
        agreement: &Agreement,
        found: &mut OnHeap,
    ) -> Result<(), Error> {
        let outcome = self.job(workload, heap, Task::Time).run()?;
        self.bar.inc(1);
        agreement.check(heap, &outcome)?;
        found.add_timed(&outcome);
        Ok(())
    }

    fn measure(
        &self,
        job: Job<'_>,
        agreement: &Agreement,
        found: &mut OnHeap,
    ) -> Result<(), Error> {
        let (outcome, measured) = job.run_measured()?;
        self.bar.inc(1);
        agreement.check_measured(job.heap, &outcome, &measured)?;
        found.add_measured(measured);
        Ok(())
    }

    fn job(&self, workload: Workload, heap: Heap, task: Task) -> Job<'_> {
        self.bar.set_message(format!("{workload} on {heap}"));
        Job {
            workload,
            heap,
            seed: self.options.seed,
            file: self.options.file.as_deref(),
            task,
        }
    }
}
