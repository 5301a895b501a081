//! `MemorySanitizer`'s shadow: a bit for each that nobody has written.

use super::weak::function;
use core::arch::asm;

/// The bytes are a program's, who has not written them yet.
pub(super) fn allocated(start: *const u8, bytes: usize) {
    if let Some(forget) = function!("__msan_allocated_memory") {
        // SAFETY: it only writes the shadow.
        unsafe { forget(start, bytes) };
    }
}

/// Reads by an instruction that the compiler does not know, and so takes what it reads for written.
///
/// # Safety
///
/// As for `pointer::read`.
pub(super) unsafe fn read(place: *const u16) -> u16 {
    let value: u16;
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "mov {:x}, word ptr [{}]",
            out(reg) value,
            in(reg) place,
            options(nostack, readonly, preserves_flags),
        );
    }
    value
}
