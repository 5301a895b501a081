//! A number that is another one in every process and at every place.
//!
//! It is to tell what we wrote from what anybody else did, by accident or without a look at our
//! memory: who reads a word of ours and knows what it stands for knows the key.

use core::ffi::c_void;
use core::mem::size_of;
use core::sync::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire},
};

/// An odd number, half of whose bits are set.
const FACTOR: usize = 0x9e37_79b9_7f4a_7c15;

/// The key; zero before there is one.
///
/// **Y1**: whoever asks for a place's number has settled the key, or has the place from somebody who
/// did.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// The number of a place: its uppermost bits depend on every bit of the key and of the address.
#[inline(always)]
pub(crate) fn of<T>(place: *const T) -> usize {
    // SAFETY: Y1: it does not change any more.
    let key = unsafe { KEY.as_ptr().read() };
    (place.addr() ^ key).wrapping_mul(FACTOR)
}

/// Chooses the key, at the first call.
#[inline(always)]
pub(crate) fn settle() {
    if KEY.load(Acquire) == 0 {
        choose();
    }
}

/// Chooses the key, unless another thread has meanwhile.
#[cold]
#[inline(never)]
fn choose() {
    let _ = KEY.compare_exchange(0, random() | 1, AcqRel, Acquire);
}

/// Random bits of the system's; without them, what the system has given the process at its start.
fn random() -> usize {
    let mut bits = 0_usize;
    let place = (&raw mut bits).cast::<c_void>();
    // SAFETY: it writes to the word.
    let got = unsafe { libc::getrandom(place, size_of::<usize>(), libc::GRND_NONBLOCK) };
    if usize::try_from(got) == Ok(size_of::<usize>()) {
        return bits;
    }
    // SAFETY: it has no other arguments.
    let given = unsafe { libc::getauxval(libc::AT_RANDOM) };
    let given =
        core::ptr::with_exposed_provenance::<[usize; 2]>(usize::try_from(given).unwrap_or(0));
    // SAFETY: null, or 16 bytes that stay.
    let given =
        unsafe { given.as_ref() }.map_or(0, |[first, second]| first ^ second.rotate_left(32));
    given ^ place.addr()
}
