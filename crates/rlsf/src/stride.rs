//! [`Stride`]: a stronger alignment for every block of a heap, at no cost in time.
//!
//! ```text
//!   pool
//!  +------+--------+------------+--------+------------+--------+----------+
//!  | lead | header | payload    | header | payload    | header | sentinel |
//!  +------+--------+------------+--------+------------+--------+----------+
//!                  ^ multiple            ^ multiple            ^ multiple of the stride
//! ```
//!
//! Splits, gaps and merges add and subtract the sizes of blocks. If all of them are
//! multiples of the stride and the first payload lies at one, every payload does.

use crate::pool::FOOTER_BYTES;
use crate::size::{BlockSize, GRANULARITY, WORD};
use core::alloc::Layout;

/// Sizes and places of pools that keep every payload of a [`Tlsf`](crate::Tlsf) at a
/// multiple of more than [`GRANULARITY`].
///
/// An over-aligned request costs a gap and the work to file it. A heap in which every
/// block is to be so aligned, like the heap of a C program, whose `malloc` has to align
/// for `max_align_t`, needs neither: its pools come from [`pool`](Self::pool), every
/// request goes through [`layout`](Self::layout), and a request of up to the stride's
/// alignment is an ordinary one.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit, ptr::NonNull};
/// use rlsf::{Stride, Tlsf};
///
/// const STRIDE: Stride = Stride::new(16);
/// let mut memory = [MaybeUninit::<u8>::uninit(); 8192];
/// let (lead, len) = STRIDE.pool(memory.as_ptr() as usize, memory.len()).unwrap();
/// let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
/// heap.insert_free_block(&mut memory[lead..lead + len]);
/// for size in 0..50 {
///     let layout = STRIDE.layout(Layout::from_size_align(size, 16).unwrap());
///     let block = heap.allocate(layout.unwrap()).unwrap();
///     assert_eq!(block.as_ptr() as usize % 16, 0);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stride(usize);

impl Stride {
    /// The stride of `align` bytes, or of the granule if that is more.
    ///
    /// ```
    /// assert_eq!(rlsf::Stride::new(1), rlsf::Stride::new(rlsf::GRANULARITY));
    /// ```
    ///
    /// # Panics
    ///
    /// `align` is not a power of two.
    #[must_use]
    pub const fn new(align: usize) -> Self {
        assert!(align.is_power_of_two(), "a stride is a power of two");
        Self(if align < GRANULARITY {
            GRANULARITY
        } else {
            align
        })
    }

    /// The stride in bytes.
    ///
    /// ```
    /// assert_eq!(rlsf::Stride::new(16).bytes(), 16);
    /// ```
    #[must_use]
    #[inline]
    pub const fn bytes(self) -> usize {
        self.0
    }

    /// The request to make of the heap for one of `layout`: its block is a multiple of
    /// the stride. `None` if that is no layout. Constant time.
    ///
    /// What is resized or freed with its layout has to go through here as well.
    ///
    /// ```
    /// use core::alloc::Layout;
    /// let layout = rlsf::Stride::new(16).layout(Layout::new::<[u8; 30]>()).unwrap();
    /// assert_eq!(layout.size(), 40);
    /// ```
    #[must_use]
    #[inline]
    pub const fn layout(self, layout: Layout) -> Option<Layout> {
        if self.0 == GRANULARITY {
            return Some(layout);
        }
        let least = (BlockSize::LEAST.get() + self.0 - 1) & !(self.0 - 1);
        // A layout's size leaves half the address space.
        let bytes = (layout.size() + WORD + self.0 - 1) & !(self.0 - 1);
        let bytes = if bytes < least { least } else { bytes };
        let align = if layout.align() <= self.0 {
            1
        } else {
            layout.align()
        };
        if bytes - WORD > isize::MAX as usize - (align - 1) {
            return None;
        }
        // SAFETY: the alignment is a layout's, and the size was compared. (A check of both asks for a power of two.)
        Some(unsafe { Layout::from_size_align_unchecked(bytes - WORD, align) })
    }

    /// The part of `len` bytes at `address` to make a pool of: the bytes to leave out at
    /// the start, and the length. `None` if nothing is left.
    ///
    /// A pool that is appended to goes on with the stride if the bytes that are appended
    /// are a multiple of it.
    ///
    /// ```
    /// let (lead, len) = rlsf::Stride::new(64).pool(0x1000, 0x1000).unwrap();
    /// assert!(lead + len <= 0x1000);
    /// assert_eq!(rlsf::Stride::new(64).pool(0x1000, 64), None);
    /// ```
    #[must_use]
    pub const fn pool(self, address: usize, len: usize) -> Option<(usize, usize)> {
        self.pool_of_at_most(address, len, usize::MAX)
    }

    /// As [`pool`](Self::pool), for blocks of no more than `largest` bytes together.
    ///
    /// A region that is larger than a heap's largest block would become several pools, of
    /// which only the first keeps the stride: with
    /// [`Tlsf::LARGEST_BLOCK`](crate::Tlsf::LARGEST_BLOCK) here, each pool is planned alone.
    ///
    /// ```
    /// let stride = rlsf::Stride::new(64);
    /// let (lead, len) = stride.pool_of_at_most(0x1000, 0x10_000, 0x1000).unwrap();
    /// assert!(lead < 64 && len < 0x1000 + 64);
    /// ```
    #[must_use]
    pub const fn pool_of_at_most(
        self,
        address: usize,
        len: usize,
        largest: usize,
    ) -> Option<(usize, usize)> {
        let lead = address.wrapping_add(WORD).wrapping_neg() & (self.0 - 1);
        let around = lead + WORD + FOOTER_BYTES;
        if len < around {
            return None;
        }
        let bytes = len - around;
        let bytes = if bytes < largest { bytes } else { largest };
        let blocks = bytes & !(self.0 - 1);
        if blocks == 0 {
            return None;
        }
        Some((lead, WORD + blocks + FOOTER_BYTES))
    }
}

#[cfg(test)]
#[path = "tests/stride.rs"]
mod tests;
