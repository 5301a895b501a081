//! The sizes of blocks that rest: small floats, so that at most an eighth of a block is waste.

use core::alloc::Layout;
use core::mem::size_of;

/// The number of sizes.
pub(crate) const SIZES: usize = float(MOST_UNITS) + 1;

/// Sizes are so many bytes times a small float, and a word, which the stride gives every block.
const UNIT: usize = 256;

/// The units of the smallest size, 2 KiB.
const LEAST_UNITS: usize = 8;

/// The units of the largest size, 32 KiB.
const MOST_UNITS: usize = 128;

/// The bytes of a size beyond its units.
const WORD: usize = size_of::<usize>();

/// The number of the largest size of at most so many units: eight in every octave.
const fn float(units: usize) -> usize {
    let octave = units.ilog2() - LEAST_UNITS.ilog2();
    (octave as usize * LEAST_UNITS) + (units >> octave) - LEAST_UNITS
}

/// How many sizes there are of at most so many units.
#[allow(clippy::cast_possible_truncation)] // `SIZES` at most
static UP_TO: [u8; MOST_UNITS + 1] = {
    let mut up_to = [0; MOST_UNITS + 1];
    let mut units = LEAST_UNITS;
    while units <= MOST_UNITS {
        up_to[units] = float(units) as u8 + 1;
        units += 1;
    }
    up_to
};

/// A size of blocks that may rest.
///
/// **Q1**: below [`SIZES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(u8);

impl Size {
    /// The size of a number; `None` if there are not so many.
    #[allow(clippy::cast_possible_truncation)] // Q1
    pub(crate) fn at(index: usize) -> Option<Self> {
        (index < SIZES).then_some(Self(index as u8))
    }

    /// The least size for a layout that no slab serves; `None` if it is too large, or at an
    /// alignment that not every block has.
    #[inline(always)]
    pub(crate) fn of(layout: Layout) -> Option<Self> {
        if layout.align() > 2 * WORD {
            return None;
        }
        Self::at_least(layout.size())
    }

    /// The least size of at least so many bytes.
    #[inline(always)]
    pub(crate) fn at_least(bytes: usize) -> Option<Self> {
        let units_below = bytes.saturating_sub(WORD + 1) / UNIT;
        let sizes_below = UP_TO[..MOST_UNITS].get(units_below)?;
        Some(Self(*sizes_below))
    }

    /// The largest size of at most so many bytes; `None` if a block of them is not to rest.
    #[inline(always)]
    pub(crate) fn at_most(bytes: usize) -> Option<Self> {
        let sizes = UP_TO.get(bytes.saturating_sub(WORD) / UNIT)?;
        sizes.checked_sub(1).map(Self)
    }

    /// The next smaller size.
    pub(crate) fn below(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The bytes.
    #[inline(always)]
    pub(crate) const fn bytes(self) -> usize {
        let (octave, float) = (self.index() / LEAST_UNITS, self.index() % LEAST_UNITS);
        ((LEAST_UNITS + float) << octave) * UNIT + WORD
    }

    /// The layout of a request for them.
    pub(crate) fn layout(self) -> Layout {
        // SAFETY: small, and at one.
        unsafe { Layout::from_size_align_unchecked(self.bytes(), 1) }
    }

    /// The number.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        // SAFETY: Q1.
        unsafe { core::hint::assert_unchecked((self.0 as usize) < SIZES) };
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use crate::class;

    fn all() -> impl Iterator<Item = Size> {
        (0..).map_while(Size::at)
    }

    #[test]
    fn sizes_follow_the_classes_of_slabs_by_an_eighth_at_most() {
        assert_eq!(all().count(), SIZES);
        let bytes: std::vec::Vec<_> = all().map(Size::bytes).collect();
        assert!(bytes[0] >= class::LARGEST && bytes[0] * 8 <= (class::LARGEST + 1) * 9);
        assert!(bytes
            .windows(2)
            .all(|two| two[0] < two[1] && two[1] * 8 <= two[0] * 9));
        assert_eq!(bytes[SIZES - 1], (32 << 10) + WORD);
        let below: std::vec::Vec<_> = all().skip(1).map(Size::below).collect();
        assert!(below.into_iter().eq(all().take(SIZES - 1).map(Some)));
        assert_eq!(Size::at(0).unwrap().below(), None);
    }

    #[test]
    fn every_number_of_bytes_has_the_nearest_sizes() {
        let largest = all().last().unwrap();
        for bytes in 0..80_000 {
            let above = all().find(|size| size.bytes() >= bytes);
            assert_eq!(Size::at_least(bytes), above, "{bytes}");
            let below = all().take_while(|size| size.bytes() <= bytes).last();
            let rests = bytes < largest.bytes() + UNIT;
            assert_eq!(Size::at_most(bytes), below.filter(|_| rests), "{bytes}");
        }
        assert_eq!(Size::at_least(usize::MAX), None);
        assert_eq!(Size::at_most(usize::MAX), None);
    }

    #[test]
    fn a_layout_has_a_size_if_every_block_is_at_its_alignment() {
        for align in (0..8).map(|bits| 1 << bits) {
            let layout = Layout::from_size_align(5000, align).unwrap();
            let size = Size::at_least(5000).filter(|_| align <= 16);
            assert_eq!(Size::of(layout), size);
        }
    }
}
