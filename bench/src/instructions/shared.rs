//! A random run on heaps that threads share: one thread is counted, another one frees some of its
//! blocks, and hands it some that it frees.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use core::ptr::NonNull;
use core::time::Duration;
use std::alloc::System;
use std::process;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;

use nix::errno::Errno;
use rlsf::GlobalTlsf;
use rlsf_stepper::{announce, trace, Outcome, Sample};
use rlsf_threads::ThreadedTlsf;

use crate::mix::{Alignments, Mix, Sizes};
use crate::rng::Rng;
use rlsf_bench_report::{Cell, Table};

use super::median_and_most;

/// How long one heap may take.
const LIMIT: Duration = Duration::from_mins(4);

/// The bytes that each heap is given in advance, if it takes them.
const RESERVE: usize = 64 << 20;

/// The number of blocks that live at once, at the most.
const SLOTS: usize = 400;

/// Every so many operations a block comes from the other thread, and one goes there.
const EVERY: usize = 8;

static THREADED: ThreadedTlsf = ThreadedTlsf::new();
static GLOBAL: GlobalTlsf = GlobalTlsf::new();

/// Calls of the C library's, with a check of each pointer: plain, and hardened.
macro_rules! checked {
    ($name:ident, $threads:ident) => {
        struct $name;

        // SAFETY: the heap's, of the layout's size and alignment at the least.
        unsafe impl GlobalAlloc for $name {
            #[inline(always)]
            unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
                let block = $threads::ThreadedTlsf::new().allocate_checked(layout);
                block.map_or(ptr::null_mut(), NonNull::as_ptr)
            }

            #[inline(always)]
            unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
                let Some(block) = NonNull::new(block) else {
                    return;
                };
                // SAFETY: the caller's promise.
                if unsafe { $threads::ThreadedTlsf::new().deallocate_checked(block) }.is_err() {
                    process::abort();
                }
            }
        }
    };
}

checked!(Checked, rlsf_threads);
checked!(Hardened, rlsf_threads_hardened);

const MIX: Mix = Mix {
    name: "8 B-32 KiB",
    sizes: Sizes::LogUniform(8, 32 << 10),
    alignments: Alignments::Over(2),
};

/// What is small in the table, and what slabs of ours serve: up to so many bytes at such alignments.
const SMALL: [(usize, usize); 2] = [(2032, 16), (1024, 128)];

/// What is done with a block, as the announcement tells; of a larger one `LARGER` is added.
const ALLOCATE: u32 = 0;
const FREE: u32 = 1;
const FREE_FOREIGN: u32 = 2;
const LARGER: u32 = 4;

/// The kinds of operation that are announced, with their names in the table.
const KINDS: [(&str, u32); 6] = [
    ("allocate", ALLOCATE),
    ("free", FREE),
    ("free another's", FREE_FOREIGN),
    ("allocate larger", ALLOCATE + LARGER),
    ("free larger", FREE + LARGER),
    ("free another's larger", FREE_FOREIGN + LARGER),
];

/// The tag of an operation on a block of a layout.
fn tag(kind: u32, layout: Layout) -> u32 {
    let is_small = |&(bytes, align)| layout.size() <= bytes && layout.align() <= align;
    kind + if SMALL.iter().any(is_small) {
        0
    } else {
        LARGER
    }
}

/// A heap of the process.
struct Shared {
    name: &'static str,
    heap: &'static (dyn GlobalAlloc + Sync),
    allocate: fn(usize, usize) -> *mut u8,
    deallocate: fn(*mut u8, usize, usize),
    reserve: fn() -> bool,
}

/// Functions of its own for a heap, never inlined.
macro_rules! shared {
    ($name:expr, $heap:expr, $reserve:expr) => {{
        #[inline(never)]
        fn allocate(size: usize, align: usize) -> *mut u8 {
            // SAFETY: size and alignment are those of a layout that is not empty.
            let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
            // SAFETY: as above.
            unsafe { $heap.alloc(layout) }
        }
        #[inline(never)]
        fn deallocate(block: *mut u8, size: usize, align: usize) {
            // SAFETY: size and alignment are those of a layout.
            let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
            // SAFETY: a block in use that nobody uses any more.
            unsafe { $heap.dealloc(block, layout) };
        }
        Shared {
            name: $name,
            heap: &$heap,
            allocate,
            deallocate,
            reserve: $reserve,
        }
    }};
}

