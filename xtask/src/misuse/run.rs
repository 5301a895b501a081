//! Every case on every heap, two processes at a time.

use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};

use super::contestant::Contestant;
use super::outcome::{self, Outcome};

/// Processes at a time.
const ABREAST: usize = 2;

/// A case on a heap.
pub(super) struct Run {
    pub(super) heap: &'static str,
    pub(super) class: String,
    pub(super) case: String,
    pub(super) outcome: Outcome,
}

/// A case that is to be run.
struct Job<'a> {
    contestant: &'a Contestant,
    class: String,
    case: String,
}

/// The runs, in their order, and what is wrong with the programs without a misuse.
///
/// # Errors
///
/// A process cannot be started, or does not come to its misuse.
pub(super) fn all(contestants: &[Contestant]) -> Result<(Vec<Run>, Vec<String>)> {
    let mut jobs = Vec::new();
    for contestant in contestants {
        let cases = contestant.cases()?.into_iter();
        jobs.extend(cases.map(|(class, case)| Job {
            contestant,
            class,
            case,
        }));
    }
    let ends = in_turns(jobs)?;
    let (runs, faults): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    Ok((runs, faults.into_iter().flatten().collect()))
}

/// What a case came to, and what is wrong with its program without the misuse.
type End = (Run, Option<String>);

/// Runs the jobs on a few threads; their ends in the jobs' order.
fn in_turns(jobs: Vec<Job<'_>>) -> Result<Vec<End>> {
    let queue = Mutex::new(jobs.into_iter().enumerate());
    let ends = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        let next = || queue.lock().ok()?.next();
        for (number, job) in core::iter::from_fn(next) {
            let end = job.run()?;
            let ends = ends.lock();
            ends.ok()
                .context("a thread has panicked")?
                .push((number, end));
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..ABREAST).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, Result<()>>| {
            worker.join().ok().context("a thread has panicked")?
        };
        workers.into_iter().try_for_each(join)
    })?;
    let mut ends = ends.into_inner().ok().context("a thread has panicked")?;
    ends.sort_by_key(|(number, _)| *number);
    Ok(ends.into_iter().map(|(_, end)| end).collect())
}

impl Job<'_> {
    /// What the misuse comes to.
    fn misuse(&self) -> Result<Outcome> {
        let (status, printed) = process(self.contestant.call(&[&self.case]))?;
        outcome::of_misuse(status, &printed)
    }

    fn run(self) -> Result<End> {
        let heap = self.contestant.name;
        let on = || format!("{} on {heap}", self.case);
        let mut outcome = self.misuse().with_context(on)?;
        let is_soon = matches!(outcome, Outcome::AtOnce | Outcome::Next);
        if !is_soon && self.contestant.has_keys() {
            // By chance, once in 2^15 times, damage has the seal that this run's key asks for.
            outcome = self.misuse().with_context(on)?;
        }
        let control = self.contestant.call(&[&self.case, "--control"]);
        let (status, printed) = process(control).with_context(on)?;
        let fault = outcome::of_control(status, &printed).err();
        let fault = fault.map(|fault| format!("{}: {fault}", on()));
        let Self { class, case, .. } = self;
        let run = Run {
            heap,
            class,
            case,
            outcome,
        };
        Ok((run, fault))
    }
}

/// Runs a command to its end; what it prints on either stream, in the order in which it does.
fn process(mut command: Command) -> Result<(ExitStatus, String)> {
    let (mut reader, writer) = io::pipe()?;
    command.stdin(Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // It holds the ends for writing.
    drop(command);
    let mut printed = Vec::new();
    reader.read_to_end(&mut printed)?;
    let status = child.wait()?;
    Ok((status, String::from_utf8_lossy(&printed).into_owned()))
}
