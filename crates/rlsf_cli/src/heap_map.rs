//! How much of each stretch of a heap is in use, gathered block by block
//! without allocating.
//!
//! ```text
//! addresses   [ region 0      ]   gap   [ region 1            ]
//! cells       |    |    |    |          |    |    |    |    | |     gaps are left out
//! ```
//!
//! Two walks over the blocks: [`HeapMap::survey`] finds the regions and adds up
//! the figures, [`HeapMap::paint`] fills the cells.

/// The most cells that a map can have.
pub(crate) const MOST_CELLS: usize = 2048;

/// The most regions that are drawn; blocks beyond them only count.
const MOST_REGIONS: usize = 64;

/// A block as the map needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) size: usize,
    pub(crate) is_occupied: bool,
}

impl Span {
    fn end(self) -> usize {
        self.start + self.size
    }
}

/// Blocks that touch each other.
#[derive(Clone, Copy, Debug)]
struct Region {
    start: usize,
    end: usize,
    /// Where it begins when the gaps are left out.
    offset: usize,
}

const NOWHERE: Region = Region {
    start: 0,
    end: 0,
    offset: 0,
};

/// The figures that the survey adds up, in bytes and numbers of blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) used: usize,
    pub(crate) free: usize,
    pub(crate) free_blocks: usize,
    pub(crate) largest_free: usize,
}

/// A map of a heap, of fixed size.
#[derive(Debug)]
pub(crate) struct HeapMap {
    regions: [Region; MOST_REGIONS],
    region_count: usize,
    /// Bytes in use, cell by cell.
    cells: [usize; MOST_CELLS],
    cell_size: usize,
    totals: Totals,
}

impl HeapMap {
    pub(crate) const fn new() -> Self {
        Self {
            regions: [NOWHERE; MOST_REGIONS],
            region_count: 0,
            cells: [0; MOST_CELLS],
            cell_size: 1,
            totals: Totals {
                used: 0,
                free: 0,
                free_blocks: 0,
                largest_free: 0,
            },
        }
    }

    /// First walk: takes note of a block. Neighbours come one after the other.
    pub(crate) fn survey(&mut self, block: Span) {
        if block.is_occupied {
            self.totals.used += block.size;
        } else {
            self.totals.free += block.size;
            self.totals.free_blocks += 1;
            self.totals.largest_free = self.totals.largest_free.max(block.size);
        }
        match self.regions[..self.region_count].last_mut() {
            Some(region) if region.end == block.start => region.end = block.end(),
            _ => self.begin_region(block),
        }
    }

    fn begin_region(&mut self, block: Span) {
        if let Some(region) = self.regions.get_mut(self.region_count) {
            *region = Region {
                start: block.start,
                end: block.end(),
                offset: 0,
            };
            self.region_count += 1;
        }
    }

    /// Between the walks: lays the regions out on at most `cells` cells, in the
    /// order of their addresses.
    pub(crate) fn lay_out(&mut self, cells: usize) {
        let regions = &mut self.regions[..self.region_count];
        regions.sort_unstable_by_key(|region| region.start);
        let mut offset = 0;
        for region in regions {
            region.offset = offset;
            offset += region.end - region.start;
        }
        self.cell_size = offset.div_ceil(cells.clamp(1, MOST_CELLS)).max(1);
    }

    /// Second walk: adds a block in use to its cells.
    pub(crate) fn paint(&mut self, block: Span) {
        if !block.is_occupied {
            return;
        }
        let regions = &self.regions[..self.region_count];
        let holds = |region: &&Region| (region.start..region.end).contains(&block.start);
        let Some(region) = regions.iter().find(holds) else {
            return;
        };
        let mut from = region.offset + (block.start - region.start);
        let end = from + block.size;
        while from < end {
            let cell = from / self.cell_size;
            let until = end.min((cell + 1) * self.cell_size);
            self.cells[cell] += until - from;
            from = until;
        }
    }

    /// The bytes of a cell.
    pub(crate) fn cell_size(&self) -> usize {
        self.cell_size
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    /// The percentage in use of each cell; 0 and 100 are exact, others are
    /// rounded away from them.
    pub(crate) fn percentages(&self) -> impl Iterator<Item = u8> + '_ {
        let bytes: usize = self.regions[..self.region_count]
            .iter()
            .map(|region| region.end - region.start)
            .sum();
        let cells = self.cells.iter().zip((0..bytes).step_by(self.cell_size));
        cells.map(move |(&used, offset)| percentage(used, self.cell_size.min(bytes - offset)))
    }
}

fn percentage(used: usize, size: usize) -> u8 {
    match used {
        0 => 0,
        _ if used >= size => 100,
        _ => u8::try_from(used * 100 / size).unwrap_or(100).clamp(1, 99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks as `(start, size, is_occupied)`, drawn on at most `cells` cells.
    fn map(blocks: &[(usize, usize, bool)], cells: usize) -> (Vec<u8>, HeapMap) {
        let mut map = HeapMap::new();
        let spans = || {
            blocks.iter().map(|&(start, size, is_occupied)| Span {
                start,
                size,
                is_occupied,
            })
        };
        spans().for_each(|span| map.survey(span));
        map.lay_out(cells);
        spans().for_each(|span| map.paint(span));
        (map.percentages().collect(), map)
    }

    #[test]
    fn a_block_fills_the_cells_it_covers() {
        let (cells, map) = map(&[(1000, 150, true), (1150, 250, false)], 4);
        assert_eq!(map.cell_size(), 100);
        assert_eq!(cells, [100, 50, 0, 0]);
    }

    #[test]
    fn gaps_between_regions_are_left_out_and_addresses_ascend() {
        let (cells, _) = map(
            &[(9000, 100, true), (9100, 100, false), (500, 200, true)],
            4,
        );
        assert_eq!(cells, [100, 100, 100, 0]);
    }

    #[test]
    fn the_last_cell_may_be_smaller() {
        let (cells, map) = map(&[(0, 10, true)], 3);
        assert_eq!(map.cell_size(), 4);
        assert_eq!(cells, [100, 100, 100]);
    }

    #[test]
    fn a_cell_in_part_is_neither_empty_nor_full() {
        let (cells, _) = map(&[(0, 1, true), (1, 1998, false), (1999, 1, true)], 2);
        assert_eq!(cells, [1, 1]);
        let (cells, _) = map(&[(0, 999, true), (999, 1, false)], 1);
        assert_eq!(cells, [99]);
    }

    #[test]
    fn totals_count_blocks_and_bytes() {
        let (_, map) = map(&[(0, 64, false), (64, 32, true), (96, 128, false)], 8);
        let totals = Totals {
            used: 32,
            free: 192,
            free_blocks: 2,
            largest_free: 128,
        };
        assert_eq!(map.totals(), totals);
    }

    #[test]
    fn a_heap_without_blocks_has_no_cells() {
        assert!(map(&[], 80).0.is_empty());
    }

    #[test]
    fn blocks_of_more_regions_than_are_drawn_still_count() {
        let scattered: Vec<_> = (0..100).map(|n| (n * 1000, 8, true)).collect();
        let (cells, map) = map(&scattered, 10);
        assert_eq!(cells.len(), 10);
        assert_eq!(map.totals().used, 800);
    }
}
