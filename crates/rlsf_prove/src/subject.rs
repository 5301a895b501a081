//! What the search asks of a heap of any parameters.

use core::alloc::Layout;
use core::num::NonZeroUsize;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{
    BlockInfo, Demand, PoolInfo, RemovePoolError, Statistics, Tlsf, Violation, GRANULARITY,
};

/// A `Tlsf` without its four parameters.
pub(crate) trait Subject: Sized {
    /// The bins of an octave.
    const SLLEN: usize;
    /// The largest block, in bytes.
    const LARGEST_BLOCK: usize;

    /// A heap without memory.
    fn empty() -> Self;

    /// The heap's own word on the size of a free block that is sure to serve.
    fn sure_block_size(payload: usize, align: usize) -> usize;

    /// The granules of blocks of the pool that the heap says is sufficient for a demand.
    fn sufficient_granules(demand: Demand) -> Option<usize>;

    /// # Safety
    ///
    /// As for `Tlsf::insert_free_block_ptr`.
    unsafe fn insert(&mut self, region: NonNull<[u8]>) -> usize;

    /// # Safety
    ///
    /// As for `Tlsf::append_free_block_ptr`.
    unsafe fn append(&mut self, region: NonNull<[u8]>) -> usize;

    /// # Safety
    ///
    /// As for `Tlsf::remove_pool`.
    unsafe fn remove(&mut self, region: NonNull<[u8]>) -> Result<(), RemovePoolError>;

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// # Safety
    ///
    /// A live block of this heap.
    unsafe fn free(&mut self, block: NonNull<u8>);

    /// # Safety
    ///
    /// A live block of this heap.
    unsafe fn free_sized(&mut self, block: NonNull<u8>, layout: Layout);

    /// # Safety
    ///
    /// A live block of this heap.
    unsafe fn grow(&mut self, block: NonNull<u8>, payload: usize) -> Option<()>;

    /// # Safety
    ///
    /// A live block of this heap.
    unsafe fn shrink(&mut self, block: NonNull<u8>, payload: usize) -> Option<()>;

    /// # Safety
    ///
    /// A live block of this heap, at a multiple of the layout's alignment.
    unsafe fn reallocate(&mut self, block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>>;

    fn validate(&self) -> Result<(), Violation>;

    fn statistics(&self) -> Statistics;

    fn largest_allocatable(&self) -> usize;

    fn pools(&self) -> impl Iterator<Item = PoolInfo<'_>>;

    /// The free blocks, bin by bin, each bin's in the order of its list.
    fn free_blocks(&self) -> impl Iterator<Item = BlockInfo<'_>>;
}

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize> Subject
    for Tlsf<'static, FL, SL, FLLEN, SLLEN>
{
    const SLLEN: usize = SLLEN;
    const LARGEST_BLOCK: usize = Self::LARGEST_BLOCK;

    fn empty() -> Self {
        Self::new()
    }

    fn sure_block_size(payload: usize, align: usize) -> usize {
        Self::sure_block_size(payload, align)
    }

    fn sufficient_granules(demand: Demand) -> Option<usize> {
        // A region at no multiple of the granule loses less than one at either end.
        let around = Self::POOL_OVERHEAD + 2 * (GRANULARITY - 1);
        let bytes = Self::checked_sufficient_pool_size(demand)?;
        Some((bytes - around) / GRANULARITY)
    }

    unsafe fn insert(&mut self, region: NonNull<[u8]>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.insert_free_block_ptr(region) }.map_or(0, NonZeroUsize::get)
    }

    unsafe fn append(&mut self, region: NonNull<[u8]>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.append_free_block_ptr(region) }
    }

    unsafe fn remove(&mut self, region: NonNull<[u8]>) -> Result<(), RemovePoolError> {
        // SAFETY: the caller's promise.
        unsafe { self.remove_pool(region) }
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.allocate(layout)
    }

    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { self.deallocate_unknown_align(block) }
    }

    unsafe fn free_sized(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.deallocate_sized(block, layout) }
    }

    unsafe fn grow(&mut self, block: NonNull<u8>, payload: usize) -> Option<()> {
        // SAFETY: the caller's promise.
        unsafe { self.try_grow_in_place(block, payload) }
    }

    unsafe fn shrink(&mut self, block: NonNull<u8>, payload: usize) -> Option<()> {
        // SAFETY: the caller's promise.
        unsafe { self.shrink_in_place(block, payload) }
    }

    unsafe fn reallocate(&mut self, block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { self.reallocate(block, layout) }
    }

    fn validate(&self) -> Result<(), Violation> {
        self.validate()
    }

    fn statistics(&self) -> Statistics {
        self.statistics()
    }

    fn largest_allocatable(&self) -> usize {
        self.largest_allocatable()
    }

    fn pools(&self) -> impl Iterator<Item = PoolInfo<'_>> {
        self.pools()
    }

    fn free_blocks(&self) -> impl Iterator<Item = BlockInfo<'_>> {
        self.free_blocks(0)
    }
}
