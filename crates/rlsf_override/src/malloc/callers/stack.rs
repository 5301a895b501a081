//! The frames of a call.

use core::ffi::{c_int, c_void};
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use libc::pthread_key_t;

/// How many frames are kept of a call: those of the report, and before them our own functions'.
pub(super) const DEPTH: usize = 12;

/// A call's frames, innermost first, our own functions' among them. Each is an address within the
/// instruction that calls; zero is none.
pub(super) type Stack = [usize; DEPTH];

/// What a thread has under this key while it walks is not null.
static WALKING: AtomicU32 = AtomicU32::new(0);

/// Has the C library load what it walks with; whether it can.
pub(super) fn settle() -> bool {
    let mut key: pthread_key_t = 0;
    // SAFETY: it writes the key.
    if unsafe { libc::pthread_key_create(&raw mut key, None) } != 0 {
        return false;
    }
    WALKING.store(key, Relaxed);
    frames_of_caller::<DEPTH>().is_some()
}

/// The frames of whoever calls. `None` if there are none to be had, or if it is the walk itself
/// that calls.
pub(super) fn frames_of_caller<const MOST: usize>() -> Option<[usize; MOST]> {
    let key = WALKING.load(Relaxed);
    // SAFETY: a key of ours.
    if !unsafe { libc::pthread_getspecific(key) }.is_null() {
        return None;
    }
    mark(key, (&raw const WALKING).cast());
    let frames = walk();
    mark(key, null());
    frames
}

fn walk<const MOST: usize>() -> Option<[usize; MOST]> {
    let mut found = [null_mut::<c_void>(); MOST];
    let most = c_int::try_from(MOST).ok()?;
    // SAFETY: it writes at most so many.
    let count = unsafe { libc::backtrace(found.as_mut_ptr(), most) };
    let count = usize::try_from(count).ok().filter(|&count| count != 0)?;
    let mut frames = [0; MOST];
    for (place, frame) in frames.iter_mut().zip(&found[..count]) {
        // Where a call returns to may be another line's, or another function's.
        *place = frame.addr().wrapping_sub(1);
    }
    Some(frames)
}

/// Notes whether the calling thread walks. A key of so early a time needs no memory.
fn mark(key: pthread_key_t, value: *const c_void) {
    // SAFETY: a key of ours.
    unsafe { libc::pthread_setspecific(key, value) };
}
