//! What is told of the calls behind a misuse.

use super::super::message::line;
use super::blocks::{Known, STRIDE};
use super::frame::Frame;
use super::stack::frames_of_caller;
use super::{tables, Tables};
use core::ffi::{c_int, c_uint};
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr::{null_mut, NonNull};
use libc::sighandler_t;
use rlsf::Misuse;

/// How many frames are told of a stack.
const FRAMES: usize = 8;

/// How many frames are walked of who calls: what meets a misuse may lie deep in the heap.
const CALLING: usize = 32;

/// How far before a pointer the start of the block is searched for in which it lies, in bytes.
const REACH: usize = 1 << 20;

/// How far behind a block a pointer is still told to be so, in bytes.
const NEAR: usize = 1 << 12;

/// How long the loader may take to tell names, in seconds.
const PATIENCE: c_uint = 5;

/// Tells who calls, and who has allocated, and freed, the block at the pointer or the one in
/// which or behind which it lies. The program ends then, and does so within a time: the loader,
/// which is asked for names, has a lock, whose holder may wait for us.
#[cold]
pub(in crate::malloc) fn tell(ptr: NonNull<u8>, misuse: Misuse) {
    let Some(tables) = tables() else { return };
    set_alarm();
    tell_of(tables, ptr, misuse);
    // SAFETY: it has no other argument than a time.
    unsafe { libc::alarm(0) };
}

/// Has the program end when the loader has had its time, also if it keeps the signal out.
fn set_alarm() {
    let mut signals = MaybeUninit::zeroed();
    // SAFETY: a set of signals.
    unsafe { libc::sigemptyset(signals.as_mut_ptr()) };
    // SAFETY: as above, and it is a signal.
    unsafe { libc::sigaddset(signals.as_mut_ptr(), libc::SIGALRM) };
    // SAFETY: a function that may be called whatever the program is about.
    unsafe { libc::signal(libc::SIGALRM, give_up as *const () as sighandler_t) };
    // SAFETY: the set has been made.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, signals.as_ptr(), null_mut()) };
    // SAFETY: it has no other argument than a time.
    unsafe { libc::alarm(PATIENCE) };
}

extern "C" fn give_up(_signal: c_int) {
    // SAFETY: it has no arguments.
    unsafe { libc::abort() }
}

fn tell_of(tables: &Tables, ptr: NonNull<u8>, misuse: Misuse) {
    say_stack("called by", frames_of_caller::<CALLING>());
    let address = ptr.addr().get();
    let Some((known, distance)) = find(tables, address, misuse) else {
        return line(format_args!("  no block is recorded there"));
    };
    line(format_args!("  {}", Place(address, distance, known.size)));
    say_stack("allocated by", tables.stacks.stack(known.allocated));
    // Of any other block, this very call is noted as the one that frees it.
    if let (Misuse::Free | Misuse::Links, Some(freed)) = (misuse, known.freed) {
        say_stack("freed by", tables.stacks.stack(freed));
    }
}

/// The block that a pointer means, and how many bytes it begins before it. What begins at the
/// pointer may have been freed, and its memory be another's; only then would it be no block's.
fn find(tables: &Tables, address: usize, misuse: Misuse) -> Option<(Known, usize)> {
    let exact = tables.blocks.known(address).map(|known| (known, 0));
    let around = || around(tables, address);
    let inside = || around().filter(|(known, distance)| *distance < known.size);
    match misuse {
        Misuse::Foreign | Misuse::Misaligned | Misuse::Header => inside().or(exact),
        _ => exact,
    }
    .or_else(around)
}

/// The block in use that begins last before an address, or at it.
fn around(tables: &Tables, address: usize) -> Option<(Known, usize)> {
    let mut distances = (address % STRIDE..REACH).step_by(STRIDE);
    let (known, distance) = distances.find_map(|distance| {
        let known = tables.blocks.known(address.checked_sub(distance)?)?;
        (known.freed.is_none()).then_some((known, distance))
    })?;
    (distance < known.size.saturating_add(NEAR)).then_some((known, distance))
}

/// Where an address lies: so many bytes behind the start of a block of this size.
struct Place(usize, usize, usize);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Self(address, distance, size) = self;
        match distance {
            0 => {}
            _ if distance < size => write!(f, "at offset {distance} in ")?,
            _ => write!(f, "at offset {distance}, behind the end of ")?,
        }
        write!(f, "the block of {size} bytes at {:#x}", address - distance)
    }
}

/// Tells a stack, a line a frame: each is seen whatever comes of the next.
fn say_stack<const MOST: usize>(what: &str, stack: Option<[usize; MOST]>) {
    let Some(stack) = stack else {
        return line(format_args!("  {what}: not recorded"));
    };
    let frames = stack.into_iter().take_while(|&address| address != 0);
    let frames = frames.map(Frame::at).skip_while(is_ours).take(FRAMES);
    let mut title = format_args!("  {what}: ");
    for frame in frames {
        line(format_args!("{title}{frame}"));
        title = format_args!("    ");
    }
}

/// Whether a frame is one of our functions'. Where we are a part of the program, nobody can tell.
fn is_ours(frame: &Frame) -> bool {
    let ours = Frame::at(tell as *const () as usize);
    // SAFETY: it reads a constant of the process.
    let entry = unsafe { libc::getauxval(libc::AT_ENTRY) };
    let program = usize::try_from(entry).map(Frame::at);
    frame.is_beside(&ours) && !program.is_ok_and(|program| program.is_beside(&ours))
}
