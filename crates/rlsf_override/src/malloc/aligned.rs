//! `posix_memalign(3)`: the functions that are told an alignment.

use super::counters::Kind;
use super::errno::{self, invalid, no_memory};
use super::heap::allocate;
use super::plain::or_no_memory;
use core::mem::size_of;
use libc::{c_int, c_void, size_t};

fn aligned(size: usize, align: usize) -> *mut c_void {
    or_no_memory(allocate(Kind::Aligned, size, align))
}

/// The size of a page in bytes.
fn page() -> usize {
    // SAFETY: it reads a constant of the system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(1 << 16)
}

/// Allocates at a multiple of `alignment`, a power of two (`EINVAL` otherwise).
#[no_mangle]
pub(crate) extern "C" fn aligned_alloc(alignment: size_t, size: size_t) -> *mut c_void {
    if !alignment.is_power_of_two() {
        return invalid();
    }
    aligned(size, alignment)
}

/// Allocates at a multiple of `alignment`, which is rounded up to a power of two, as in glibc.
#[no_mangle]
pub(crate) extern "C" fn memalign(alignment: size_t, size: size_t) -> *mut c_void {
    match alignment.checked_next_power_of_two() {
        Some(alignment) => aligned(size, alignment),
        None => invalid(),
    }
}

/// Stores the address of a block at `place`, and returns zero or the error's number. A failure
/// touches neither `place` nor `errno`.
///
/// # Safety
///
/// `place` is a pointer's.
#[no_mangle]
pub(crate) unsafe extern "C" fn posix_memalign(
    place: *mut *mut c_void,
    alignment: size_t,
    size: size_t,
) -> c_int {
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<*mut c_void>()) {
        return libc::EINVAL;
    }
    let kept = errno::get();
    if let Some(block) = allocate(Kind::Aligned, size, alignment) {
        // SAFETY: the caller's promise.
        unsafe { place.write(block.as_ptr().cast()) };
        return 0;
    }
    errno::set(kept);
    libc::ENOMEM
}

/// Allocates at the start of a page.
#[no_mangle]
pub(crate) extern "C" fn valloc(size: size_t) -> *mut c_void {
    aligned(size, page())
}

/// Allocates whole pages.
#[no_mangle]
pub(crate) extern "C" fn pvalloc(size: size_t) -> *mut c_void {
    match size.checked_next_multiple_of(page()) {
        Some(size) => aligned(size, page()),
        None => no_memory(),
    }
}
