//! The same operations with less code, for programs in which bytes count.
//!
//! What `tlsf`, `align` and `supply` make one piece each is cut here into functions
//! that the operations share: taking a block out of its list, filing a span. The
//! compiler makes pieces of them again where it is told to look for speed.

use crate::bins::Aim;
use crate::block::{Block, FreeBlock, Gap, Span};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::{Plan, Pool, POOL_OVERHEAD};
use crate::seal::{Request, Site};
use crate::size::{round_up, BlockSize, GRANULARITY, WORD};
use crate::watch;
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

/// What a layout asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    layout: Layout,
    /// The size of the block at a multiple of the alignment.
    size: BlockSize,
    /// The size of a free block with room for it wherever it lies.
    pub(crate) roomy: BlockSize,
}

impl Need {
    /// `None` if it would be more than `most` bytes: no more than the largest block, and there
    /// is a bin above the one that holds them.
    #[inline(always)]
    pub(crate) fn new(layout: Layout, most: usize) -> Option<Self> {
        let gap = if layout.align() > GRANULARITY {
            BlockSize::LEAST.get() + layout.align() - GRANULARITY
        } else {
            0
        };
        // A layout's size and alignment together are no more than half the memory, so
        // nothing here wraps.
        let size = round_up(layout.size() + WORD).max(BlockSize::LEAST.get());
        if size + gap > most {
            return None;
        }
        // SAFETY: S1: a multiple of the granule, and both bounds have been seen to.
        let size = unsafe { BlockSize::new_unchecked(size) };
        // SAFETY: S1: so is the sum.
        let roomy = unsafe { BlockSize::new_unchecked(size.get() + gap) };
        Some(Self {
            layout,
            size,
            roomy,
        })
    }

    /// The bytes from `start` to the first multiple of the alignment at which a block may
    /// begin: none, or as many as a free block has at least.
    #[inline(always)]
    fn gap_before_first(&self, start: usize) -> usize {
        let (align, least) = (self.layout.align(), BlockSize::LEAST.get());
        if align <= GRANULARITY {
            return 0;
        }
        least + ((start + least).wrapping_neg() & (align - 1))
    }

    /// The same to the last multiple within a free block of `bytes`.
    #[inline(always)]
    fn gap_before_last(&self, start: usize, bytes: usize) -> usize {
        let last = (start + (bytes - self.size.get())) & self.layout.align().wrapping_neg();
        // Less than a free block is left out where any place would do: the block begins
        // where the free one does.
        let gap = last.wrapping_sub(start);
        if gap < BlockSize::LEAST.get() {
            0
        } else {
            gap
        }
    }
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Takes a free block with room for a need.
    pub(crate) fn take_compactly(&mut self, need: &Need, aim: Aim) -> Option<Span> {
        self.counters.on_request(need.roomy.payload());
        let seal = self.seal(Site::of(Operation::Allocate));
        let block = match aim {
            Aim::Bytes => self.bins.find_near(need.roomy, seal),
            Aim::Speed => self.bins.find_fast(need.roomy, seal),
        }?;
        let size = self.bins.remove_compactly(&block);
        Some(block.into_span(size))
    }

    /// Makes a block of a span at the first place that is aligned; what lies behind it is
    /// filed.
    pub(crate) fn carve_first(&mut self, span: Span, need: &Need, aim: Aim) -> NonNull<u8> {
        let gap = need.gap_before_first(span.start().as_ptr() as usize);
        let (gap, span) = span.split_any_gap(gap);
        let (span, rest) = span.split(need.size);
        match rest {
            Some(rest) => self.bins.insert_compactly(rest, aim),
            None => span.next().note_prev_used(),
        }
        self.claim_behind(gap, span, Request::of(need.layout.size()), aim)
    }

