//! A block's address, and the words that lie at known distances from it.
//!
//! What stands for a block in registers and lists is the address of its payload. In
//! WebAssembly it is that of its header, the word before: an instruction there tells how
//! far behind an address a word lies, and takes three bytes more for one before it.

use crate::size::WORD;
use core::ptr::NonNull;

/// A payload's distance from its block's address.
pub(super) const ORIGIN: usize = if cfg!(all(target_arch = "wasm32", not(feature = "hardened"))) {
    WORD
} else {
    0
};

/// The offset of a block's header from its payload, wrapping.
pub(super) const HEADER: usize = 0_usize.wrapping_sub(WORD);

/// A word of a pool's memory, `offset` bytes from an address: with [`own`] the only way to it.
#[inline(always)]
#[allow(clippy::cast_ptr_alignment)] // B1: a granule's multiple, plus whole words
pub(crate) const fn word<T>(address: NonNull<u8>, offset: usize) -> *mut T {
    address.as_ptr().wrapping_add(offset).cast()
}

/// A word of a block, `offset` bytes from its payload: its header, a link, or a word of a
/// sentinel's footer.
#[inline(always)]
#[allow(clippy::cast_ptr_alignment)] // B1, as in `word`
pub(super) fn own<T>(address: NonNull<u8>, offset: usize) -> *mut T {
    if ORIGIN == 0 {
        return word(address, offset);
    }
    // SAFETY: B2: the word lies in the pool, and not before the address.
    unsafe { address.as_ptr().add(offset.wrapping_add(ORIGIN)).cast() }
}

/// The address of the block with a payload.
#[inline(always)]
pub(super) const fn place_of(payload: NonNull<u8>) -> NonNull<u8> {
    // SAFETY: B1: a block's header lies before its payload, so this is not null.
    unsafe { NonNull::new_unchecked(payload.as_ptr().wrapping_sub(ORIGIN)) }
}

/// The payload of the block of an address.
#[inline(always)]
pub(super) const fn payload_of(address: NonNull<u8>) -> NonNull<u8> {
    // SAFETY: B1: it lies in the same pool.
    let payload = unsafe { address.as_ptr().add(ORIGIN) };
    // SAFETY: and is not null.
    unsafe { NonNull::new_unchecked(payload) }
}

/// The address `bytes` on: that of the next block of the same pool, if they are a block's size.
#[inline(always)]
pub(super) fn after(address: NonNull<u8>, bytes: usize) -> NonNull<u8> {
    // SAFETY: a block ends before its pool does, so the sum does not wrap to null.
    unsafe { NonNull::new_unchecked(word(address, bytes)) }
}

/// The address `bytes` before.
///
/// # Safety
///
/// It lies in the same pool.
#[inline(always)]
pub(super) unsafe fn before(address: NonNull<u8>, bytes: usize) -> NonNull<u8> {
    // SAFETY: the caller's promise.
    unsafe { NonNull::new_unchecked(address.as_ptr().wrapping_sub(bytes)) }
}
