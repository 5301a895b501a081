//! Where a segment has its slabs, and where their headers.
//!
//! ```text
//! 0     64    128               16 KiB             32 KiB                    4 MiB - 8
//! +-----+-----+--//--+-----+-----+-----+--//--+-----+-------------------------+
//! |  the      |      | the | the |     |      |     | a pool: slabs of 16 KiB |
//! | segment's |      | owner's   |  what others    | and other blocks        |
//! | own lines |      | lines     |  write to       |                         |
//! +-----+-----+--//--+-----+-----+-----+--//--+-----+-------------------------+
//! ^ a multiple of 4 MiB
//! ```
//!
//! Each place for a slab has a cache line of its owner's and one that others write to. In the
//! slabs themselves, at multiples of 16 KiB, all headers would share a few sets of the cache.
//! The first two places are the headers' own: their lines are the segment's.

use core::ptr::NonNull;

/// The distance of segments, and their alignment.
pub(crate) const SEGMENT: usize = 4 << 20;

/// The distance of slabs, and their alignment.
pub(crate) const SLAB: usize = 16 << 10;

/// The bytes of a header's part.
pub(crate) const LINE: usize = 64;

/// The places of a segment.
pub(crate) const PLACES: usize = SEGMENT / SLAB;

/// How far what others write to is behind what the owner knows.
pub(crate) const OTHERS: usize = PLACES * LINE;

/// The bytes of all headers.
pub(crate) const HEADERS: usize = 2 * OTHERS;

const _: () = assert!(
    HEADERS == 2 * SLAB,
    "the places that are no slabs have the segment's lines"
);

/// The start of the segment that an address lies in.
#[inline(always)]
pub(crate) fn segment_of<T>(within: NonNull<T>) -> NonNull<u8> {
    let within = within.cast::<u8>();
    back(within, within.as_ptr() as usize % SEGMENT)
}

/// The number of the place that an address lies in.
#[inline(always)]
pub(crate) fn number_of(block: NonNull<u8>) -> usize {
    block.as_ptr() as usize / SLAB % PLACES
}

/// The owner's line of the place that a block lies in.
#[inline(always)]
pub(crate) fn line_of(block: NonNull<u8>) -> NonNull<u8> {
    forth(segment_of(block), number_of(block) * LINE)
}

/// The memory of the place that an owner's line is of.
#[inline(always)]
pub(crate) fn memory_of<T>(line: NonNull<T>) -> NonNull<u8> {
    let number = line.as_ptr() as usize % SEGMENT / LINE;
    forth(segment_of(line), number * SLAB)
}

/// What lies behind an address in its segment.
#[inline(always)]
pub(crate) fn forth<T>(from: NonNull<T>, bytes: usize) -> NonNull<u8> {
    let to = from.as_ptr().cast::<u8>().wrapping_add(bytes);
    // SAFETY: a segment does not reach the end of the address space.
    unsafe { NonNull::new_unchecked(to) }
}

/// What lies before an address in its segment.
#[inline(always)]
pub(crate) fn back<T>(from: NonNull<T>, bytes: usize) -> NonNull<u8> {
    let to = from.as_ptr().cast::<u8>().wrapping_sub(bytes);
    // SAFETY: no segment is at the start of the address space.
    unsafe { NonNull::new_unchecked(to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address that is only reckoned with.
    fn at(address: usize) -> NonNull<u8> {
        NonNull::new(core::ptr::without_provenance_mut(address)).unwrap()
    }

    #[test]
    fn each_place_has_a_line_of_its_own_in_its_segment() {
        let segment = at(7 * SEGMENT);
        for number in 0..PLACES {
            let memory = forth(segment, number * SLAB);
            let line = forth(segment, number * LINE);
            for offset in [0, 1, 8, SLAB / 2, SLAB - 1] {
                let block = forth(memory, offset);
                assert_eq!(segment_of(block), segment);
                assert_eq!(number_of(block), number);
                assert_eq!(line_of(block), line);
            }
            assert_eq!(memory_of(line), memory);
            assert_eq!(back(memory, number * SLAB), segment);
        }
    }
}
