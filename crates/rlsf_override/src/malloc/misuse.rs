//! The end of a program that hands in a pointer that is none of ours.

use super::callers;
use super::message::say;
use core::ptr::NonNull;
use rlsf::Misuse;

/// Names the pointer, and aborts, as glibc does.
#[cold]
#[inline(never)]
pub(super) fn refuse(function: &str, ptr: NonNull<u8>, misuse: Misuse) -> ! {
    say(format_args!("{function}({ptr:p}): {misuse}"));
    callers::tell(ptr, misuse);
    // SAFETY: it has no arguments.
    unsafe { libc::abort() }
}
