//! What tells one state of a heap from another, in 128 bits.
//!
//! A state is: the heap's list of pools; each pool's blocks in the order of their addresses, each with its
//! size and whether it is in use; and the order of the free blocks in the lists of their bins.
//!
//! **Why this is enough.** What an operation does depends on nothing but its arguments, the heap's own words
//! and the words of its pools that are no payload in use and no idle byte of a free block: the sources read
//! no others. Where `validate` finds no fault, each of them follows from the state: a header is the size and
//! two flags that follow from the block and its neighbour; a tag is the size; the links, the heads and both
//! bitmaps follow from the order of the lists; a footer follows from the list of pools. (The counters'
//! peaks are read for the figures only.) So two heaps of one state at one address behave alike for ever, and
//! one of them stands for all. The search does not trust this argument: each state is built anew from its
//! 128 bits, and its words are compared with those of every heap that reached it otherwise.

use arrayvec::ArrayVec;

/// The most blocks that a state has room for.
pub(crate) const MOST_CELLS: usize = 24;

/// A block, in granules from the arena's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The payload's place.
    pub(crate) start: u8,
    /// The size, header included.
    pub(crate) size: u8,
    pub(crate) is_used: bool,
}

impl Cell {
    pub(crate) const fn end(self) -> u8 {
        self.start + self.size
    }
}

/// A pool that a heap has: which of the places for pools, and the granules of its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occupied {
    pub(crate) slot: u8,
    pub(crate) size: u8,
}

/// A state of a heap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The newest first.
    pub(crate) pools: ArrayVec<Occupied, 4>,
    /// Pool by pool in that order, each pool's blocks by address.
    pub(crate) cells: ArrayVec<Cell, MOST_CELLS>,
    /// The free cells, by their number among them, bin by bin in the order of the lists.
    pub(crate) order: ArrayVec<u8, 16>,
}

/// A state without its addresses: equal just for equal states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(u128);

/// The bits of each part: of a number of pools, of a slot, of a size of a pool, of a free cell's number.
const POOLS: u32 = 3;
const SLOT: u32 = 2;
const SIZE: u32 = 6;
const NUMBER: u32 = 4;

impl State {
    /// The key.
    ///
    /// # Panics
    ///
    /// If the state has more in it than 128 bits can tell.
    pub(crate) fn key(&self) -> Key {
        let mut bits = Bits::default();
        bits.push(self.pools.len() as u128, POOLS);
        let mut cells = self.cells.iter();
        for pool in &self.pools {
            bits.push(pool.slot.into(), SLOT);
            bits.push(pool.size.into(), SIZE);
            let mut left = pool.size;
            while left > 0 {
                let cell = cells.next().expect("a pool is full of blocks");
                left -= cell.size;
                bits.push(1 << (cell.size - 1), cell.size.into());
                bits.push(cell.is_used.into(), 1);
            }
        }
        for &number in &self.order {
            bits.push(number.into(), NUMBER);
        }
        Key(bits.value)
    }

    /// The state of a key; `first` tells where the blocks of each slot begin.
    pub(crate) fn of(key: Key, first: impl Fn(u8) -> u8) -> Self {
        let mut bits = Bits {
            value: key.0,
            len: 0,
        };
        let mut state = Self::default();
        for _ in 0..bits.take(POOLS) {
            let pool = Occupied {
                slot: bits.take(SLOT),
                size: bits.take(SIZE),
            };
            state.pools.push(pool);
            let mut start = first(pool.slot);
            let end = start + pool.size;
            while start < end {
                let cell = Cell {
                    start,
                    size: bits.take_ones_place(),
                    is_used: bits.take(1) == 1,
                };
                start = cell.end();
                state.cells.push(cell);
            }
        }
        for _ in 0..state.free().count() {
            state.order.push(bits.take(NUMBER));
        }
        state
    }

    pub(crate) fn used(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.is_used)
    }

    pub(crate) fn free(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| !cell.is_used)
    }

    /// The used cell at a place.
    pub(crate) fn used_at(&self, start: u8) -> Option<Cell> {
        self.used().copied().find(|cell| cell.start == start)
    }

    /// The size of the largest free cell.
    pub(crate) fn largest_free(&self) -> u8 {
        self.free().map(|cell| cell.size).max().unwrap_or(0)
    }

    /// The state as a line of text: `[3]` is in use and has three granules, `(5)` is free; the numbers after
    /// it are the free blocks in the order of the lists.
    pub(crate) fn picture(&self) -> String {
        let mut words = Vec::new();
        let mut cells = self.cells.iter();
        for pool in &self.pools {
            words.push(format!("pool {}:", pool.slot));
            let mut left = pool.size;
            while left > 0 {
                let Some(cell) = cells.next() else { break };
                left = left.saturating_sub(cell.size);
                words.push(if cell.is_used {
                    format!("[{}]", cell.size)
                } else {
                    format!("({})", cell.size)
                });
            }
        }
        words.push(format!("lists {:?}", self.order.as_slice()));
        words.join(" ")
    }
}

/// Bits from the lowest on.
#[derive(Default)]
struct Bits {
    value: u128,
    len: u32,
}

impl Bits {
    fn push(&mut self, field: u128, width: u32) {
        assert!(self.len + width < u128::BITS, "the state is too large");
        debug_assert!(field >> width == 0);
        self.value |= field << self.len;
        self.len += width;
    }

    /// The next field, of up to eight bits.
    fn take(&mut self, width: u32) -> u8 {
        let field = self.value & ((1 << width) - 1);
        self.value >>= width;
        u8::try_from(field).expect("a narrow field")
    }

    /// The place of the next one, counted from one.
    fn take_ones_place(&mut self) -> u8 {
        let place = self.value.trailing_zeros() + 1;
        self.value >>= place;
        u8::try_from(place).expect("below 128")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_from_its_key() {
        let cell = |start, size, is_used| Cell {
            start,
            size,
            is_used,
        };
        let pool = |slot, size| Occupied { slot, size };
        let state = State {
            pools: [pool(1, 7), pool(0, 14)].into_iter().collect(),
            cells: [
                cell(31, 4, false),
                cell(35, 3, true),
                cell(1, 3, false),
                cell(4, 4, true),
                cell(8, 7, false),
            ]
            .into_iter()
            .collect(),
            order: [1, 0, 2].into_iter().collect(),
        };
        let again = State::of(state.key(), |slot| slot * 30 + 1);
        assert_eq!(again, state);
        assert_eq!(
            state.picture(),
            "pool 1: (4) [3] pool 0: (3) [4] (7) lists [1, 0, 2]"
        );
    }
}
