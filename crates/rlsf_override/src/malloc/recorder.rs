//! Recording: every operation of the process as an event in a file.
//!
//! Events are written through a mapping of the file, so that none is lost however the process
//! ends, and no file descriptor stays open for the program to close. Their layout, and why they
//! hold bare addresses, is told in `rlsf_recording`.
//!
//! One process records: the first that claims the file. A child has another page in place of its
//! parent's [`Recorder::mark`], which tells it to be silent; a program that takes a process over
//! (`exec`) starts the recording anew.

mod file;

use super::counters::Kind;
use super::errno;
use super::message::say;
use super::observe::Call;
use super::settings::recording;
use core::cell::UnsafeCell;
use core::mem::align_of;
use core::ptr::{null_mut, NonNull};
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicBool, AtomicPtr};
use file::{Fault, Window};
use libc::max_align_t;
use rlsf_recording::{Event, ALLOCATED, FREEING, KIND_BITS, RESIZED, RESIZING};

/// The recorder of the process.
struct Recorder {
    /// In a page that is zero in every child of `fork`; null if nothing is recorded.
    mark: AtomicPtr<AtomicBool>,
    /// Held while an event is written: the order in the file is the order of the holders.
    lock: AtomicBool,
    /// Where events go. Who holds the lock has it.
    window: UnsafeCell<Window>,
}

// SAFETY: only who holds the lock touches the window.
unsafe impl Sync for Recorder {}

static RECORDER: Recorder = Recorder {
    mark: AtomicPtr::new(null_mut()),
    lock: AtomicBool::new(false),
    window: UnsafeCell::new(Window::NONE),
};

/// Starts recording if the settings name a file; whether it does. Before the program has
/// threads.
pub(super) fn begin() -> bool {
    if recording().is_empty() {
        return false;
    }
    let opened = Window::claim(recording());
    let window = match opened {
        Ok(Some(window)) => window,
        Ok(None) => return false,
        Err(fault) => {
            refuse(fault);
            return false;
        }
    };
    let Some(mark) = file::page_of_this_process() else {
        refuse(Fault::Mapping(errno::get()));
        return false;
    };
    // SAFETY: no other thread runs, and nobody records yet.
    unsafe { *RECORDER.window.get() = window };
    let mark = mark.cast::<AtomicBool>();
    // SAFETY: a page of our own.
    unsafe { mark.as_ref() }.store(true, Relaxed);
    RECORDER.mark.store(mark.as_ptr(), Release);
    true
}

/// Writes what has to be written before the heap acts: when a block's place may be another's at
/// once.
pub(super) fn before(call: &Call) {
    let Some(block) = call.block else { return };
    let kind = match call.kind {
        Kind::Realloc => RESIZING,
        _ => FREEING,
    };
    RECORDER.write(kind, block.addr().get(), 0);
}

/// Writes what is known when the heap has acted.
pub(super) fn after(call: &Call, result: Option<NonNull<u8>>) {
    let address = result.map_or(0, |block| block.addr().get());
    match (call.kind, call.block, result) {
        (Kind::Realloc, ..) => RECORDER.write(RESIZED, address, call.size),
        (_, None, Some(_)) => {
            let align = call.align.max(align_of::<max_align_t>());
            let kind = ALLOCATED | u64::from(align.trailing_zeros()) << KIND_BITS;
            RECORDER.write(kind, address, call.size);
        }
        _ => {}
    }
}

/// Says why nothing is recorded any more.
#[cold]
fn refuse(fault: Fault) {
    let path = recording().to_bytes().escape_ascii();
    say(format_args!("recording to {path} stops: {fault}"));
}

impl Recorder {
    /// Whether this process records.
    fn is_on(&self) -> bool {
        let mark = NonNull::new(self.mark.load(Acquire));
        // SAFETY: the page stays as long as the process.
        mark.is_some_and(|mark| unsafe { mark.as_ref() }.load(Relaxed))
    }

    fn write(&self, kind: u64, address: usize, size: usize) {
        if !self.is_on() {
            return;
        }
        let event = Event {
            kind,
            thread: thread(),
            address: address as u64,
            size: size as u64,
        };
        self.acquire();
        // SAFETY: we hold the lock.
        let window = unsafe { &mut *self.window.get() };
        // Another thread may have stopped the recording meanwhile.
        let written = if self.is_on() {
            window.push(event)
        } else {
            Ok(())
        };
        if written.is_err() {
            self.stop();
        }
        self.lock.store(false, Release);
        if let Err(fault) = written {
            refuse(fault);
        }
    }

    /// Takes the lock. Its holders never wait for anything but the disk.
    fn acquire(&self) {
        while self.lock.swap(true, Acquire) {
            // SAFETY: it has no arguments.
            unsafe { libc::sched_yield() };
        }
    }

    fn stop(&self) {
        if let Some(mark) = NonNull::new(self.mark.load(Acquire)) {
            // SAFETY: the page stays as long as the process.
            unsafe { mark.as_ref() }.store(false, Relaxed);
        }
    }
}

/// What tells the living threads of the process apart, without a system call.
fn thread() -> u64 {
    // SAFETY: it has no arguments.
    let thread = unsafe { libc::pthread_self() };
    thread as u64
}
