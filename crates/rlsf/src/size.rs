//! Block sizes: the only integers that are ever added to a block's address.

use core::mem::size_of;

/// The allocation granule in bytes: every block's size and every payload's
/// address is a multiple of it.
///
/// A payload that asks for no more alignment than this costs nothing extra;
/// a stronger alignment splits a leading gap off as a free block of its own.
///
/// ```
/// assert_eq!(rlsf::GRANULARITY, 8);
/// ```
pub const GRANULARITY: usize = 8;

/// The size of a machine word: a header, a boundary tag or a link.
pub(crate) const WORD: usize = size_of::<usize>();

const _: () = assert!(
    GRANULARITY % WORD == 0,
    "a block's header and tag lie at word boundaries"
);

/// Rounds `bytes` up to a multiple of the granule, wrapping at the end of the
/// address space.
pub(crate) const fn round_up(bytes: usize) -> usize {
    bytes.wrapping_add(GRANULARITY - 1) & !(GRANULARITY - 1)
}

/// Rounds `bytes` down to a multiple of the granule.
pub(crate) const fn round_down(bytes: usize) -> usize {
    bytes & !(GRANULARITY - 1)
}

/// The size of a block in bytes, header included.
///
/// **S1**: a multiple of [`GRANULARITY`], at least [`BlockSize::LEAST`] and at
/// most [`BlockSize::LARGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub(crate) struct BlockSize(usize);

impl BlockSize {
    /// A free block holds its header and two links.
    pub(crate) const LEAST: Self = Self(round_up(3 * WORD));

    /// The bits that a size has at most. No object of Rust is larger than `isize::MAX`
    /// bytes; a hardened heap keeps the highest bits of a header for its checksum.
    pub(crate) const LARGEST_BITS: u32 = match usize::BITS {
        64 if cfg!(feature = "hardened") => 48,
        _ if cfg!(feature = "hardened") => usize::BITS - 2,
        _ => usize::BITS - 1,
    };

    /// The largest size.
    pub(crate) const LARGEST: Self = Self(round_down((1 << Self::LARGEST_BITS) - 1));

    /// Whether a free block of the least size has no word to spare for its
    /// boundary tag, so that its last link stands in the tag's place.
    pub(crate) const LEAST_HAS_NO_TAG: bool = Self::LEAST.0 == 3 * WORD;

    /// The size of the block that holds `payload` bytes, `payload` being at
    /// most `LARGEST - WORD`.
    #[inline]
    pub(crate) const fn of_payload(payload: usize) -> Self {
        debug_assert!(payload <= Self::LARGEST.0 - WORD);
        let size = round_up(payload + WORD);
        if size < Self::LEAST.0 {
            Self::LEAST
        } else {
            Self(size)
        }
    }

    /// Takes a number for a size.
    ///
    /// # Safety
    ///
    /// S1 holds for `bytes`.
    #[inline]
    pub(crate) const unsafe fn new_unchecked(bytes: usize) -> Self {
        debug_assert!(bytes % GRANULARITY == 0);
        debug_assert!(bytes >= Self::LEAST.0 && bytes <= Self::LARGEST.0);
        Self(bytes)
    }

    /// The size in bytes.
    #[inline]
    pub(crate) const fn get(self) -> usize {
        self.0
    }

    /// The bytes that the payload of such a block has.
    #[inline]
    pub(crate) const fn payload(self) -> usize {
        self.0 - WORD
    }

    /// What is left after `part`, at most `self`, is split off; `None` if that is
    /// no block.
    #[inline(always)]
    pub(crate) const fn minus(self, part: Self) -> Option<Self> {
        debug_assert!(part.0 <= self.0);
        let rest = self.0.wrapping_sub(part.0);
        if rest < Self::LEAST.0 {
            return None;
        }
        Some(Self(rest))
    }
}

#[cfg(test)]
#[path = "tests/size.rs"]
mod tests;
