//! Who allocated a block, and who freed it: `RLSF_CALLS`.
//!
//! Every operation's stack is walked, by libgcc, and kept in two tables of a fixed size,
//! which are pages of the tracer's own. When a program is ended over a pointer, what they have of
//! it is told.
//!
//! ```text
//!   observe --> before, after --> stack    the frames of a call
//!                                 stacks   each different stack once, by its number
//!                                 blocks   of an address: size, who allocated, who freed
//!   misuse, form --> tell ------> blocks, stacks, frame
//! ```
//!
//! Nothing waits for anything: the tables are words that are read and written whole, so a child of
//! `fork` finds them sound whatever the other threads were about.

mod blocks;
mod frame;
mod stack;
mod stacks;
mod tell;

pub(super) use tell::tell;

use super::counters::Kind;
use super::message::say;
use super::observe::Call;
use blocks::Blocks;
use core::fmt;
use core::mem::size_of;
use core::ptr::{null_mut, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering::Acquire, Ordering::Release};
use stacks::{Number, Stacks};

/// All that is recorded: zero at first.
struct Tables {
    stacks: Stacks,
    blocks: Blocks,
}

/// Null while nothing is recorded.
static TABLES: AtomicPtr<Tables> = AtomicPtr::new(null_mut());

/// Where a call came from, by the number of its stack.
pub(super) type Caller = Number;

/// Why no calls are recorded.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Memory,
    Unwinder,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "there is no memory for them",
            Self::Unwinder => "libgcc walks no stack",
        })
    }
}

/// Records calls from now on if that is wanted; whether it does. Before the program has threads,
/// and before anybody looks on.
pub(super) fn begin(is_wanted: bool) -> bool {
    if !is_wanted {
        return false;
    }
    let prepared = prepare();
    if let Err(fault) = prepared {
        say(format_args!("no calls are recorded: {fault}"));
    }
    prepared.is_ok()
}

fn prepare() -> Result<(), Fault> {
    if !stack::settle() {
        return Err(Fault::Unwinder);
    }
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: new pages.
    let pages = unsafe { libc::mmap(null_mut(), size_of::<Tables>(), protection, kind, -1, 0) };
    if pages == libc::MAP_FAILED {
        return Err(Fault::Memory);
    }
    TABLES.store(pages.cast(), Release);
    Ok(())
}

fn tables() -> Option<&'static Tables> {
    // SAFETY: null or the pages, which stay as long as the process; words of zero are what
    // tables are made of.
    unsafe { TABLES.load(Acquire).as_ref() }
}

/// Before the heap acts: a block that is freed, or may be, is noted as such, as its place may be
/// another's at once.
pub(super) fn before(call: &Call) -> Caller {
    let Some(tables) = tables() else {
        return Caller::UNKNOWN;
    };
    let stack = stack::frames_of_caller();
    let caller = stack.map_or(Caller::UNKNOWN, |stack| tables.stacks.number(&stack));
    if let Some(block) = call.block {
        tables.blocks.free(block.addr().get(), caller);
    }
    caller
}

/// When the heap has acted.
pub(super) fn after(call: &Call, result: Option<NonNull<u8>>, caller: Caller) {
    let Some(tables) = tables() else { return };
    match (call.kind, call.block, result) {
        (Kind::Free | Kind::Delete, ..) | (_, None, None) => {}
        (_, _, Some(block)) => tables
            .blocks
            .allocate(block.addr().get(), call.size, caller),
        // It could not be resized, and is what it was.
        (_, Some(block), None) => tables.blocks.keep(block.addr().get()),
    }
}
