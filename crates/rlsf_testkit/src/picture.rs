//! A heap's layout as a line of text.

use rlsf::int::BinInteger;
use rlsf::Tlsf;

/// A block's address, its size, and whether it is in use.
pub(crate) type Place = (usize, usize, bool);

/// Every block of a heap in the order of their addresses.
pub(crate) fn places<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>,
) -> Vec<Place> {
    let place = |block: rlsf::BlockInfo<'_>| {
        let start = block.as_ptr().as_ptr().cast::<u8>() as usize;
        (start, block.size(), block.is_occupied())
    };
    let mut places: Vec<Place> = heap.blocks().map(place).collect();
    places.sort_unstable();
    places
}

/// Draws the blocks of a heap in the order of their addresses: `#24` is a used
/// block of 24 bytes, `.40` a free one of 40.
#[must_use]
pub fn picture<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>,
) -> String {
    let names: Vec<String> = places(heap)
        .iter()
        .map(|&(_, size, used)| format!("{}{size}", if used { '#' } else { '.' }))
        .collect();
    names.join(" ")
}
