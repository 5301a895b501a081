//! Giving pools to a [`SlabTlsf`] and taking them back.

use super::SlabTlsf;
use crate::int::BinInteger;
use crate::RemovePoolError;
use core::mem::MaybeUninit;
use core::num::NonZeroUsize;
use core::ptr::NonNull;

impl<
        'pool,
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > SlabTlsf<'pool, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    /// Gives the heap a slice of memory, as [`Tlsf::insert_free_block`](crate::Tlsf::insert_free_block).
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// let mut pool = [MaybeUninit::uninit(); 4096];
    /// let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// heap.insert_free_block(&mut pool);
    /// assert!(heap.largest_allocatable() > 4000);
    /// ```
    pub fn insert_free_block(&mut self, block: &'pool mut [MaybeUninit<u8>]) -> impl Send + Sync {
        let _ = self.heap.insert_free_block(block);
    }

    /// Gives the heap a region of memory, as [`Tlsf::insert_free_block_ptr`](crate::Tlsf::insert_free_block_ptr).
    ///
    /// ```
    /// use core::{mem::MaybeUninit, ptr::NonNull};
    /// let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// let mut memory = [MaybeUninit::<u8>::uninit(); 1024];
    /// let region = NonNull::from(&mut memory[..]);
    /// let region = NonNull::new(region.as_ptr() as *mut [u8]).unwrap();
    /// assert!(unsafe { heap.insert_free_block_ptr(region) }.is_some());
    /// ```
    ///
    /// # Safety
    ///
    /// The same.
    pub unsafe fn insert_free_block_ptr(&mut self, block: NonNull<[u8]>) -> Option<NonZeroUsize> {
        // SAFETY: the caller's promise.
        unsafe { self.heap.insert_free_block_ptr(block) }
    }

    /// Gives the heap the memory behind one of its pools, as
    /// [`Tlsf::append_free_block_ptr`](crate::Tlsf::append_free_block_ptr).
    ///
    /// ```
    /// use core::{mem::MaybeUninit, ptr::{slice_from_raw_parts_mut, NonNull}};
    /// let mut memory = [MaybeUninit::<u64>::uninit(); 1024];
    /// let start = memory.as_mut_ptr().cast::<u8>();
    /// let region = |from, len| NonNull::new(slice_from_raw_parts_mut(unsafe { start.add(from) }, len)).unwrap();
    /// let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// unsafe {
    ///     let used = heap.insert_free_block_ptr(region(0, 4096)).unwrap().get();
    ///     assert_eq!(heap.append_free_block_ptr(region(used, 8192 - used)), 8192 - used);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// The same.
    pub unsafe fn append_free_block_ptr(&mut self, block: NonNull<[u8]>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.heap.append_free_block_ptr(block) }
    }

    /// Takes back every pool that begins in a region, as [`Tlsf::remove_pool`](crate::Tlsf::remove_pool).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit, ptr::NonNull};
    /// let mut memory = [MaybeUninit::<u8>::uninit(); 4096];
    /// let region = NonNull::from(&mut memory[..]);
    /// let region = NonNull::new(region.as_ptr() as *mut [u8]).unwrap();
    /// let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// unsafe {
    ///     heap.insert_free_block_ptr(region).unwrap();
    ///     let block = heap.allocate(Layout::new::<u32>()).unwrap();
    ///     assert_eq!(heap.remove_pool(region), Err(rlsf::RemovePoolError::InUse));
    ///     heap.deallocate(block, Layout::new::<u32>());
    ///     assert_eq!(heap.remove_pool(region), Ok(()));
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same.
    ///
    /// # Safety
    ///
    /// The same.
    pub unsafe fn remove_pool(&mut self, pool: NonNull<[u8]>) -> Result<(), RemovePoolError> {
        self.give_spare();
        // SAFETY: the caller's promise.
        unsafe { self.heap.remove_pool(pool) }
    }
}