    /// The same at the last place. What lies behind it, less than the alignment, belongs to
    /// the block, so that there is one split at most.
    pub(crate) fn carve_last(&mut self, span: Span, need: &Need, aim: Aim) -> NonNull<u8> {
        let gap = need.gap_before_last(span.start().as_ptr() as usize, span.size().get());
        let (gap, span) = span.split_any_gap(gap);
        span.next().note_prev_used();
        let all = Request::of(span.size().payload());
        self.claim_behind(gap, span, all, aim)
    }

    #[inline(always)]
    fn claim_behind(&mut self, gap: Gap, span: Span, request: Request, aim: Aim) -> NonNull<u8> {
        let block = self.claim(span, request);
        if let Some(gap) = gap.span() {
            self.bins.insert_compactly(gap, aim);
        }
        block.payload()
    }

    /// As `deallocate_unknown_align`.
    ///
    /// # Safety
    ///
    /// The same.
    pub(crate) unsafe fn deallocate_compactly(&mut self, ptr: NonNull<u8>, aim: Aim) {
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, Site::of(Operation::Deallocate)) };
        watch::freed(block.payload(), block.usable(header));
        let size = header.size();
        self.counters.on_deallocate(size.get());
        let span = self.merge_prev_compactly(block, size);
        self.file_compactly(span, aim);
    }

    /// Makes a span of a block and the free block before it.
    #[inline(always)]
    fn merge_prev_compactly(&mut self, block: Block, size: BlockSize) -> Span {
        let prev = block.prev_if_free(block.header());
        let mut span = block.release(size);
        if let Some((prev, _)) = prev {
            let size = self.bins.remove_compactly(&prev);
            span = self.bins.join(prev.into_span(size), span);
        }
        span
    }

    /// Makes a free block of a span and the free block behind it. (Told to inline it, the
    /// compiler does where it looks for speed.)
    #[inline]
    pub(crate) fn file_compactly(&mut self, mut span: Span, aim: Aim) {
        if let Ok(next) = span.next().if_free() {
            span = self.merge(span, next);
        }
        self.bins.insert_compactly(span, aim);
    }

    /// `[ span ][ next: free ] => [ ---- span ---- ]`
    #[inline(always)]
    fn merge(&mut self, span: Span, next: FreeBlock) -> Span {
        let size = self.bins.remove_compactly(&next);
        self.bins.join(span, next.into_span(size))
    }

    /// Resizes a block where it stands: whether that could be.
    ///
    /// # Safety
    ///
    /// As for `reallocate`.
    pub(crate) unsafe fn resize_compactly(
        &mut self,
        ptr: NonNull<u8>,
        new_size: usize,
        aim: Aim,
    ) -> bool {
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
                    span = self.merge(span, next);
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
            self.file_compactly(rest, aim);
        }
        true
    }

    /// Makes a pool of pages, whose blocks' bytes are not filed yet.
    ///
    /// # Safety
    ///
    /// The heap owns the bytes at `start`, a multiple of the granule, from now on: the
    /// `blocks`' and as many as a pool takes beyond.
    pub(crate) unsafe fn insert_pages(&mut self, start: NonNull<u8>, blocks: BlockSize) -> Span {
        let plan = Plan {
            first: GRANULARITY,
            blocks,
            end: blocks.get() + POOL_OVERHEAD,
        };
        // SAFETY: the caller gives these bytes.
        let span = unsafe { self.add_pool(start, plan) };
        self.counters.on_pool_growth(blocks.get());
        span
    }

    /// Makes `pool` longer; its free end is not filed then.
    ///
    /// # Safety
    ///
    /// The heap owns the `by` bytes behind it from now on, and the pool stays no larger
    /// than the largest block.
    pub(crate) unsafe fn extend_by_pages(&mut self, pool: Pool, by: BlockSize) -> Span {
        // SAFETY: the caller gives these bytes.
        let block = unsafe { self.extend_pool(pool, by) };
        self.counters.on_pool_growth(by.get());
        self.merge_prev_compactly(block, by)
    }
}

#[cfg(test)]
#[path = "tests/compact.rs"]
mod tests;
