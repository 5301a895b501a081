//! The heap of the process: what every function of the family comes down to.
//!
//! `threaded` is a heap a thread, `global` one heap behind a lock, where the other is not
//! available.

pub(super) mod calls;
mod figures;
#[cfg_attr(
    all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64"
    ),
    path = "threaded.rs"
)]
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64"
    )),
    path = "global.rs"
)]
mod process;

pub(super) use figures::Figures;
use process::ProcessHeap;

use super::counters::Kind;
use super::start::{start, Constructor};
use super::{observe, report};
use core::ptr::NonNull;
use libc::c_void;

/// The heap of the process.
pub(super) static HEAP: ProcessHeap = ProcessHeap::new();

// They stand beside the heap because a linker takes the member of an archive that it needs,
// and everything needs the heap.
#[used]
#[link_section = ".init_array"]
static CONSTRUCTOR: Constructor = start;

#[used]
#[link_section = ".fini_array"]
static DESTRUCTOR: extern "C" fn() = report::at_exit;

/// The alignment to ask for where `max_align_t`'s will do, which every block has.
pub(super) const ANY: usize = 1;

/// Allocates `size` bytes at a multiple of `align`. `None` without memory for them, or if
/// `align` is no power of two.
#[inline(always)]
pub(super) fn allocate(kind: Kind, size: usize, align: usize) -> Option<NonNull<u8>> {
    if observe::is_on() {
        return observe::allocate(kind, size, align);
    }
    calls::allocate(size, align)
}

/// Allocates `size` bytes that are zero.
#[inline(always)]
pub(super) fn allocate_zeroed(size: usize) -> Option<NonNull<u8>> {
    if observe::is_on() {
        return observe::allocate_zeroed(size);
    }
    calls::allocate_zeroed(size)
}

/// Resizes a block. A pointer that is none ends the program.
///
/// # Safety
///
/// If there is a block, nobody else uses it.
#[inline(always)]
pub(super) unsafe fn resize(block: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
    if observe::is_on() {
        // SAFETY: the caller's promise.
        return unsafe { observe::resize(block, size) };
    }
    // SAFETY: the caller's promise.
    unsafe { calls::resize(block, size) }
}

/// Frees a block, or nothing at a null pointer. Any other pointer ends the program.
///
/// # Safety
///
/// If there is a block, nobody uses it any more.
#[inline(always)]
pub(super) unsafe fn release(kind: Kind, ptr: *mut c_void) {
    let Some(block) = NonNull::new(ptr.cast::<u8>()) else {
        return;
    };
    if observe::is_on() {
        // SAFETY: the caller's promise.
        return unsafe { observe::release(kind, block) };
    }
    // SAFETY: the caller's promise.
    unsafe { calls::release(block) };
}
