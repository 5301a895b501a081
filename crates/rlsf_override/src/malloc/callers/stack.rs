//! The frames of a call.

use core::ffi::{c_int, c_void};
use core::ptr::null;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use libc::pthread_key_t;

/// How many frames are kept of a call: those of the report, and before them our own functions'.
pub(super) const DEPTH: usize = 12;

/// A call's frames, innermost first, our own functions' among them. Each is an address within the
/// instruction that calls; zero is none.
pub(super) type Stack = [usize; DEPTH];

/// A frame, as the unwinder has it.
#[repr(C)]
struct Context([u8; 0]);

/// What has the unwinder go on, and what has it end.
const ON: c_int = 0;
const END: c_int = 5;

// Of `libgcc`, which throws C++'s exceptions with them. What glibc's `backtrace` would do, load
// that library at the first call, must not be done before the C library has begun.
extern "C" {
    fn _Unwind_Backtrace(
        visit: unsafe extern "C" fn(*mut Context, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIPInfo(frame: *mut Context, is_before: *mut c_int) -> usize;
}

/// What a thread has under this key while it walks is not null.
static WALKING: AtomicU32 = AtomicU32::new(0);

/// Prepares for walking; whether it can be done.
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
    let mut walk = Walk {
        frames: [0; MOST],
        len: 0,
    };
    // SAFETY: it calls the function with this argument only.
    unsafe { _Unwind_Backtrace(Walk::<MOST>::visit, (&raw mut walk).cast()) };
    (walk.len != 0).then_some(walk.frames)
}

/// What has been walked so far.
struct Walk<const MOST: usize> {
    frames: [usize; MOST],
    len: usize,
}

impl<const MOST: usize> Walk<MOST> {
    /// Takes a frame.
    unsafe extern "C" fn visit(frame: *mut Context, walk: *mut c_void) -> c_int {
        // SAFETY: the argument that we have given.
        let walk = unsafe { &mut *walk.cast::<Self>() };
        let mut is_before = 0;
        // SAFETY: the unwinder's frame, and a number.
        let address = unsafe { _Unwind_GetIPInfo(frame, &raw mut is_before) };
        // Where a call returns to may be another line's, or another function's. Nothing has called
        // the outermost function, at zero.
        let within = address.checked_sub(usize::from(is_before == 0));
        let (Some(place), Some(within)) = (walk.frames.get_mut(walk.len), within) else {
            return END;
        };
        *place = within;
        walk.len += 1;
        if walk.len == MOST {
            END
        } else {
            ON
        }
    }
}

/// Notes whether the calling thread walks. A key of so early a time needs no memory.
fn mark(key: pthread_key_t, value: *const c_void) {
    // SAFETY: a key of ours.
    unsafe { libc::pthread_setspecific(key, value) };
}
