//! The same operations with less code, for programs in which bytes count.
//!
//! What `tlsf`, `align` and `supply` make one piece each is cut here into functions
//! that the operations share: taking a block out of its list, filing a span. The
//! compiler makes pieces of them again where it is told to look for speed.

use crate::align::gap;
use crate::block::{Block, FreeBlock, Span};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::{Plan, Pool, POOL_OVERHEAD};
use crate::seal::{Request, Site};
use crate::size::{BlockSize, GRANULARITY};
use crate::watch;
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// The size of a block that serves `layout` wherever it lies; `None` above the
    /// largest.
    pub(crate) fn roomy_block(layout: Layout) -> Option<BlockSize> {
        let gap = if layout.align() > GRANULARITY {
            layout.align() + BlockSize::LEAST.get()
        } else {
            0
        };
        // A layout's size and alignment together are no more than half the memory.
        Self::block_size_of(layout.size() + gap)
    }

    /// As `allocate`, from a block of `roomy` bytes at least.
    pub(crate) fn allocate_compactly(
        &mut self,
        roomy: BlockSize,
        layout: Layout,
    ) -> Option<NonNull<u8>> {
        self.counters.on_request(roomy.payload());
        let block = match self
            .bins
            .nearest(roomy, self.seal(Site::of(Operation::Allocate)))
        {
            Some(block) => block,
            None => return self.fail(),
        };
        let span = self.take_out(block);
        let align = layout.align().max(GRANULARITY);
        let gap = gap(span.start().as_ptr() as usize, align);
        let (gap, span) = span.split_gap(gap);
        let (span, rest) = span.split(BlockSize::of_payload(layout.size()));
        match rest {
            Some(rest) => self.file(rest),
            None => span.next().set_prev_used(),
        }
        let block = self.claim(span, Request::of(layout.size()));
        if let Some(gap) = gap {
            block.set_prev_free();
            self.file(gap);
        }
        Some(block.payload())
    }

    /// As `deallocate_unknown_align`.
    ///
    /// # Safety
    ///
    /// The same.
    pub(crate) unsafe fn deallocate_compactly(&mut self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, Site::of(Operation::Deallocate)) };
        watch::freed(block.payload(), block.usable(header));
        let size = header.size();
        self.counters.on_deallocate(size.get());
        self.free_compactly(block, size);
    }

    /// Makes a free block of a block and its free neighbours.
    fn free_compactly(&mut self, block: Block, size: BlockSize) {
        let prev = block.prev_if_free(block.header());
        let mut span = block.release(size);
        if let Some((prev, _)) = prev {
            let prev = self.take_out(prev);
            span = self.bins.join(prev, span);
        }
        self.merge_next_and_file(span);
    }

    /// Makes a free block of a span and the free block behind it.
    fn merge_next_and_file(&mut self, mut span: Span) {
        if let Ok(next) = span.next().if_free() {
            let next = self.take_out(next);
            span = self.bins.join(span, next);
        } else {
            span.next().set_prev_free();
        }
        self.file(span);
    }

    fn take_out(&mut self, block: FreeBlock) -> Span {
        self.bins.remove(block)
    }

    fn file(&mut self, span: Span) {
        self.bins.insert(span);
    }

    /// Resizes a block where it stands: whether that could be.
    ///
    /// # Safety
    ///
    /// As for `reallocate`.
    pub(crate) unsafe fn resize_compactly(&mut self, ptr: NonNull<u8>, new_size: usize) -> bool {
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, Site::of(Operation::Reallocate)) };
        let size = match Self::block_size_of(new_size) {
            Some(size) => size,
            None => return false,
        };
        let old = header.size();
        let mut span = block.release_alias(old);
        if size > old {
            match span.next().if_free() {
                Ok(next) if old.get() + next.size().get() >= size.get() => {
                    let next = self.take_out(next);
                    span = self.bins.join(span, next);
                    span.next().set_prev_used();
                }
                _ => return false,
            }
        }
        let (front, rest) = span.split(size);
        block.resize(front.size(), Request::of(new_size));
        self.counters.on_deallocate(old.get());
        self.counters.on_allocate(front.size().get());
        if let Some(rest) = rest {
            self.merge_next_and_file(rest);
        }
        true
    }

    /// Makes a pool of pages.
    ///
    /// # Safety
    ///
    /// The heap owns the `len` bytes at `start`, a multiple of the granule, from now on.
    pub(crate) unsafe fn insert_pages(&mut self, start: NonNull<u8>, blocks: BlockSize) {
        let plan = Plan {
            first: GRANULARITY,
            blocks,
            end: blocks.get() + POOL_OVERHEAD,
        };
        // SAFETY: the caller gives these bytes.
        let span = unsafe { self.add_pool(start, plan) };
        self.counters.on_pool_growth(blocks.get());
        self.merge_next_and_file(span);
    }

    /// Makes `pool` longer.
    ///
    /// # Safety
    ///
    /// The heap owns the `by` bytes behind it from now on, and the pool stays no larger
    /// than the largest block.
    pub(crate) unsafe fn extend_by_pages(&mut self, pool: Pool, by: BlockSize) {
        // SAFETY: the caller gives these bytes.
        let block = unsafe { self.extend_pool(pool, by) };
        self.counters.on_pool_growth(by.get());
        self.free_compactly(block, by);
    }
}

#[cfg(test)]
#[path = "tests/compact.rs"]
mod tests;
