//! The heap's blocks, counted one by one.

use super::HEAP;

/// Some blocks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) blocks: usize,
    /// Headers included.
    pub(super) bytes: usize,
}

impl Tally {
    fn add(&mut self, bytes: usize) {
        self.blocks += 1;
        self.bytes += bytes;
    }
}

/// The blocks of the heap at one moment.
#[derive(Debug)]
pub(super) struct Histogram {
    pub(super) used: Tally,
    pub(super) free: Tally,
    /// The free blocks of `2^n` to `2^(n+1) - 1` bytes.
    pub(super) octaves: [Tally; usize::BITS as usize],
}

impl Histogram {
    /// Counts all blocks, in time linear in their number, under the heap's lock.
    pub(super) fn read() -> Self {
        let mut histogram = Self {
            used: Tally::default(),
            free: Tally::default(),
            octaves: [Tally::default(); usize::BITS as usize],
        };
        HEAP.for_each_block(&mut |size, is_used| {
            if is_used {
                histogram.used.add(size);
            } else {
                histogram.free.add(size);
                histogram.octaves[size.ilog2() as usize].add(size);
            }
        });
        histogram
    }

    /// The least and the largest size of an octave.
    pub(super) fn bounds(octave: usize) -> (usize, usize) {
        let least = 1_usize << octave;
        (least, least | (least - 1))
    }
}
