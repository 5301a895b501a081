//! The published release of `rlsf` that this project replaces.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use rlsf_peer::int::BinInteger;

use crate::heap::Heap;

/// `Tlsf` of the published release with bitmaps of the types `FL` and `SL` and `FLLEN` x `SLLEN`
/// bins.
pub(crate) struct Published<FL, SL, const FLLEN: usize, const SLLEN: usize>(
    rlsf_peer::Tlsf<'static, FL, SL, FLLEN, SLLEN>,
);

/// The parameters of the release's own global allocator on 64-bit machines.
pub(crate) type Tlsf28x32 = Published<u32, u32, 28, 32>;
/// A heap for small machines.
pub(crate) type Tlsf12x16 = Published<u16, u16, 12, 16>;
/// A heap for middling machines.
pub(crate) type Tlsf16x32 = Published<u16, u32, 16, 32>;
/// A heap with few bins an octave.
pub(crate) type Tlsf20x8 = Published<u32, u8, 20, 8>;
/// The parameters with which talc's own suite runs the release.
pub(crate) type Tlsf52x64 = Published<u64, u64, 52, 64>;

impl<FL, SL, const FLLEN: usize, const SLLEN: usize> Heap for Published<FL, SL, FLLEN, SLLEN>
where
    FL: BinInteger + 'static,
    SL: BinInteger + 'static,
{
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = rlsf_peer::Tlsf::new();
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
        unsafe { self.0.deallocate(payload, layout.align()) };
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
