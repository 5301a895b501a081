//! Size classes, so that at most an eighth of a block is waste.
//!
//! ```text
//! 8, 16 .. 64      by 8 bytes
//! 72, 80 .. 1024   eight in every octave
//! 1088 .. 2032     as many bytes, a multiple of 16, as 15, 14 .. 8 blocks of a slab can have
//! ```

use crate::places::SLAB;
use core::alloc::Layout;
use core::mem::size_of;

/// The number of classes.
pub(crate) const CLASSES: usize = FLOATS + PARTS;

/// The classes that are small floats of the size.
const FLOATS: usize = 40;

/// The classes that are parts of a slab: of octaves a slab has not a whole number, and the
/// rest of it would be too much.
const PARTS: usize = 8;

/// The largest size that has a class.
pub(crate) const LARGEST: usize = part(PARTS - 1);

/// The largest size of the classes that are floats.
const LARGEST_FLOAT: usize = 1024;

/// The strongest alignment of a class.
const LARGEST_ALIGN: usize = 128;

/// Sizes up to this step by 8 bytes.
const LINEAR: usize = 64;

/// The bytes of a class that is a part of a slab, whose last word is not its blocks'.
const fn part(index: usize) -> usize {
    let blocks = 2 * PARTS - 1 - index;
    (SLAB - size_of::<usize>()) / blocks / 16 * 16
}

/// A size class.
///
/// **C1**: below [`CLASSES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(u8);

impl Class {
    /// The class of the smallest blocks.
    pub(crate) const FIRST: Self = Self(0);

    /// The class of a number.
    ///
    /// # Safety
    ///
    /// C1.
    #[allow(clippy::cast_possible_truncation)] // C1
    pub(crate) const unsafe fn at(index: usize) -> Self {
        debug_assert!(index < CLASSES);
        Self(index as u8)
    }

    /// The class of the next larger blocks; after the last one, the first.
    pub(crate) const fn next(self) -> Self {
        match self.0 as usize + 1 {
            CLASSES => Self::FIRST,
            _ => Self(self.0 + 1),
        }
    }

    /// The class whose blocks serve a layout; `None` if it has to be served by something else.
    #[inline(always)]
    pub(crate) const fn of(layout: Layout) -> Option<Self> {
        let (size, align) = (layout.size(), layout.align());
        if size > LARGEST {
            return None;
        }
        match align {
            0..=8 => Some(Self(OF_GRANULES[size.div_ceil(8)])),
            16 => Some(Self(OF_DOUBLE_GRANULES[size.div_ceil(16)])),
            _ => Self::of_aligned(size, align),
        }
    }

    /// Whether a layout has a class.
    #[inline(always)]
    pub(crate) const fn serves(layout: Layout) -> bool {
        if layout.align() <= 16 {
            layout.size() <= LARGEST
        } else {
            Self::of(layout).is_some()
        }
    }

    /// The class of a size at an alignment that is not usual.
    const fn of_aligned(size: usize, align: usize) -> Option<Self> {
        // A float of a multiple of an alignment is a multiple of it.
        let size = (size + (size == 0) as usize + align - 1) & !(align - 1);
        if size > LARGEST_FLOAT || align > LARGEST_ALIGN {
            return None;
        }
        Some(Self(OF_GRANULES[size.div_ceil(8)]))
    }

    /// The same, computed.
    #[allow(clippy::cast_possible_truncation)] // C1
    const fn of_size(size: usize) -> Self {
        if size > LARGEST_FLOAT {
            let mut index = 0;
            while part(index) < size {
                index += 1;
            }
            return Self((FLOATS + index) as u8);
        }
        let last = size - 1;
        let octave = (last | LINEAR).ilog2();
        let class = ((octave - LINEAR.ilog2()) as usize * 8) + (last >> (octave - 3));
        Self(class as u8)
    }

    /// The bytes of a block of this class.
    #[inline(always)]
    pub(crate) const fn bytes(self) -> usize {
        BYTES[self.index()] as usize
    }

    /// How many whole blocks a number of bytes below 16 KiB has.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // less than the bytes
    pub(crate) const fn blocks_in(self, bytes: usize) -> usize {
        // The reciprocal is too large by less than one part in 2^32 for each byte of a block.
        ((bytes as u64 * RECIPROCALS[self.index()] as u64) >> u32::BITS) as usize
    }