/// A block on its way from thread to thread.
struct Block(NonNull<u8>, Layout);

// SAFETY: a block is its owner's alone.
unsafe impl Send for Block {}

/// The table.
pub(super) fn count(operations: usize, seed: u64) -> Result<Table, Errno> {
    let heaps = [
        shared!("rlsf ThreadedTlsf", THREADED, || {
            THREADED.reserve(RESERVE).is_ok()
        }),
        shared!("rlsf GlobalTlsf", GLOBAL, || GLOBAL
            .reserve(RESERVE)
            .is_ok()),
        shared!("rlsf checked", Checked, || {
            THREADED.reserve(RESERVE).is_ok()
        }),
        shared!("rlsf hardened", Hardened, || {
            rlsf_threads_hardened::ThreadedTlsf::new()
                .reserve(RESERVE)
                .is_ok()
        }),
        shared!("glibc", System, || true),
    ];
    let title = "heaps that threads share, after a reserve: instructions, median (maximum); larger are blocks above 2032 bytes, at more than 16 above 1 KiB, or at more than 128";
    let mut table = Table::new("shared", title, KINDS.map(|(name, _)| name));
    for heap in &heaps {
        let functions = [
            (heap.allocate as *const ()).addr(),
            (heap.deallocate as *const ()).addr(),
        ];
        let trace = trace(&functions, LIMIT, || operate(heap, operations, seed))?;
        if trace.outcome != Outcome::Finished {
            let note = format!("{}: only {} operations", heap.name, trace.samples.len());
            table.notes.push(note);
        }
        let cells = KINDS.map(|(_, tag)| of_kind(&trace.samples, tag));
        table.push(heap.name, cells.to_vec());
    }
    Ok(table)
}

/// The run.
fn operate(heap: &Shared, operations: usize, seed: u64) -> Option<()> {
    if !(heap.reserve)() {
        return None;
    }
    let (to_it, from_it) = exchange(heap.heap, operations / EVERY, seed);
    let mut rng = Rng::new(seed);
    let mut slots: Vec<Option<(Block, bool)>> = (0..SLOTS).map(|_| None).collect();
    for turn in 0..operations {
        let slot = &mut slots[rng.below(SLOTS)];
        match slot.take() {
            Some((block, false)) if turn % EVERY == 0 => to_it.send(block).ok()?,
            Some((block, is_foreign)) => {
                announce(tag(if is_foreign { FREE_FOREIGN } else { FREE }, block.1));
                (heap.deallocate)(block.0.as_ptr(), block.1.size(), block.1.align());
            }
            None if turn % EVERY == 1 => *slot = Some((from_it.recv().ok()?, true)),
            None => *slot = Some((allocate(heap, MIX.draw(&mut rng))?, false)),
        }
    }
    Some(())
}

fn allocate(heap: &Shared, layout: Layout) -> Option<Block> {
    announce(tag(ALLOCATE, layout));
    let block = NonNull::new((heap.allocate)(layout.size(), layout.align()))?;
    Some(Block(block, layout))
}

/// Another thread: it frees what is sent to it, and before makes blocks that can be received.
fn exchange(
    heap: &'static (dyn GlobalAlloc + Sync),
    blocks: usize,
    seed: u64,
) -> (Sender<Block>, Receiver<Block>) {
    let (to_it, its) = channel::<Block>();
    let (from_it, ours) = channel();
    thread::spawn(move || {
        let mut rng = Rng::new(!seed);
        for _ in 0..blocks {
            let layout = MIX.draw(&mut rng);
            // SAFETY: not empty.
            let block = NonNull::new(unsafe { heap.alloc(layout) });
            let Some(block) = block else { return };
            if from_it.send(Block(block, layout)).is_err() {
                return;
            }
        }
        for Block(block, layout) in its {
            // SAFETY: the other thread has sent it.
            unsafe { heap.dealloc(block.as_ptr(), layout) };
        }
    });
    (to_it, ours)
}

/// The counts of one kind of operation.
fn of_kind(samples: &[Sample], tag: u32) -> Cell {
    let of_it = samples.iter().filter(|sample| sample.tag == tag);
    median_and_most(of_it.map(|sample| sample.instructions).collect())
}
