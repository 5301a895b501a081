//! Seals with a key.

use super::Site;
use crate::header::Header;
use crate::misuse::Misuse;
use crate::size::{BlockSize, GRANULARITY};
use core::ops::Range;
use core::ptr::NonNull;

/// A heap's secret, and the addresses between which all its blocks lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// Zero until the heap has a pool, or is given a key.
    secret: usize,
    /// The first payload's address.
    lowest: usize,
    /// The granules from there to the last sentinel.
    granules: usize,
}

impl Key {
    pub(crate) const NONE: Self = Self {
        secret: 0,
        lowest: 0,
        granules: 0,
    };

    /// Sets the secret, if nothing is sealed with another one yet.
    pub(crate) fn set(&mut self, secret: u64) {
        if self.granules == 0 {
            // The lower half alone where words are short: both are as good.
            #[allow(clippy::cast_possible_truncation)]
            let word = (secret ^ secret.rotate_right(32).wrapping_mul(u64::MAX / 3)) as usize;
            self.secret = word;
        }
    }

    /// Notes that blocks lie between a first payload and a sentinel.
    pub(crate) fn cover(&mut self, payloads: Range<usize>) {
        if self.secret == 0 {
            let folded = payloads.start.rotate_left(usize::BITS / 2) ^ payloads.end;
            let product = (folded | 1).wrapping_mul(FACTOR);
            self.secret = product ^ product >> (usize::BITS / 2);
        }
        let end = self.lowest + self.granules * GRANULARITY;
        let (lowest, end) = if self.granules == 0 {
            (payloads.start, payloads.end)
        } else {
            (self.lowest.min(payloads.start), end.max(payloads.end))
        };
        self.lowest = lowest;
        self.granules = (end - lowest) / GRANULARITY;
    }
}

/// The bytes that were asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request(usize);

impl Request {
    #[inline(always)]
    pub(crate) const fn of(payload: usize) -> Self {
        Self(payload)
    }

    /// The bytes of a block's payload beyond the request.
    #[inline(always)]
    pub(crate) const fn slack_in(self, size: BlockSize) -> usize {
        debug_assert!(self.0 <= size.payload());
        size.payload() - self.0
    }

    /// The larger one of the request and the bytes that a block's user may use anyway.
    #[inline(always)]
    pub(crate) fn or_usable(self, size: BlockSize, slack: usize) -> Self {
        Self(self.0.max(size.payload() - slack))
    }
}

/// Seals a heap's words, and opens them.
///
/// **E1**: a word is sealed for an address if its checksum is the highest bits of the
/// product of [`FACTOR`] and the rest of it, the secret and the address, exclusive-ored.
/// The block before being free is told by two bits of the checksum, inverted: so that the
/// flag changes by one instruction, without the rest being looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seal {
    /// **E2**: the heap's, which is borrowed while the seal is in use and not written to.
    key: *const Key,
    /// The bits of the checksum.
    width: u32,
    site: Site,
}

/// The factor of the checksum: whichever byte of a word is changed to whatever value, the
/// product changes in its highest bits, and not in just those that tell of the block before
/// (64 bits: of a checksum of 16; 32 bits: of one of 10 at least). See the test.
#[allow(clippy::cast_possible_truncation)] // one for each width
pub(super) const FACTOR: usize = match usize::BITS {
    64 => 0x7276_bfde_b721_64f1_u64 as usize,
    _ => 0xcf93_eedb_u32 as usize,
};

/// The most bits that a checksum has.
const WIDEST: u32 = 16;

impl Seal {
    pub(crate) const ON: bool = true;

    #[inline(always)]
    pub(crate) const fn new(key: &Key, size_bits: u32, site: Site) -> Self {
        let spare = usize::BITS - size_bits;
        let width = if spare < WIDEST { spare } else { WIDEST };
        Self {
            key: key as *const Key,
            width,
            site,
        }
    }

    #[inline(always)]
    fn key(&self) -> &Key {
        // SAFETY: E2.
        unsafe { &*self.key }
    }

    /// A seal that opens nothing, to peek.
    #[inline(always)]
    pub(crate) const fn keyless(size_bits: u32) -> Self {
        let site = Site::of(crate::misuse::Operation::Examine);
        Self::new(&Key::NONE, size_bits, site)
    }

    /// The bits of a word that are its checksum.
    #[inline(always)]
    const fn checksum_bits(self) -> usize {
        !0 << self.rest()
    }

    /// The number of the other bits.
    #[inline(always)]
    const fn rest(self) -> u32 {
        usize::BITS
            - if usize::BITS == 64 {
                WIDEST
            } else {
                self.width
            }
    }

