//! The constant-time integrity checks of the operations that take a pointer.
//!
//! They run where debug assertions are on or the feature `hardened` is: a broken
//! header, a double free or a pointer from elsewhere ends in a panic with a
//! message before anything is written.

use crate::block::Block;
use crate::int::BinInteger;
use crate::pool::Pool;
use crate::size::{BlockSize, GRANULARITY};
use crate::Tlsf;
use core::ptr::NonNull;

/// Whether the checks are compiled in.
const ON: bool = cfg!(any(debug_assertions, feature = "hardened"));

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// The used block whose payload the caller hands in.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet. With the checks on,
    /// a breach is found if the pools have not been written to from outside.
    #[inline(always)]
    pub(crate) unsafe fn checked_block(&self, ptr: NonNull<u8>) -> Block {
        // SAFETY: the caller's promise.
        let block = unsafe { Block::from_payload(ptr) };
        if ON {
            let pool = self.pool_of(ptr);
            check_header(&block, pool);
            check_prev(&block, pool);
        }
        block
    }

    /// The pool in which the pointer lies where a payload may.
    fn pool_of(&self, ptr: NonNull<u8>) -> Pool {
        assert!(
            ptr.as_ptr() as usize % GRANULARITY == 0,
            "rlsf: freed or resized pointer is not aligned to the granule"
        );
        let pool = self.pools.iter().find(|pool| pool.has(ptr.as_ptr()));
        match pool {
            Some(pool) => pool,
            None => panic!("rlsf: freed or resized pointer is not from this heap"),
        }
    }
}

/// The block is in use, and the next one agrees.
fn check_header(block: &Block, pool: Pool) {
    let header = block.header();
    let room = pool.address().as_ptr() as usize - block.payload().as_ptr() as usize;
    assert!(
        !header.has_unknown_flag()
            && header.bytes() >= BlockSize::LEAST.get()
            && header.bytes() <= room,
        "rlsf: the block's header is overwritten, or the pointer is not a payload's"
    );
    assert!(!header.is_free(), "rlsf: the block is free already");
    assert!(
        !block.next(block.size()).header().prev_is_free(),
        "rlsf: the next block's header is overwritten, or the pointer is not a payload's"
    );
}

/// The block before is what this one's flag and its own last word say.
fn check_prev(block: &Block, pool: Pool) {
    if !block.header().prev_is_free() {
        return;
    }
    let before = block.payload().as_ptr() as usize - pool.first().as_ptr() as usize;
    let bytes = block.bytes_before();
    let in_pool = bytes % GRANULARITY == 0 && bytes >= BlockSize::LEAST.get() && bytes <= before;
    let agrees = in_pool
        && block.prev_if_free().map_or(false, |(prev, _)| {
            prev.header().is_free() && prev.header().bytes() == bytes
        });
    assert!(
        agrees,
        "rlsf: the free block before this one is overwritten"
    );
}
