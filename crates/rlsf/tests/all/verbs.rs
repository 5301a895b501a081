//! Short words for what nearly every test does.

use core::alloc::Layout;
use core::num::NonZeroUsize;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{RemovePoolError, Tlsf, GRANULARITY};
use rlsf_testkit::Arena;

/// The size of a machine word, and so of a block's header.
pub(crate) const WORD: usize = size_of::<usize>();

/// The least block: a header and two links.
pub(crate) const LEAST: usize = (3 * WORD + GRANULARITY - 1) & !(GRANULARITY - 1);

/// The bytes that a pool at a multiple of the granule takes beyond its blocks:
/// the lead, and the four words of its end.
pub(crate) const OVERHEAD: usize = GRANULARITY + 4 * WORD;

/// The offset of an arena whose first payload lies `bytes` before a multiple of
/// 64 Ki.
pub(crate) const fn payload_before_64k(bytes: usize) -> usize {
    (1 << 16) - 64 - GRANULARITY - bytes
}

pub(crate) fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

/// A heap with the arena as its memory.
pub(crate) fn heap_over<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    arena: &Arena,
) -> Tlsf<'_, FL, SL, FLLEN, SLLEN> {
    let mut heap = Tlsf::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
    heap
}

/// Asks for `size` bytes at any address.
pub(crate) fn ask<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    size: usize,
) -> Option<NonNull<u8>> {
    heap.allocate(layout(size, 1))
}

/// Asks for `size` bytes that must be there.
pub(crate) fn take<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    size: usize,
) -> NonNull<u8> {
    ask(heap, size).unwrap()
}

/// Frees a live block, as every test's blocks are.
pub(crate) fn free<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    block: NonNull<u8>,
) {
    // SAFETY: see above.
    unsafe { heap.deallocate_unknown_align(block) };
}

/// Grows a live block where it stands.
pub(crate) fn grow<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    block: NonNull<u8>,
    size: usize,
) -> Option<()> {
    // SAFETY: see above.
    unsafe { heap.try_grow_in_place(block, size) }
}

/// Shrinks a live block where it stands.
pub(crate) fn shrink<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    block: NonNull<u8>,
    size: usize,
) -> Option<()> {
    // SAFETY: see above.
    unsafe { heap.shrink_in_place(block, size) }
}

/// Gives a heap a region of an arena that outlives it; the bytes used.
pub(crate) fn insert<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    region: NonNull<[u8]>,
) -> Option<usize> {
    // SAFETY: see above.
    unsafe { heap.insert_free_block_ptr(region) }.map(NonZeroUsize::get)
}

/// Gives a heap the region behind one of its pools; the bytes used.
pub(crate) fn append<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    region: NonNull<[u8]>,
) -> usize {
    // SAFETY: see above.
    unsafe { heap.append_free_block_ptr(region) }
}

/// Takes back a region that was given to a heap, or of which the heap knows nothing.
pub(crate) fn remove<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    region: NonNull<[u8]>,
) -> Result<(), RemovePoolError> {
    // SAFETY: see above.
    unsafe { heap.remove_pool(region) }
}

/// Fills the heap with blocks of `size` bytes until none fits any more.
pub(crate) fn fill<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    size: usize,
) -> Vec<NonNull<u8>> {
    core::iter::from_fn(|| ask(heap, size)).collect()
}

/// The bytes of all blocks, and of the free ones.
pub(crate) fn sums<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>,
) -> (usize, usize) {
    heap.blocks().fold((0, 0), |(all, free), block| {
        let unused = if block.is_occupied() { 0 } else { block.size() };
        (all + block.size(), free + unused)
    })
}

/// How many words that many bytes are, as a distance.
#[allow(clippy::cast_possible_wrap)] // a block's size
pub(crate) const fn words(bytes: usize) -> isize {
    (bytes / WORD) as isize
}

/// The place of a block's word: 0 is the first of the payload, -1 the header.
#[allow(clippy::cast_ptr_alignment)] // payloads lie at multiples of the granule
pub(crate) fn word(block: NonNull<u8>, index: isize) -> *mut usize {
    block.as_ptr().cast::<usize>().wrapping_offset(index)
}

/// Overwrites a block's first bytes with a pattern that begins with `first`.
pub(crate) fn write(block: NonNull<u8>, bytes: usize, first: u8) {
    for (place, byte) in (0..bytes).zip(pattern(first)) {
        // SAFETY: the tests pass live blocks of at least as many bytes.
        unsafe { block.as_ptr().wrapping_add(place).write(byte) };
    }
}

/// Whether a block's first bytes are the pattern that begins with `first`.
pub(crate) fn holds(block: NonNull<u8>, bytes: usize, first: u8) -> bool {
    (0..bytes).zip(pattern(first)).all(|(place, byte)| {
        // SAFETY: the tests pass live blocks of at least as many bytes.
        unsafe { block.as_ptr().wrapping_add(place).read() == byte }
    })
}

fn pattern(first: u8) -> impl Iterator<Item = u8> {
    (0..251).cycle().map(move |byte| first.wrapping_add(byte))
}
