//! What the hardened library does besides: it says what it comes upon in free blocks, and compares the
//! sizes that programs free with.

use super::callers;
use super::heap::HEAP;
use super::message::{line, say};
use super::misuse;
use core::ptr::NonNull;
use libc::{c_void, size_t};
use rlsf::{Misuse, Report};

/// Before the heap is used.
pub(in crate::malloc) fn begin() {
    rlsf::set_misuse_handler(Some(end));
}

/// The end of a program that has written to the heap's own words.
#[cold]
fn end(report: &Report) {
    let mut report = *report;
    // A place in our own sources tells the user nothing.
    report.location = None;
    line(format_args!("{report}"));
    callers::tell(report.pointer, report.misuse);
    // SAFETY: it has no arguments.
    unsafe { libc::abort() }
}

/// Before a block is freed with the size that was asked for.
pub(in crate::malloc) fn check_size(function: &str, ptr: *mut c_void, size: size_t) {
    let Some(block) = NonNull::new(ptr.cast::<u8>()) else {
        return;
    };
    match HEAP.usable_size(block) {
        Err(misuse) => misuse::refuse(function, block, misuse),
        Ok(known) if known != size => {
            say(format_args!(
                "{function}({block:p}, {size}): the block has {known} bytes"
            ));
            callers::tell(block, Misuse::Slack);
            // SAFETY: it has no arguments.
            unsafe { libc::abort() }
        }
        Ok(_) => {}
    }
}
