//! Memory for pools, with guard bytes that a heap must not touch.

use core::alloc::Layout;
use core::ptr::{slice_from_raw_parts_mut, NonNull};
use std::alloc::{alloc, dealloc, handle_alloc_error};

const GUARD: usize = 64;
const GUARD_BYTE: u8 = 0xa5;

/// A region of memory that begins `offset` bytes past a multiple of `align`.
///
/// Dropping it checks that nothing was written around it.
#[derive(Debug)]
pub struct Arena {
    base: NonNull<u8>,
    layout: Layout,
    offset: usize,
    len: usize,
}

impl Arena {
    /// Reserves `len` bytes, filled with rubbish, at a multiple of 64 Ki plus
    /// `offset`.
    ///
    /// # Panics
    ///
    /// If the length is beyond what a layout can have.
    #[must_use]
    pub fn new(len: usize, offset: usize) -> Self {
        let offset = offset + GUARD;
        let size = offset + len + GUARD;
        let layout = Layout::from_size_align(size, 1 << 16).expect("the arena is small");
        // SAFETY: the size is not zero.
        let base = unsafe { alloc(layout) };
        let Some(base) = NonNull::new(base) else {
            handle_alloc_error(layout)
        };
        // SAFETY: fresh memory of this size.
        unsafe { base.as_ptr().write_bytes(GUARD_BYTE, size) };
        Self {
            base,
            layout,
            offset,
            len,
        }
    }

    /// The `len` bytes from `start` on, as a heap takes them.
    ///
    /// # Panics
    ///
    /// If they are not within the arena.
    #[must_use]
    pub fn region(&self, start: usize, len: usize) -> NonNull<[u8]> {
        assert!(start + len <= self.len, "outside of the arena");
        // SAFETY: within the allocation.
        let first = unsafe { self.base.as_ptr().add(self.offset + start) };
        NonNull::new(slice_from_raw_parts_mut(first, len)).expect("not null")
    }

    /// All bytes.
    #[must_use]
    pub fn whole(&self) -> NonNull<[u8]> {
        self.region(0, self.len)
    }

    /// A copy of the bytes, while no heap is at work on them.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let first = self.whole().cast::<u8>().as_ptr();
        // SAFETY: within the allocation, which was written to at first.
        unsafe { core::slice::from_raw_parts(first, self.len) }.to_vec()
    }

    /// Overwrites the bytes with a copy that was taken earlier.
    ///
    /// # Panics
    ///
    /// If the copy is of another length.
    pub fn restore(&self, bytes: &[u8]) {
        assert_eq!(bytes.len(), self.len, "a copy of another arena");
        let first = self.whole().cast::<u8>().as_ptr();
        // SAFETY: within the allocation; the copy lies elsewhere.
        unsafe { first.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }

    /// The first byte's address.
    #[must_use]
    pub fn address(&self) -> usize {
        self.base.as_ptr() as usize + self.offset
    }

    /// The number of bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn guards_are_whole(&self) -> bool {
        (0..self.offset)
            .chain(self.offset + self.len..self.layout.size())
            .all(|place| {
                // SAFETY: within the allocation, which was written to at first.
                unsafe { self.base.as_ptr().wrapping_add(place).read() == GUARD_BYTE }
            })
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let whole = self.guards_are_whole();
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.base.as_ptr(), self.layout) };
        assert!(
            whole || std::thread::panicking(),
            "bytes around the arena were overwritten"
        );
    }
}
