//! The searches, side by side on the processors, and what they print.

use crate::count::states;
use crate::search::{Found, Search, Watch};
use crate::setup::Setup;
use crate::subject::Subject;
use anyhow::{bail, ensure, Context, Result};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rlsf::Tlsf;
use std::sync::Mutex;
use std::time::Instant;

/// A search of heaps of some kind.
struct Task {
    setup: Setup,
    count: fn(&Setup) -> u64,
    run: fn(&Setup, &Watch<'_>) -> Result<String>,
}

/// More states than this are too many for the memory of a usual machine: each takes some 60 bytes.
const LIMIT: u64 = 200_000_000;

/// Makes tasks of heaps with these parameters.
macro_rules! tasks {
    ($($fl:ty, $fllen:literal, $sl:ty, $sllen:literal: $setup:expr;)*) => {
        vec![$(Task {
            setup: $setup,
            count: count::<Tlsf<'static, $fl, $sl, $fllen, $sllen>>,
            run: search::<Tlsf<'static, $fl, $sl, $fllen, $sllen>>,
        }),*]
    };
}

/// The searches of a few minutes. Sizes of pools are in least blocks.
fn short() -> Vec<Task> {
    let every = Setup::every_size;
    let multiples = Setup::multiples_of_the_least;
    tasks! {
        u8, 8, u8, 8: multiples("u8/8 u8/8", &[(12, 12)]);
        u8, 4, u8, 1: every("u8/4 u8/1", &[(8, 9)], 8);
        i8, 3, u16, 2: every("i8/3 u16/2", &[(9, 9)], 24);
        u16, 5, u8, 4: every("u16/5 u8/4", &[(8, 9)], 16);
        u16, 12, u16, 16: every("u16/12 u16/16", &[(7, 8)], 40);
        u8, 4, u8, 1: every("u8/4 u8/1", &[(4, 5), (4, 4)], 0);
        u32, 20, u32, 32: every("u32/20 u32/32", &[(3, 4), (4, 4)], 48);
        u8, 1, u8, 1: every("u8/1 u8/1", &[(3, 3), (3, 3), (3, 3)], 0);
    }
}

/// The searches of hours.
fn long_ones() -> Vec<Task> {
    let every = Setup::every_size;
    let multiples = Setup::multiples_of_the_least;
    tasks! {
        u8, 8, u8, 8: multiples("u8/8 u8/8", &[(16, 16)]);
        u8, 4, u8, 1: every("u8/4 u8/1", &[(10, 11)], 8);
        i8, 3, u16, 2: every("i8/3 u16/2", &[(10, 10)], 24);
        u16, 5, u8, 4: every("u16/5 u8/4", &[(10, 12)], 16);
        u16, 12, u16, 16: every("u16/12 u16/16", &[(10, 12)], 40);
        u8, 4, u8, 1: every("u8/4 u8/1", &[(6, 7), (5, 5)], 0);
        u32, 20, u32, 32: every("u32/20 u32/32", &[(6, 7), (5, 5)], 48);
        u8, 1, u8, 1: every("u8/1 u8/1", &[(3, 3), (3, 3), (3, 3), (3, 3)], 0);
    }
}

/// All searches, of minutes or of hours.
fn tasks(long: bool) -> Vec<Task> {
    if long {
        long_ones()
    } else {
        short()
    }
}

/// Prints each search with its number, and how many states it has to reach.
pub(crate) fn list(long: bool) {
    for (number, task) in tasks(long).iter().enumerate() {
        let states = (task.count)(&task.setup);
        println!(
            "{:2}  {states:12} states: {}",
            number + 1,
            task.setup.title()
        );
    }
}

/// Runs the searches, or `only` those of these numbers.
///
/// # Errors
///
/// One of them found a fault, or did not come to its end; or there is none of such a number.
pub(crate) fn run(long: bool, only: &[usize]) -> Result<()> {
    let all = tasks(long);
    let unknown = only
        .iter()
        .find(|&&number| number == 0 || number > all.len());
    if let Some(unknown) = unknown {
        bail!(
            "--only {unknown}: the searches are numbered from 1 to {}",
            all.len()
        );
    }
    let tasks: Vec<&Task> = all
        .iter()
        .enumerate()
        .filter(|(index, _)| only.is_empty() || only.contains(&(index + 1)))
        .map(|(_, task)| task)
        .collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Ok(())));
    let (bars, stop) = (MultiProgress::new(), AtomicBool::new(false));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let done = task.run(&bars, &stop);
                    // What ends another search is not to hide the first one's fault.
                    if !stop.load(Ordering::Relaxed) && done.is_err() {
                        stop.store(true, Ordering::Relaxed);
                        *failed.lock().expect("no thread panics") = done;
                    }
                }
            });
        }
    });
    failed.into_inner().expect("no thread panics")
}

impl Task {
    fn run(&self, bars: &MultiProgress, stop: &AtomicBool) -> Result<()> {
        let bar = bars.add(ProgressBar::no_length().with_style(style()?));
        let watch = Watch {
            bar: bar.clone(),
            stop,
        };
        bar.set_prefix(self.setup.title());
        bar.enable_steady_tick(core::time::Duration::from_millis(500));
        let line = (self.run)(&self.setup, &watch).with_context(|| self.setup.title());
        bar.finish_and_clear();
        let line = line?;
        bars.suspend(|| println!("{line}"));
        Ok(())
    }
}

/// How a search shows its progress.
fn style() -> Result<ProgressStyle> {
    Ok(ProgressStyle::with_template(
        "{bar:20} {human_pos} of {human_len} states, {msg}, {eta} left: {prefix}",
    )?)
}

/// How many states there are to reach.
fn count<H: Subject>(setup: &Setup) -> u64 {
    states(&setup.for_largest_block(H::LARGEST_BLOCK), H::SLLEN)
}

/// Searches, and sees to it that nothing is missing; a line for people.
fn search<H: Subject>(setup: &Setup, watch: &Watch<'_>) -> Result<String> {
    let start = Instant::now();
    let counted = count::<H>(setup);
    let setup = &setup.for_largest_block(H::LARGEST_BLOCK);
    watch.bar.set_length(counted);
    ensure!(counted <= LIMIT, "{counted} states are too many");
    let Found {
        states,
        edges,
        depth,
        most_blocks,
        tightness,
    } = Search::<H>::run(setup, counted, watch)?;
    ensure!(
        states as u64 == counted,
        "{states} states were reached, but there are {counted}"
    );
    Ok(format!(
        "{}: {states} states (all there are), {edges} edges, depth {depth}, up to {most_blocks} blocks, \
         {:.1} s\n  {}",
        setup.title(),
        start.elapsed().as_secs_f64(),
        tightness.report::<H>(),
    ))
}
