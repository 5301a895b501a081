//! [`Heap`]: what [`Locked`](crate::Locked) asks of the heap that it guards.

use crate::int::BinInteger;
use crate::{Statistics, Tlsf, Violation};
use core::alloc::Layout;
use core::ptr::NonNull;

/// A heap that [`Locked`](crate::Locked) can guard: every [`Tlsf`] and
/// [`SlabTlsf`](crate::SlabTlsf) over `'static` memory.
///
/// The trait is closed: its methods are for this crate.
///
/// ```
/// fn size_of_guarded<H: rlsf::Heap>() -> usize {
///     core::mem::size_of::<rlsf::Locked<rlsf::NoLock, H>>()
/// }
/// type Heap = rlsf::Tlsf<'static, u16, u8, 10, 8>;
/// assert!(size_of_guarded::<Heap>() >= core::mem::size_of::<Heap>());
/// ```
pub trait Heap: Sealed {}

impl<H: Sealed> Heap for H {}

/// The methods behind [`Heap`]; those of [`Tlsf`] have the same names.
pub trait Sealed {
    /// A heap without memory.
    const EMPTY: Self;

    /// Whether the heap has been given memory.
    fn has_pool(&self) -> bool;

    /// The bytes used of a region.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::insert_free_block_ptr`].
    unsafe fn insert(&mut self, region: NonNull<[u8]>) -> usize;

    /// As [`Tlsf::allocate`].
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// As [`Tlsf::deallocate`], with the layout of the allocation: where no cache makes headers late,
    /// [`Tlsf::deallocate_sized`] takes a dozen instructions more.
    ///
    /// # Safety
    ///
    /// The same.
    unsafe fn deallocate(&mut self, ptr: NonNull<u8>, layout: Layout);

    /// Shrinks, or grows forward, without moving; from then on the allocation's layout is
    /// `new`, whose alignment is no stronger. Constant time.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::try_grow_in_place`].
    unsafe fn resize_in_place(&mut self, ptr: NonNull<u8>, old: Layout, new: Layout) -> bool;

    /// As [`Tlsf::reallocate`], for a request that has just been counted as failed.
    ///
    /// # Safety
    ///
    /// The same.
    unsafe fn reallocate_after_failure(
        &mut self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>>;

    /// As [`Tlsf::statistics`], if they are kept.
    fn figures(&self) -> Option<Statistics>;

    /// As [`Tlsf::validate`].
    #[allow(clippy::missing_errors_doc)] // the same
    fn validate(&self) -> Result<(), Violation>;

    /// As [`Tlsf::largest_allocatable`].
    fn largest_allocatable(&self) -> usize;
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize> Sealed
    for Tlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    const EMPTY: Self = Self::new();

    fn has_pool(&self) -> bool {
        self.pools.iter().next().is_some()
    }

    unsafe fn insert(&mut self, region: NonNull<[u8]>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.insert_free_block_ptr(region) }.map_or(0, core::num::NonZeroUsize::get)
    }

    #[inline(always)]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Tlsf::allocate(self, layout)
    }

    #[inline(always)]
    unsafe fn deallocate(&mut self, ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { Tlsf::deallocate(self, ptr, layout.align()) };
    }

    #[inline(always)]
    unsafe fn resize_in_place(&mut self, ptr: NonNull<u8>, old: Layout, new: Layout) -> bool {
        let resized = if new.size() <= old.size() {
            // SAFETY: the caller's promise.
            unsafe { self.shrink_in_place(ptr, new.size()) }
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.try_grow_in_place(ptr, new.size()) }
        };
        resized.is_some()
    }

    unsafe fn reallocate_after_failure(
        &mut self,
        ptr: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        self.counters.on_retry();
        // SAFETY: the caller's promise.
        unsafe { self.reallocate(ptr, new) }
    }

    fn figures(&self) -> Option<Statistics> {
        Tlsf::figures(self)
    }

    fn validate(&self) -> Result<(), Violation> {
        Tlsf::validate(self)
    }

    fn largest_allocatable(&self) -> usize {
        Tlsf::largest_allocatable(self)
    }
}
