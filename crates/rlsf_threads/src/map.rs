//! Which addresses lie in a segment: a bit for each place where one may be.
//!
//! Programs that free without a layout ask here, for one load of a line that stays in the cache.
//! The table is as large as the address space asks for, but its pages come to be only where
//! segments are.

use crate::segment::STEP;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The bits of an address of a process.
const ADDRESS_BITS: u32 = if usize::BITS > 32 { 48 } else { 32 };

const WORDS: usize = (1 << (ADDRESS_BITS - STEP.trailing_zeros())) / usize::BITS as usize;

static MAP: [AtomicUsize; WORDS] = [const { AtomicUsize::new(0) }; WORDS];

/// The word and the bit of an address. An address that no process has gets some other's.
#[inline(always)]
fn place(address: *mut u8) -> (&'static AtomicUsize, usize) {
    let number = address as usize / STEP;
    let bit = 1 << (number % usize::BITS as usize);
    (&MAP[number / usize::BITS as usize % WORDS], bit)
}

/// Whether an address lies in a segment.
#[inline(always)]
pub(crate) fn has(address: NonNull<u8>) -> bool {
    let (word, bit) = place(address.as_ptr());
    word.load(Ordering::Relaxed) & bit != 0
}

/// Notes that a segment begins at an address.
pub(crate) fn add(segment: NonNull<u8>) {
    let (word, bit) = place(segment.as_ptr());
    word.fetch_or(bit, Ordering::Relaxed);
}

/// Notes that a segment is one no more.
pub(crate) fn remove(segment: NonNull<u8>) {
    let (word, bit) = place(segment.as_ptr());
    word.fetch_and(!bit, Ordering::Relaxed);
}
