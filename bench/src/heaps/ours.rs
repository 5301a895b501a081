//! This project's heap, in the parameters that `GlobalTlsf` takes on 64-bit machines.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use rlsf::Stride;

use crate::heap::Heap;

/// `Tlsf` with 28 x 32 bins; if `SIZED`, blocks are freed with their layout.
pub(crate) struct Ours<const SIZED: bool>(rlsf::Tlsf<'static, u32, u32, 28, 32>);

impl<const SIZED: bool> Heap for Ours<SIZED> {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = rlsf::Tlsf::new();
        heap.insert_free_block(pool);
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        self.0
            .allocate(layout)
            .map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        if SIZED {
            // SAFETY: the caller's promise.
            unsafe { self.0.deallocate_sized(payload, layout) };
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.0.deallocate(payload, layout.align()) };
        }
    }

    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        // SAFETY: the caller's alignment with a size that a pool could hold.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: the caller's promise.
        unsafe { self.0.reallocate(payload, wanted) }.map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }
}

/// What C's `malloc` aligns to on 64-bit machines.
const STRIDE: Stride = Stride::new(16);

/// The same heap with every block aligned as C's `malloc` has to align, as the C side has it.
pub(crate) struct Strided(Ours<false>);

/// # Safety
/// The request, with what it is rounded up by, is smaller than the address space.
unsafe fn strided(layout: Layout) -> Layout {
    // SAFETY: the caller's promise.
    unsafe { STRIDE.layout(layout).unwrap_unchecked() }
}

impl Heap for Strided {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let address = pool.as_ptr().addr();
        let part = STRIDE.pool(address, pool.len());
        let part = part.and_then(|(lead, length)| pool.get_mut(lead..)?.get_mut(..length));
        Self(Ours::new(part.unwrap_or_default()))
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        // SAFETY: a pool could hold it.
        let layout = unsafe { strided(layout) };
        // SAFETY: a stride is not zero.
        unsafe { self.0.allocate(layout) }
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: as it was requested.
        let layout = unsafe { strided(layout) };
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(payload, layout) };
    }

    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's alignment with a size that a pool could hold.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: a pool could hold it.
        let wanted = unsafe { strided(wanted) };
        // SAFETY: as it was requested.
        let layout = unsafe { strided(layout) };
        // SAFETY: the caller's promise, for what was asked of the heap itself.
        unsafe { self.0.reallocate(payload, layout, wanted.size()) }
    }
}

/// The same heap with small blocks in slabs, which needs a block's layout to free it.
pub(crate) struct Slabs(rlsf::SlabTlsf<'static, u32, u32, 28, 32>);

impl Heap for Slabs {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = rlsf::SlabTlsf::new();
        heap.insert_free_block(pool);
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        self.0
            .allocate(layout)
            .map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(payload, layout) };
    }

    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        // SAFETY: the caller's alignment with a size that a pool could hold.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: the caller's promise.
        unsafe { self.0.reallocate(payload, layout, wanted) }
            .map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }
}
