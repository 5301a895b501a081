//! `MemorySanitizer`'s shadow: a bit for each that nobody has written.

use super::weak::function;

/// The bytes are a program's, who has not written them yet.
pub(super) fn allocated(start: *const u8, bytes: usize) {
    if let Some(forget) = function!("__msan_allocated_memory") {
        // SAFETY: it only writes the shadow.
        unsafe { forget(start, bytes) };
    }
}