    /// The bits that are inverted where the block before is free, in different bytes.
    #[inline(always)]
    const fn prev_free_bits(self) -> usize {
        let second = if usize::BITS - self.rest() > 8 {
            Header::PREV_FREE >> 8
        } else {
            0
        };
        Header::PREV_FREE | second
    }

    /// The product whose highest bits are the checksum of the rest of a word.
    #[inline(always)]
    fn product(self, address: NonNull<u8>, rest: usize) -> usize {
        (rest ^ self.key().secret ^ address.as_ptr() as usize).wrapping_mul(FACTOR)
    }

    /// The difference between a word's checksum and the one that it is to have.
    #[inline(always)]
    fn difference(self, address: NonNull<u8>, word: usize) -> usize {
        (self.product(address, word & !self.checksum_bits()) ^ word) >> self.rest()
    }

    /// The header that a word is at an address, which is sealed, or ends the operation.
    #[inline(always)]
    pub(crate) fn open(self, address: NonNull<u8>, word: usize) -> Header {
        match self.look(address, word) {
            Some(header) => header,
            None => self.refuse(address, Misuse::Header),
        }
    }

    /// The header that a word is at an address, if it is sealed.
    #[inline(always)]
    pub(crate) fn look(self, address: NonNull<u8>, word: usize) -> Option<Header> {
        let difference = self.difference(address, word);
        let header = self.peek(word);
        if difference == 0 {
            Some(header)
        } else if difference == self.prev_free_bits() >> self.rest() {
            Some(header.with_prev_free())
        } else {
            None
        }
    }

    /// What a word tells without the key: all but whether the block before is free.
    #[inline(always)]
    pub(crate) const fn peek(self, word: usize) -> Header {
        Header::from_word(word & !self.checksum_bits())
    }

    /// The word that a header is at an address, behind a used block.
    #[inline(always)]
    pub(crate) fn close(self, address: NonNull<u8>, header: Header) -> usize {
        debug_assert!(!header.prev_is_free());
        let rest = header.word();
        rest | self.product(address, rest) & self.checksum_bits()
    }

    /// A word whose header is to tell that the block before is free, as it does not yet.
    #[inline(always)]
    pub(crate) const fn with_prev_free(self, word: usize) -> usize {
        word ^ self.prev_free_bits()
    }

    /// A word whose header is to tell that the block before is used, as it does not yet.
    #[inline(always)]
    pub(crate) const fn with_prev_used(self, word: usize) -> usize {
        word ^ self.prev_free_bits()
    }

    /// A link as memory holds it; the bits that tell what it links to stay.
    #[inline(always)]
    pub(crate) fn hide(self, link: *mut u8) -> *mut u8 {
        link.wrapping_add(self.key().secret & !(GRANULARITY - 1))
    }

    /// A link that was hidden.
    #[inline(always)]
    pub(crate) fn reveal(self, link: *mut u8) -> *mut u8 {
        link.wrapping_sub(self.key().secret & !(GRANULARITY - 1))
    }

    /// Whether an address is aligned as a block's and lies between all blocks'.
    #[inline(always)]
    pub(crate) fn reaches(self, address: *mut u8) -> bool {
        // What is misaligned is far off.
        let distance = (address as usize).wrapping_sub(self.key().lowest);
        distance.rotate_right(GRANULARITY.trailing_zeros()) < self.key().granules
    }

    /// A word of the pattern that slack is filled with: no byte of it is zero.
    #[inline(always)]
    pub(crate) fn pattern(self, address: NonNull<u8>) -> usize {
        const LOWEST_BITS: usize = usize::MAX / 0xff;
        (self.key().secret ^ address.as_ptr() as usize) | LOWEST_BITS
    }

    /// Ends the operation unless `holds`.
    #[inline(always)]
    pub(crate) fn demand(self, holds: bool, address: NonNull<u8>, misuse: Misuse) {
        if !holds {
            self.refuse(address, misuse);
        }
    }

    /// Ends the operation.
    #[cold]
    #[inline(always)]
    pub(crate) fn refuse(self, address: NonNull<u8>, misuse: Misuse) -> ! {
        let Key {
            lowest, granules, ..
        } = *self.key();
        let payloads = lowest..lowest + granules * GRANULARITY;
        let size_bits = !self.checksum_bits() & !(GRANULARITY - 1);
        self.site.refuse(misuse, address, payloads, size_bits)
    }
}

#[cfg(test)]
#[path = "../tests/seal.rs"]
mod tests;
