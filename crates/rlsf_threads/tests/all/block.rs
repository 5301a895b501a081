//! A live block that knows what it holds.

use crate::noted::Noted;
use core::alloc::{GlobalAlloc, Layout};
use rlsf_threads::ThreadedTlsf;

#[global_allocator]
static HEAP: Noted = Noted(ThreadedTlsf::new());

pub(crate) struct Block {
    start: *mut u8,
    layout: Layout,
    first: u8,
}

// SAFETY: a block belongs to who has it.
unsafe impl Send for Block {}

/// What a block holds.
fn pattern(first: u8) -> impl Iterator<Item = u8> {
    (0..251)
        .cycle()
        .map(move |index: u8| first.wrapping_add(index))
}

impl Block {
    /// A block of a random size and alignment.
    pub(crate) fn new(rng: &mut fastrand::Rng) -> Self {
        let bits = rng.u32(0..20);
        Self::of(1 + rng.usize(..1 << bits), 1 << rng.u32(..8), rng.u8(..))
    }

    /// A block of a size and alignment, filled with bytes that begin with `first`.
    pub(crate) fn of(size: usize, align: usize, first: u8) -> Self {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: the heap serves zero bytes, too.
        let start = unsafe { HEAP.alloc(layout) };
        assert!(!start.is_null());
        assert!((start as usize).is_multiple_of(align), "{layout:?}");
        let mut block = Self {
            start,
            layout,
            first,
        };
        block.fill();
        block
    }

    pub(crate) fn address(&self) -> usize {
        self.start as usize
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: a live block.
        unsafe { core::slice::from_raw_parts_mut(self.start, self.layout.size()) }
    }

    fn fill(&mut self) {
        let first = self.first;
        for (byte, expected) in self.bytes().iter_mut().zip(pattern(first)) {
            *byte = expected;
        }
    }

    fn check(&mut self, most: usize) {
        let first = self.first;
        let mut bytes = self.bytes().iter().take(most).zip(pattern(first));
        assert!(bytes.all(|(byte, expected)| *byte == expected));
    }

    /// Resizes the block, which keeps what it holds.
    pub(crate) fn resize(&mut self, size: usize) {
        let old = self.layout.size();
        // SAFETY: a live block with this layout.
        self.start = unsafe { HEAP.realloc(self.start, self.layout, size) };
        assert!(!self.start.is_null());
        assert!((self.start as usize).is_multiple_of(self.layout.align()));
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        self.check(old.min(size));
        self.fill();
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.check(usize::MAX);
        // SAFETY: a live block with this layout.
        unsafe { HEAP.dealloc(self.start, self.layout) };
    }
}
