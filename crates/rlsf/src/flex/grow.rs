//! Growing a heap: what a request lacks, and making the source's memory part of the heap.

use super::FlexTlsf;
use crate::block::Block;
use crate::growth::{Part, Want, ROUNDS};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::{region_len, Pool};
use crate::region::{continues, RegionRef, REGION_OVERHEAD};
use crate::seal::Site;
use crate::size::BlockSize;
use crate::source::FlexSource;
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

impl<S: FlexSource, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    /// Asks the source for what `want` tells and tries again, a few times: what a
    /// source gives may lie elsewhere or be less than it should.
    pub(super) fn with_more<R>(
        &mut self,
        want: impl Fn(&Self) -> Option<Want>,
        retry: impl Fn(&mut Tlsf<'static, FL, SL, FLLEN, SLLEN>) -> Option<R>,
    ) -> Option<R> {
        for round in 0..ROUNDS {
            let part = want(self)?.for_round(round).obtain(&mut self.source)?;
            // SAFETY: the source has just given it.
            unsafe { self.adopt(part) };
            self.heap.counters.on_retry();
            if let Some(result) = retry(&mut self.heap) {
                return Some(result);
            }
        }
        None
    }

    /// What would let a request succeed; `None` if it is too large for any region.
    pub(crate) fn want(&self, layout: Layout) -> Option<Want> {
        let need = Self::need(layout)?;
        self.want_block(need, need, 0)
    }

    fn need(layout: Layout) -> Option<BlockSize> {
        Tlsf::<'static, FL, SL, FLLEN, SLLEN>::needed_block(layout.size(), layout.align())
    }

    /// What gives a free block of `need` bytes, or one of `at_end` bytes where the
    /// newest region ends, in which `held` bytes before its free end count.
    fn want_block(&self, need: BlockSize, at_end: BlockSize, held: usize) -> Option<Want> {
        let seal = self.heap.seal(Site::of(Operation::Supply));
        let growth = self.regions.newest().and_then(|region| {
            // SAFETY: the region's last pool ends there.
            let pool = unsafe { Pool::ending_at(region.end_of_use()) };
            let end = pool.sentinel(seal);
            let tail = end
                .prev_if_free(end.header())
                .map_or(0, |(_, size)| size.get());
            let missing = at_end.get().saturating_sub(tail + held);
            let missing = missing.max(BlockSize::LEAST.get());
            if missing > Tlsf::<'static, FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK - pool.bytes() {
                return None;
            }
            Some((region.memory(), missing))
        });
        let region = need.get() + REGION_OVERHEAD;
        if region > BlockSize::LARGEST.get() {
            return None;
        }
        Some(Want { growth, region })
    }

    /// What would let a block be resized: less than for a new block if it is the last
    /// one of the newest region.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet.
    pub(crate) unsafe fn want_resized(&self, ptr: NonNull<u8>, layout: Layout) -> Option<Want> {
        let need = Self::need(layout)?;
        // SAFETY: the caller's promise.
        let block =
            unsafe { Block::from_payload(ptr, self.heap.seal(Site::of(Operation::Supply))) };
        let size = block.size();
        let after = match block.next(size).if_free() {
            Ok(free) => free.next_in_memory(),
            Err(used) => used,
        };
        let end = self.regions.newest().map(RegionRef::end_of_use);
        // SAFETY: the region's last pool ends there.
        let last = end.map(|end| unsafe { Pool::ending_at(end) });
        if last.map(Pool::address) == Some(after.payload()) {
            return self.want_block(need, BlockSize::of_payload(layout.size()), size.get());
        }
        self.want_block(need, need, 0)
    }

    /// Makes memory of the source part of the heap.
    ///
    /// # Safety
    ///
    /// The source gave it and nobody uses it. A continuation that does not continue
    /// the newest region (which others may have given back meanwhile) must be a region
    /// that the source takes back.
    pub(crate) unsafe fn adopt(&mut self, part: Part) {
        match (part, self.regions.newest()) {
            (Part::Continuation(memory), Some(region)) if continues(memory, region.memory()) => {
                let len = region_len(memory);
                region.lengthen(len);
                self.bytes += len;
                // SAFETY: the bytes after the region's last pool, which are new.
                region.use_more(unsafe { self.heap.append_free_block_ptr(region.unused()) });
            }
            (Part::Continuation(memory) | Part::Region(memory), _) => {
                // SAFETY: the caller's promise.
                unsafe { self.add_region(memory) };
            }
        }
    }

    /// # Safety
    ///
    /// The source gave the memory and nobody uses it.
    unsafe fn add_region(&mut self, memory: NonNull<[u8]>) {
        // SAFETY: the caller's promise.
        if let Some(region) = unsafe { RegionRef::format(memory) } {
            // SAFETY: the bytes after the record.
            if let Some(used) = unsafe { self.heap.insert_free_block_ptr(region.unused()) } {
                region.use_more(used.get());
                self.regions.push(region);
                self.bytes += region_len(memory);
                return;
            }
        }
        // Too small for anything.
        if self.source.supports_dealloc() {
            // SAFETY: the source has just given it.
            unsafe { self.source.dealloc(memory) };
        }
    }
}

#[cfg(test)]
#[path = "../tests/grow.rs"]
mod tests;
