//! A live block, and the contents that it must keep.

use core::alloc::Layout;
use core::ptr::NonNull;

/// A live block as a model knows it: its bytes are `fill`, counted on.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// Its first byte.
    pub payload: NonNull<u8>,
    /// What was asked for.
    pub layout: Layout,
    /// What its first byte is.
    pub fill: u8,
}

impl Live {
    /// The first byte's address.
    #[must_use]
    pub fn address(&self) -> usize {
        self.payload.as_ptr() as usize
    }

    #[allow(clippy::cast_possible_truncation)] // a pattern, not a number
    fn byte(&self, place: usize) -> u8 {
        self.fill.wrapping_add((place % 251) as u8)
    }

    /// Fills the block.
    pub fn write(&self) {
        for place in 0..self.layout.size() {
            let target = self.payload.as_ptr().wrapping_add(place);
            // SAFETY: within the block, which the heap gave to the model.
            unsafe { target.write(self.byte(place)) };
        }
    }

    /// Checks the first `bytes` bytes.
    ///
    /// # Panics
    ///
    /// If one is not as it was written.
    pub fn check(&self, bytes: usize) {
        for place in 0..bytes {
            // SAFETY: within the block, which was written to.
            let byte = unsafe { self.payload.as_ptr().wrapping_add(place).read() };
            assert_eq!(byte, self.byte(place), "byte {place} of {self:?}");
        }
    }
}
