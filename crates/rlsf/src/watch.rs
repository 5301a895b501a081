//! What tools that watch a program are told of its heaps' memory: which bytes are the
//! program's at the moment. All of this is empty without the features `asan`,
//! `msan`, `valgrind` and `fill`.
//!
//! ```text
//!  | header | payload   | slack | header | free                        | header …
//!  | closed | open      | closed| closed | closed                      | closed
//! ```
//!
//! The heap's own words lie in closed memory; the doors of `block` read and write them
//! unseen by the tools: [`read`] and [`write`].

#[cfg(feature = "asan")]
mod asan;
#[cfg(feature = "fill")]
mod fill;
#[cfg(feature = "msan")]
mod msan;
#[cfg(feature = "valgrind")]
mod valgrind;
#[cfg(any(feature = "asan", feature = "msan"))]
mod weak;

#[cfg(feature = "fill")]
pub use fill::{set_fills, Fills};

use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Whether anything is told of a block's size.
pub(crate) const ON: bool = cfg!(any(
    feature = "asan",
    feature = "msan",
    feature = "valgrind"
));

#[cfg(all(
    any(feature = "asan", feature = "msan", feature = "valgrind"),
    not(all(target_arch = "x86_64", target_os = "linux"))
))]
compile_error!("the features `asan`, `msan` and `valgrind` are for Linux on x86-64");

/// Reads a word of the heap's own.
///
/// # Safety
///
/// As for `pointer::read`.
#[inline(always)]
pub(crate) unsafe fn read<T: Copy>(place: *const T) -> T {
    #[cfg(feature = "valgrind")]
    let _quiet = valgrind::Quiet::new();
    #[cfg(feature = "asan")]
    // SAFETY: the caller's promise.
    return unsafe { asan::read(place) };
    #[cfg(not(feature = "asan"))]
    // SAFETY: the caller's promise.
    unsafe {
        place.read()
    }
}

/// Reads a word whose first bytes may be the program's, who need not have written them.
///
/// # Safety
///
/// As for `pointer::read_volatile`.
#[inline(always)]
pub(crate) unsafe fn read_volatile(place: *const usize) -> usize {
    #[cfg(feature = "valgrind")]
    // SAFETY: the caller's promise.
    return unsafe { valgrind::read_bytes(place) };
    #[cfg(all(feature = "asan", not(feature = "valgrind")))]
    // SAFETY: the caller's promise.
    return unsafe { asan::read(place) };
    #[cfg(not(any(feature = "asan", feature = "valgrind")))]
    // SAFETY: the caller's promise.
    unsafe {
        place.read_volatile()
    }
}

/// Reads two bytes of a slab's block that may be the program's, who need not have written them.
///
/// # Safety
///
/// As for `pointer::read_volatile`.
#[inline(always)]
pub(crate) unsafe fn read_short(place: *const u16) -> u16 {
    #[cfg(feature = "msan")]
    // SAFETY: the caller's promise.
    return unsafe { msan::read(place) };
    #[cfg(not(feature = "msan"))]
    // SAFETY: the caller's promise.
    unsafe {
        place.read_volatile()
    }
}

/// Writes a word of the heap's own.
///
/// # Safety
///
/// As for `pointer::write`.
#[inline(always)]
pub(crate) unsafe fn write<T: Copy>(place: *mut T, value: T) {
    #[cfg(feature = "valgrind")]
    let _quiet = valgrind::Quiet::new();
    #[cfg(feature = "asan")]
    // SAFETY: the caller's promise.
    return unsafe { asan::write(place, value) };
    #[cfg(not(feature = "asan"))]
    // SAFETY: the caller's promise.
    unsafe {
        place.write(value);
    }
}

/// Whether threads of one program share heaps that know their own lock only: those that ask
/// for a block's size without it. On bare metal the heap is behind the program's lock.
const HAS_THREADS: bool = cfg!(any(unix, windows, target_feature = "atomics"));

/// Reads a header's word while another thread may note in it what has become of the block before.
///
/// # Safety
///
/// As for `pointer::read`, but for the other thread, which uses [`write_shared`].
#[inline(always)]
pub(crate) unsafe fn read_shared(place: *const usize) -> usize {
    if !HAS_THREADS || cfg!(any(feature = "asan", feature = "valgrind")) {
        // SAFETY: the caller's promise.
        return unsafe { read(place) };
    }
    // SAFETY: the caller's promise: the word stays while its block is in use.
    let word = unsafe { &*place.cast::<AtomicUsize>() };
    word.load(Ordering::Relaxed)
}

