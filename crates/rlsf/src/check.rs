//! The constant-time integrity checks of the operations that take a pointer.
//!
//! They run where debug assertions are on or the feature `hardened` is: a broken
//! header, a double free or a pointer from elsewhere ends in a panic with a
//! message before anything is written.

use crate::block::Block;
use crate::int::BinInteger;
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
        if ON {
            self.check_origin(ptr);
        }
        // SAFETY: the caller's promise.
        let block = unsafe { Block::from_payload(ptr) };
        if ON {
            check_header(&block);
        }
        block
    }

    /// The pointer lies in a pool, where a payload may.
    fn check_origin(&self, ptr: NonNull<u8>) {
        let address = ptr.as_ptr() as usize;
        assert!(
            address % GRANULARITY == 0,
            "rlsf: freed or resized pointer is not aligned to the granule"
        );
        assert!(
            self.pools
                .iter()
                .any(|pool| address.wrapping_sub(pool.first().as_ptr() as usize) < pool.bytes()),
            "rlsf: freed or resized pointer is not from this heap"
        );
    }
}

/// The block is in use, and its neighbours agree.
fn check_header(block: &Block) {
    let header = block.header();
    assert!(!header.is_free(), "rlsf: the block is free already");
    assert!(
        !header.has_unknown_flag() && header.bytes() >= BlockSize::LEAST.get(),
        "rlsf: the block's header is overwritten, or the pointer is not a payload's"
    );
    let next = block.next(block.size());
    assert!(
        !next.header().prev_is_free(),
        "rlsf: the next block's header is overwritten, or the pointer is not a payload's"
    );
    if let Some(prev) = block.prev_if_free() {
        assert!(
            prev.header().is_free() && prev.next_in_memory().payload() == block.payload(),
            "rlsf: the free block before this one is overwritten"
        );
    }
}
