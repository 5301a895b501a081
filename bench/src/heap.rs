//! The one face that every heap shows to the suite.

use core::alloc::Layout;
use core::mem::MaybeUninit;

/// A heap over one pool: each peer has an adapter of this trait, and ours has one like theirs.
pub(crate) trait Heap: Sized {
    /// Makes a heap that hands out `pool` and nothing else.
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self;

    /// Returns a block that holds `layout`, or null.
    ///
    /// # Safety
    /// The size of `layout` is not zero.
    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8;

    /// Takes a block back.
    ///
    /// # Safety
    /// `payload` is a live block of this heap and was last requested with `layout`.
    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout);

    /// Gives a block the size `new_size`, at its place or at another one, or returns null and
    /// leaves it as it was. A heap that has no way of its own allocates, copies and frees, as
    /// `GlobalAlloc::realloc` does.
    ///
    /// # Safety
    /// `payload` is a live block of this heap, was last requested with `layout`, and `new_size` is
    /// not zero.
    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's alignment with a size that a pool could hold.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: `new_size` is not zero.
        let moved = unsafe { self.allocate(wanted) };
        if moved.is_null() {
            return moved;
        }
        // SAFETY: both blocks are live, distinct and hold the smaller of the two sizes.
        unsafe { payload.copy_to_nonoverlapping(moved, layout.size().min(new_size)) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(payload, layout) };
        moved
    }
}
