//! What the functions for C ask of a heap, of whatever kind.

use core::alloc::Layout;
use core::num::NonZeroUsize;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{Demand, PoolInfo, RemovePoolError, Statistics, Tlsf, Violation};

/// A [`Tlsf`] over memory that lasts as long as C says; the methods are its own.
pub(super) trait Heap: Sized + 'static {
    /// A heap without memory.
    const EMPTY: Self;

    /// As [`Tlsf::LARGEST_BLOCK`].
    const LARGEST_BLOCK: usize;

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// # Safety
    ///
    /// As for [`Tlsf::deallocate_unknown_align`].
    unsafe fn deallocate(&mut self, block: NonNull<u8>);

    /// # Safety
    ///
    /// As for [`Tlsf::reallocate`], but that the block may have had any alignment: the new one has the layout's.
    unsafe fn reallocate(&mut self, block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>>;

    /// The bytes used; as [`Tlsf::insert_free_block_ptr`].
    ///
    /// # Safety
    ///
    /// The same.
    unsafe fn insert(&mut self, region: NonNull<[u8]>) -> usize;

    /// # Safety
    ///
    /// As for [`Tlsf::append_free_block_ptr`].
    unsafe fn append(&mut self, region: NonNull<[u8]>) -> usize;

    /// # Safety
    ///
    /// As for [`Tlsf::remove_pool`].
    unsafe fn remove(&mut self, region: NonNull<[u8]>) -> Result<(), RemovePoolError>;

    fn pools(&self) -> impl Iterator<Item = PoolInfo<'_>>;

    fn validate(&self) -> Result<(), Violation>;

    fn statistics(&self) -> Statistics;

    fn largest_allocatable(&self) -> usize;

    /// As [`Tlsf::block_size`], for a request that some block can serve.
    fn block_size(payload: usize) -> usize;

    /// As [`Tlsf::checked_sufficient_pool_size`].
    fn sufficient_pool_size(demand: Demand) -> Option<usize>;
}

impl<FL, SL, const FLLEN: usize, const SLLEN: usize> Heap for Tlsf<'static, FL, SL, FLLEN, SLLEN>
where
    FL: BinInteger + 'static,
    SL: BinInteger + 'static,
{
    const EMPTY: Self = Self::new();
    const LARGEST_BLOCK: usize = Self::LARGEST_BLOCK;

    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Tlsf::allocate(self, layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { self.deallocate_unknown_align(block) };
    }

    #[inline]
    unsafe fn reallocate(&mut self, block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise; an alignment only says what a block that moves has to keep.
        unsafe { Tlsf::reallocate(self, block, layout) }
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

    fn pools(&self) -> impl Iterator<Item = PoolInfo<'_>> {
        Tlsf::pools(self)
    }

    fn validate(&self) -> Result<(), Violation> {
        Tlsf::validate(self)
    }

    fn statistics(&self) -> Statistics {
        Tlsf::statistics(self)
    }

    fn largest_allocatable(&self) -> usize {
        Tlsf::largest_allocatable(self)
    }

    fn block_size(payload: usize) -> usize {
        Self::block_size(payload)
    }

    fn sufficient_pool_size(demand: Demand) -> Option<usize> {
        Self::checked_sufficient_pool_size(demand)
    }
}
