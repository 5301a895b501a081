//! The memory under a pool.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::slice;
use std::alloc;

/// The alignment of every arena, so that no heap is helped or hurt by where its pool starts.
const ALIGNMENT: usize = 2 << 20;

/// A region of memory that is returned to the system when it goes.
#[derive(Debug)]
pub(crate) struct Arena {
    base: NonNull<u8>,
    layout: Layout,
}

impl Arena {
    /// Takes `size` bytes from the system.
    pub(crate) fn new(size: usize) -> Self {
        assert!(size > 0, "an arena has at least one byte");
        let layout = Layout::from_size_align(size, ALIGNMENT)
            .expect("an arena is smaller than the address space");
        // SAFETY: the size is not zero.
        let base = unsafe { alloc::alloc(layout) };
        let base = NonNull::new(base).unwrap_or_else(|| alloc::handle_alloc_error(layout));
        Self { base, layout }
    }

    /// The address of the first byte, and the one behind the last.
    pub(crate) fn range(&self) -> (usize, usize) {
        let start = self.base.addr().get();
        (start, start + self.layout.size())
    }

    /// Lends the arena's memory to a heap.
    ///
    /// # Safety
    /// It is lent once, and not used any more when the arena goes.
    pub(crate) unsafe fn lend(&mut self) -> &'static mut [MaybeUninit<u8>] {
        let base = self.base.cast().as_ptr();
        // SAFETY: the region is this arena's, and by the caller's promise nobody else's.
        unsafe { slice::from_raw_parts_mut(base, self.layout.size()) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: taken in `new` with this layout.
        unsafe { alloc::dealloc(self.base.as_ptr(), self.layout) };
    }
}
