//! What the documentation promises, computed another way than the heap does.

/// The granule in bytes, and a word.
pub(crate) const GRANULE: usize = rlsf::GRANULARITY;
pub(crate) const WORD: usize = size_of::<usize>();

/// The granules of the least block: a header and two links.
#[allow(clippy::cast_possible_truncation)] // two or three
pub(crate) const LEAST: u8 = (3 * WORD).div_ceil(GRANULE) as u8;

/// The granules of a block that holds `payload` bytes.
pub(crate) fn granules_of(payload: usize) -> usize {
    payload
        .saturating_add(WORD)
        .div_ceil(GRANULE)
        .max(LEAST.into())
}

/// The bytes that the payload of a block has.
pub(crate) const fn payload_of(granules: u8) -> usize {
    granules as usize * GRANULE - WORD
}

/// The number of a size's bin, octave by octave.
pub(crate) fn bin(bytes: usize, sllen: usize) -> usize {
    let mut width = GRANULE;
    while sllen * width < 8 * WORD {
        width *= 2;
    }
    let mut octave = 0;
    while bytes / width >= 2 * sllen {
        width *= 2;
        octave += 1;
    }
    octave * sllen + bytes / width
}

/// The gap before a block at a multiple of `align` in a free block at `address`: none, or room for a block.
pub(crate) fn gap(address: usize, align: usize) -> usize {
    let fits = |gap: &usize| {
        (address + gap).is_multiple_of(align) && (*gap == 0 || *gap >= usize::from(LEAST) * GRANULE)
    };
    (0..).step_by(GRANULE).find(fits).expect("some gap fits")
}

/// The granules of the smallest free block that is sure to serve a request, whatever the largest block is.
pub(crate) fn sure_granules(payload: usize, align: usize, sllen: usize) -> usize {
    let gaps = (0..align).step_by(GRANULE).map(|place| gap(place, align));
    let largest_gap = if align > GRANULE {
        gaps.max().unwrap_or(0)
    } else {
        0
    };
    let block = granules_of(payload);
    let need = granules_of(block * GRANULE - WORD + largest_gap);
    let bin_of = |granules: usize| bin(granules * GRANULE, sllen);
    if need == 0 || bin_of(need - 1) < bin_of(need) {
        return need;
    }
    let mut size = need;
    while bin_of(size) == bin_of(need) {
        size += 1;
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_heap_says_is_sure_is_what_the_definition_says() {
        type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
        type Coarse = rlsf::Tlsf<'static, u8, u8, 8, 1>;
        for payload in 0..2000 {
            for align in [1, 8, 16, 32, 64, 512] {
                let bytes = |sllen| sure_granules(payload, align, sllen) * GRANULE;
                assert_eq!(Heap::sure_block_size(payload, align), bytes(16));
                assert_eq!(Coarse::sure_block_size(payload, align), bytes(1));
            }
        }
    }
}
