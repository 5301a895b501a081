//! The number under a key of `pthread`.

use super::NO_LOCK;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

/// The key plus one; zero before there is one.
static KEY: AtomicU32 = AtomicU32::new(0);

pub(in crate::lock) fn free_and_own() -> (u32, u32) {
    match own() {
        0 => (NO_LOCK, 0),
        own => (0, own),
    }
}

pub(in crate::lock) fn own() -> u32 {
    let key = KEY.load(Ordering::Acquire);
    if key == 0 {
        return 0;
    }
    // SAFETY: the key has been made, and is never deleted.
    let value = unsafe { libc::pthread_getspecific(key - 1) };
    #[allow(clippy::cast_possible_truncation)] // `store` was given 32 bits
    let own = value as usize as u32;
    own
}

pub(super) fn store(number: u32) {
    let value = ptr::null_mut::<u8>().wrapping_add(number as usize);
    // SAFETY: the key has been made; the value is a number.
    unsafe { libc::pthread_setspecific(key(), value.cast()) };
}

/// The key, made at the first call.
fn key() -> libc::pthread_key_t {
    let known = KEY.load(Ordering::Acquire);
    if known != 0 {
        return known - 1;
    }
    let mut key = 0;
    // SAFETY: writes the key; no destructor.
    let made = unsafe { libc::pthread_key_create(&mut key, None) };
    assert!(made == 0, "rlsf: no key for a thread's number is left");
    match KEY.compare_exchange(0, key + 1, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => key,
        Err(other) => {
            // SAFETY: just made, and known to nobody.
            unsafe { libc::pthread_key_delete(key) };
            other - 1
        }
    }
}
