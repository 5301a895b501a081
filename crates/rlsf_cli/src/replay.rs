//! The command `replay`: a trace on our heap, its figures and its picture at the peak.

use crate::allocator::span;
use crate::args::ReplayOptions;
use crate::error::Error;
use crate::heap_map::HeapMap;
use crate::outcome::Picture;
use crate::screen::Screen;
use crate::{picture, units};
use core::alloc::{GlobalAlloc, Layout};
use core::fmt::Write as _;
use core::time::Duration;
use rlsf::{GlobalTlsf, GlobalTlsfOptions};
use rlsf_trace::step::{Operation, Step};
use rlsf_trace::{file, Figures};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

/// A heap as C programs have it, whose traces these are.
#[derive(Debug)]
struct OfC;

impl GlobalTlsfOptions for OfC {
    const LEAST_ALIGN: usize = 16;
}

/// Replays the user's trace and prints what came of it.
///
/// # Errors
///
/// The file is no trace, there is not enough memory for it, or nobody reads the output.
pub(crate) fn run(options: &ReplayOptions) -> Result<(), Error> {
    let path = &options.file;
    let fault = |what: &dyn core::fmt::Display| Error::Input(format!("{}: {what}", path.display()));
    let trace = file::read(path).map_err(|error| fault(&error))?;
    let screen = Screen::detect(options.ascii);
    let steps = trace.steps();
    let (to_peak, after) = steps.split_at(until_peak(steps));
    let mut replay = Replay::default();
    replay.run(to_peak).map_err(|error| fault(&error))?;
    let at_peak = AtPeak::of(&replay.heap, &screen);
    replay.run(after).map_err(|error| fault(&error))?;
    replay.heap.validate().map_err(|violation| {
        Error::Run(format!(
            "the heap is broken after the last step: {violation:?}"
        ))
    })?;
    let mut text = report(path, &trace.figures(), &at_peak, replay.time);
    if !options.no_picture {
        text += &picture::legend(&screen);
        text += &picture::one("at the peak", &at_peak.picture, &screen);
    }
    let mut output = io::stdout();
    let written = output.write_all(screen.fit(&text).as_bytes());
    written.map_err(|error| Error::of_output(&error))
}

/// The number of steps after which the most bytes are live, for the first time.
fn until_peak(steps: &[Step]) -> usize {
    let mut sizes = Vec::new();
    let (mut live, mut peak, mut at) = (0, 0, 0);
    for (index, step) in steps.iter().enumerate() {
        match step.operation {
            Operation::Allocate { size, .. } => {
                sizes.push(size);
                live += size;
            }
            Operation::Free { id } => live -= sizes[id as usize],
            Operation::Resize { id, size } => {
                let old = core::mem::replace(&mut sizes[id as usize], size);
                live = live - old + size;
            }
        }
        if live > peak {
            (peak, at) = (live, index + 1);
        }
    }
    at
}

/// A heap, the blocks that live in it, and how long it took.
struct Replay {
    heap: GlobalTlsf<OfC>,
    /// Every block that ever was.
    blocks: Vec<(*mut u8, Layout)>,
    time: Duration,
}

impl Default for Replay {
    fn default() -> Self {
        Self {
            heap: GlobalTlsf::new(),
            blocks: Vec::new(),
            time: Duration::ZERO,
        }
    }
}

const NO_MEMORY: &str = "there is not enough memory to replay it";

impl Replay {
    fn run(&mut self, steps: &[Step]) -> Result<(), &'static str> {
        let start = Instant::now();
        let done = steps.iter().try_for_each(|step| self.step(step.operation));
        self.time += start.elapsed();
        done
    }

    fn step(&mut self, operation: Operation) -> Result<(), &'static str> {
        let block = match operation {
            Operation::Allocate { size, align } => {
                let layout = layout(size, align).ok_or(NO_MEMORY)?;
                // SAFETY: one byte at least.
                let block = unsafe { self.heap.alloc(layout) };
                self.blocks.push((block, layout));
                block
            }
            Operation::Free { id } => {
                let (block, layout) = self.blocks[id as usize];
                // SAFETY: a trace frees live blocks only.
                unsafe { self.heap.dealloc(block, layout) };
                return Ok(());
            }
            Operation::Resize { id, size } => {
                let (block, old) = self.blocks[id as usize];
                let new = layout(size, old.align() as u64).ok_or(NO_MEMORY)?;
                // SAFETY: a trace resizes live blocks only, here to one byte at least.
                let block = unsafe { self.heap.realloc(block, old, new.size()) };
                self.blocks[id as usize] = (block, new);
                block
            }
        };
        if block.is_null() {
            return Err(NO_MEMORY);
        }
        // SAFETY: a live block has a first byte.
        unsafe { block.write(1) };
        Ok(())
    }
}

/// What to ask a heap for, which serves no empty blocks.
fn layout(size: u64, align: u64) -> Option<Layout> {
    let size = usize::try_from(size.max(1)).ok()?;
    Layout::from_size_align(size, usize::try_from(align).ok()?).ok()
}

/// The heap when the most bytes were live.
struct AtPeak {
    held: u64,
    picture: Picture,
}

impl AtPeak {
    fn of(heap: &GlobalTlsf<OfC>, screen: &Screen) -> Self {
        let mut map = HeapMap::new();
        heap.for_each_block(&mut |block| map.survey(span(block)));
        map.lay_out(picture::cells(screen));
        heap.for_each_block(&mut |block| map.paint(span(block)));
        Self {
            held: heap.source_bytes() as u64,
            picture: Picture::of(&map),
        }
    }
}

fn report(path: &Path, figures: &Figures, at_peak: &AtPeak, time: Duration) -> String {
    let bytes = units::bytes;
    let used = at_peak.picture.used as u64;
    let peak = figures.peak_bytes;
    let over = units::percent(used.saturating_sub(peak), peak);
    let each = time.as_nanos() / u128::from(figures.steps().max(1));
    let each = units::nanoseconds(u64::try_from(each).unwrap_or(u64::MAX));
    let mut text = format!("{}\n", path.display());
    let lines = [
        (
            "operations",
            format!(
                "{} allocate, {} resize, {} free",
                figures.allocations, figures.resizes, figures.frees
            ),
        ),
        (
            "time",
            format!("{each} an operation, pages from the system included"),
        ),
        (
            "peak",
            format!("{} in {} blocks", bytes(peak), figures.peak_blocks),
        ),
        (
            "blocks then",
            format!("{}, {over} more than was asked for", bytes(used)),
        ),
        ("from the system", bytes(at_peak.held)),
        (
            "at the end",
            format!("{} blocks, the heap is sound", figures.left_blocks),
        ),
    ];
    for (name, value) in lines {
        // A string takes what it is given.
        let _ = writeln!(text, "  {name:<17}{value}");
    }
    text
}
