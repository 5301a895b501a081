//! The shadow of `AddressSanitizer`: a byte that tells of eight whether they may be touched.

use super::weak::function;
use core::arch::asm;
use core::mem::{self, MaybeUninit};
use core::ptr;

pub(super) fn close(start: *const u8, bytes: usize) {
    if let Some(poison) = function!("__asan_poison_memory_region") {
        // SAFETY: it only writes the shadow.
        unsafe { poison(start, bytes) };
    }
}

pub(super) fn open(start: *const u8, bytes: usize) {
    if let Some(unpoison) = function!("__asan_unpoison_memory_region") {
        // SAFETY: it only writes the shadow.
        unsafe { unpoison(start, bytes) };
    }
}

/// Copies bytes by an instruction that the compiler does not know, and so does not check.
///
/// # Safety
///
/// As for `ptr::copy_nonoverlapping`.
unsafe fn copy(from: *const u8, to: *mut u8, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "rep movsb",
            inout("rcx") bytes => _,
            inout("rsi") from => _,
            inout("rdi") to => _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// As for `pointer::read`.
pub(super) unsafe fn read<T: Copy>(place: *const T) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    let to = value.as_mut_ptr().cast();
    // SAFETY: the caller's promise.
    unsafe { copy(place.cast(), to, mem::size_of::<T>()) };
    // SAFETY: copied from one.
    unsafe { value.assume_init() }
}

/// # Safety
///
/// As for `pointer::write`.
pub(super) unsafe fn write<T: Copy>(place: *mut T, value: T) {
    let from = ptr::addr_of!(value).cast();
    // SAFETY: the caller's promise.
    unsafe { copy(from, place.cast(), mem::size_of::<T>()) };
}
