//! [`SlabTlsf`] behind a program's lock, as [`Locked`](crate::Locked) asks for it.

use super::class::Class;
use super::SlabTlsf;
use crate::heap::Sealed;
use crate::int::BinInteger;
use crate::{Statistics, Violation};
use core::alloc::Layout;
use core::ptr::NonNull;

impl<
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > Sealed for SlabTlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    const EMPTY: Self = Self::new();

    fn has_pool(&self) -> bool {
        self.heap.has_pool()
    }

    unsafe fn insert(&mut self, region: NonNull<[u8]>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.heap.insert(region) }
    }

    #[inline(always)]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        SlabTlsf::allocate(self, layout)
    }

    #[inline(always)]
    unsafe fn deallocate(&mut self, ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { SlabTlsf::deallocate(self, ptr, layout) };
    }

    #[inline]
    unsafe fn resize_in_place(&mut self, ptr: NonNull<u8>, old: Layout, new: Layout) -> bool {
        if Class::of(old).is_none() && Class::of(new).is_none() {
            // SAFETY: the caller's promise.
            return unsafe { self.heap.resize_in_place(ptr, old, new) };
        }
        // SAFETY: the caller's promise.
        unsafe { self.fits_in_place(ptr, old, new) }
    }

    unsafe fn reallocate_after_failure(
        &mut self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        if Class::of(old).is_some() || Class::of(new).is_some() {
            return None;
        }
        // SAFETY: the caller's promise.
        unsafe { self.heap.reallocate_after_failure(ptr, old, new) }
    }

    fn figures(&self) -> Option<Statistics> {
        self.heap.figures()
    }

    fn validate(&self) -> Result<(), Violation> {
        SlabTlsf::validate(self)
    }

    fn largest_allocatable(&self) -> usize {
        SlabTlsf::largest_allocatable(self)
    }
}
