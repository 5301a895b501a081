//! The sizes of small blocks: four bytes apart.

use core::alloc::Layout;

/// The largest small block, and its largest alignment, in bytes.
pub(crate) const LARGEST: usize = 64;

/// The distance of the sizes.
const STEP: usize = 4;

/// The number of classes.
pub(crate) const CLASSES: usize = LARGEST / STEP;

/// A class of small blocks: those of one size.
///
/// **C1**: below [`CLASSES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Class(u16);

impl Class {
    /// The class whose blocks serve a layout; `None` if the layout is not small.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // C1
    pub(crate) const fn of(layout: Layout) -> Option<Self> {
        let (size, align) = (layout.size(), layout.align());
        if size > LARGEST || align > LARGEST {
            return None;
        }
        // A size that is a multiple of an alignment keeps it from block to block.
        let size = (size + (size == 0) as usize + align - 1) & !(align - 1);
        Some(Self(((size - 1) / STEP) as u16))
    }

    /// The number.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The bytes of a block.
    #[inline(always)]
    pub(crate) const fn bytes(self) -> usize {
        (self.index() + 1) * STEP
    }

    /// The strongest alignment that all its blocks can have: that of the size.
    #[inline(always)]
    pub(crate) const fn align(self) -> usize {
        self.bytes() & self.bytes().wrapping_neg()
    }
}

#[cfg(test)]
#[path = "../tests/slab_class.rs"]
mod tests;