    /// The number.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        // SAFETY: C1.
        unsafe { core::hint::assert_unchecked((self.0 as usize) < CLASSES) };
        self.0 as usize
    }
}

/// The class of so many times 8 bytes, one at least: a load is less than the arithmetic.
static OF_GRANULES: [u8; LARGEST / 8 + 1] = table(1);

/// The same of so many times 16 bytes, as C's `malloc` aligns.
static OF_DOUBLE_GRANULES: [u8; LARGEST / 16 + 1] = table(2);

/// The classes of the multiples of so many granules.
const fn table<const LEN: usize>(granules: usize) -> [u8; LEN] {
    let mut classes = [0; LEN];
    let mut index = 0;
    while index < LEN {
        let size = if index == 0 { 1 } else { index } * granules * 8;
        classes[index] = Class::of_size(size).0;
        index += 1;
    }
    classes
}

/// The bytes of each class's blocks.
#[allow(clippy::cast_possible_truncation)] // at most `LARGEST`
static BYTES: [u16; CLASSES] = {
    let mut bytes = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        bytes[class] = if class < 16 {
            8 * (class as u16 + 1)
        } else if class < FLOATS {
            (class as u16 % 8 + 9) << (class / 8 + 2)
        } else {
            part(class - FLOATS) as u16
        };
        class += 1;
    }
    bytes
};

/// What divides by them: 2^32 by each, rounded up.
static RECIPROCALS: [u32; CLASSES] = {
    let mut reciprocals = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        reciprocals[class] = u32::MAX / BYTES[class] as u32 + 1;
        class += 1;
    }
    reciprocals
};

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Class> {
        core::iter::successors(Some(Class::FIRST), |class| Some(class.next())).take(CLASSES)
    }

    fn class(size: usize, align: usize) -> Option<Class> {
        Class::of(Layout::from_size_align(size, align).unwrap())
    }

    #[test]
    fn every_size_has_the_least_class_that_holds_it() {
        for size in 0..=LARGEST {
            let class = class(size, 1).unwrap();
            assert!(class.index() < CLASSES && class.bytes() >= size);
            if class.index() > 0 {
                let below = Class(class.0 - 1);
                assert!(below.bytes() < size && below.bytes() < class.bytes());
            }
            let waste = class.bytes() - size.max(1);
            assert!(waste <= 7 || waste * 8 <= class.bytes(), "{size}");
        }
        assert_eq!(class(LARGEST, 1).unwrap().index(), CLASSES - 1);
        assert_eq!(class(LARGEST + 1, 1), None);
    }

    #[test]
    fn bytes_have_as_many_blocks_as_a_division_tells() {
        for class in all() {
            for bytes in 0..16 << 10 {
                let blocks = bytes / class.bytes();
                assert_eq!(class.blocks_in(bytes), blocks, "{class:?} {bytes}");
            }
        }
    }

    #[test]
    fn a_class_is_a_multiple_of_the_alignment_that_it_serves() {
        for size in 0..=LARGEST {
            for align in [1, 2, 4, 8, 16, 32, 64, 128] {
                let served = class(size, align);
                let is_served = size <= if align <= 16 { LARGEST } else { LARGEST_FLOAT };
                assert_eq!(served.is_some(), is_served, "{size} {align}");
                assert!(served.is_none_or(|class| class.bytes() % align == 0));
            }
            assert_eq!(class(size, 256), None);
        }
    }

    #[test]
    fn of_the_largest_classes_a_slab_holds_as_many_blocks_as_can_be() {
        let slab = SLAB - size_of::<usize>();
        let largest = all().skip(FLOATS).map(|class| {
            let blocks = slab / class.bytes();
            assert!(slab - blocks * class.bytes() < 16 * blocks, "{class:?}");
            blocks
        });
        assert!(largest.eq((8..=15).rev()));
    }

    #[test]
    fn what_is_served_has_a_class() {
        for size in 0..=LARGEST + 200 {
            for align in (0..10).map(|bits| 1 << bits) {
                let layout = Layout::from_size_align(size, align).unwrap();
                assert_eq!(Class::serves(layout), Class::of(layout).is_some());
                let general = Class::of_aligned(size, align);
                assert!(
                    align < 8 || size > LARGEST_FLOAT || Class::of(layout) == general,
                    "{layout:?}"
                );
            }
        }
    }
}