/// Writes a header's word while another thread may read it: see [`read_shared`].
///
/// # Safety
///
/// As for `pointer::write`.
#[inline(always)]
pub(crate) unsafe fn write_shared(place: *mut usize, value: usize) {
    if !HAS_THREADS || cfg!(any(feature = "asan", feature = "valgrind")) {
        // SAFETY: the caller's promise.
        return unsafe { write(place, value) };
    }
    // SAFETY: the caller's promise.
    let word = unsafe { &*place.cast::<AtomicUsize>() };
    word.store(value, Ordering::Relaxed);
}

/// Memory has become the heap's, or has ceased to be a program's, who never had it as a block.
#[inline(always)]
pub(crate) fn close(start: *mut u8, bytes: usize) {
    #[cfg(feature = "asan")]
    asan::close(start, bytes);
    #[cfg(feature = "valgrind")]
    valgrind::close(start, bytes);
    let _ = (start, bytes);
}

/// Memory is the heap's no more.
#[inline(always)]
pub(crate) fn open(start: *mut u8, bytes: usize) {
    #[cfg(feature = "asan")]
    asan::open(start, bytes);
    #[cfg(feature = "valgrind")]
    valgrind::define(start, bytes);
    let _ = (start, bytes);
}

/// A program has got a block of `bytes`.
#[inline(always)]
pub(crate) fn allocated(payload: NonNull<u8>, bytes: usize) {
    #[cfg(feature = "asan")]
    asan::open(payload.as_ptr(), bytes);
    #[cfg(all(feature = "valgrind", feature = "fill"))]
    valgrind::define(payload.as_ptr(), bytes);
    #[cfg(feature = "fill")]
    // SAFETY: the block is new.
    unsafe {
        fill::allocated(payload, bytes);
    }
    #[cfg(feature = "msan")]
    msan::allocated(payload.as_ptr(), bytes);
    #[cfg(feature = "valgrind")]
    valgrind::allocated(payload, bytes);
    let _ = (payload, bytes);
}

/// A program has given back a block, of which `usable` bytes were its.
#[inline(always)]
pub(crate) fn freed(payload: NonNull<u8>, usable: usize) {
    #[cfg(feature = "fill")]
    // SAFETY: nobody uses the block any more.
    unsafe {
        fill::freed(payload, usable);
    }
    #[cfg(feature = "asan")]
    asan::close(payload.as_ptr(), usable);
    #[cfg(feature = "valgrind")]
    valgrind::freed(payload);
    let _ = (payload, usable);
}

/// A program's block has got another size where it stands.
#[inline(always)]
pub(crate) fn resized(payload: NonNull<u8>, old: usize, new: usize) {
    #[cfg(feature = "asan")]
    {
        asan::close(payload.as_ptr(), old);
        asan::open(payload.as_ptr(), new);
    }
    #[cfg(feature = "msan")]
    msan::allocated(payload.as_ptr().wrapping_add(old), new.saturating_sub(old));
    #[cfg(feature = "valgrind")]
    valgrind::resized(payload, old, new);
    let _ = (payload, old, new);
}

/// A program's block of `old` bytes is about to move down to `target`, which may overlap it.
#[inline(always)]
pub(crate) fn will_move(payload: NonNull<u8>, old: usize, target: NonNull<u8>) {
    #[cfg(feature = "asan")]
    asan::open(target.as_ptr(), old);
    #[cfg(feature = "valgrind")]
    valgrind::open_gap(target, payload);
    let _ = (payload, old, target);
}

/// It has moved, and has `new` bytes.
#[inline(always)]
pub(crate) fn moved(payload: NonNull<u8>, old: usize, target: NonNull<u8>, new: usize) {
    #[cfg(feature = "asan")]
    {
        asan::close(target.as_ptr(), old);
        asan::close(payload.as_ptr(), old);
        asan::open(target.as_ptr(), new);
    }
    #[cfg(feature = "valgrind")]
    valgrind::moved(payload, old, target, new);
    let _ = (payload, old, target, new);
}
