//! The memory in which the search plays: building a heap of a state there, and reading a heap's state.

use crate::spec::{payload_of, GRANULE, WORD};
use crate::state::{Cell, Occupied, State};
use crate::subject::Subject;
use anyhow::{ensure, Context, Result};
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf_testkit::Arena;

/// A place for a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// The granules of blocks with which the pool is given.
    pub(crate) least: u8,
    /// The granules of blocks up to which it may be extended.
    pub(crate) most: u8,
}

/// The bytes of a pool beyond its blocks: a granule before, and a sentinel with its footer behind.
const FOOTER: usize = 4 * WORD;
const OVERHEAD: usize = GRANULE + FOOTER;

/// An arena with its places for pools.
#[derive(Debug)]
pub(crate) struct Site {
    arena: Arena,
    slots: Vec<Slot>,
}

impl Site {
    /// Memory for the pools, `offset` bytes past a multiple of 64 Ki and 64.
    pub(crate) fn new(slots: &[Slot], offset: usize) -> Self {
        let bytes = slots.iter().map(|slot| Self::room(*slot)).sum();
        Self {
            arena: Arena::new(bytes, offset),
            slots: slots.to_vec(),
        }
    }

    /// The bytes that a slot takes of the arena: a granule lies between the pools.
    fn room(slot: Slot) -> usize {
        OVERHEAD + GRANULE + usize::from(slot.most) * GRANULE
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Where a slot's region begins, in bytes from the arena's start.
    fn offset(&self, slot: u8) -> usize {
        let before = &self.slots[..usize::from(slot)];
        before.iter().map(|slot| Self::room(*slot)).sum()
    }

    /// Where the first block of a slot's pool lies, in granules.
    pub(crate) fn first(&self, slot: u8) -> u8 {
        u8::try_from(self.offset(slot) / GRANULE + 1).expect("a small arena")
    }

    /// The region of a pool with that many granules of blocks.
    pub(crate) fn region(&self, pool: Occupied) -> NonNull<[u8]> {
        let len = OVERHEAD + usize::from(pool.size) * GRANULE;
        self.arena.region(self.offset(pool.slot), len)
    }

    /// The region of `by` granules behind a pool.
    pub(crate) fn region_behind(&self, pool: Occupied, by: u8) -> NonNull<[u8]> {
        let start = self.offset(pool.slot) + OVERHEAD + usize::from(pool.size) * GRANULE;
        self.arena.region(start, usize::from(by) * GRANULE)
    }

    /// The address of a place in granules.
    pub(crate) fn address(&self, start: u8) -> usize {
        self.arena.address() + usize::from(start) * GRANULE
    }

    pub(crate) fn payload(&self, start: u8) -> NonNull<u8> {
        self.arena
            .region(usize::from(start) * GRANULE, 0)
            .cast::<u8>()
    }

    /// The place of an address, in granules.
    pub(crate) fn start_of(&self, payload: NonNull<u8>) -> Result<u8> {
        let bytes = (payload.as_ptr() as usize).wrapping_sub(self.arena.address());
        ensure!(
            bytes < self.arena.len() && bytes.is_multiple_of(GRANULE),
            "{payload:?} is no place for a block"
        );
        Ok(u8::try_from(bytes / GRANULE)?)
    }

    /// Builds a heap of `state` from nothing: pool by pool, the oldest first, cut into its blocks from the
    /// front; then what is to be free is freed, the last of each list first.
    pub(crate) fn build<H: Subject>(&self, state: &State) -> Result<H> {
        let mut heap = H::empty();
        let mut end = state.cells.len();
        for pool in state.pools.iter().rev() {
            // SAFETY: the slot's bytes, which no other pool has.
            unsafe { heap.insert(self.region(*pool)) };
            let first = self.first(pool.slot);
            let begin = state.cells[..end].iter().rposition(|c| c.start == first);
            let begin = begin.context("a pool has a first block")?;
            for cell in &state.cells[begin..end] {
                let layout = Layout::from_size_align(payload_of(cell.size), 1)?;
                let block = heap.allocate(layout).context("a lone block serves")?;
                ensure!(
                    self.start_of(block)? == cell.start,
                    "a block is not cut from the front"
                );
            }
            end = begin;
        }
        let free: Vec<&Cell> = state.free().collect();
        for &number in state.order.iter().rev() {
            let start = free[usize::from(number)].start;
            // SAFETY: allocated above, and freed once.
            unsafe { heap.free(self.payload(start)) };
        }
        Ok(heap)
    }

    /// The state of a heap that has been validated.
    pub(crate) fn read<H: Subject>(&self, heap: &H) -> Result<State> {
        let mut state = State::default();
        for pool in heap.pools() {
            let granules = u8::try_from(pool.block_bytes() / GRANULE)?;
            let first = pool.as_ptr().cast::<u8>();
            let first = self.start_of(first.map_addr(|a| a.saturating_add(WORD)))?;
            let slot = (0..self.slots.len())
                .position(|slot| u8::try_from(slot).is_ok_and(|slot| self.first(slot) == first));
            let slot = slot.context("a pool begins where none was given")?;
            state.pools.try_push(Occupied {
                slot: u8::try_from(slot)?,
                size: granules,
            })?;
            let mut start = first;
            for block in pool.blocks() {
                let size = u8::try_from(block.size() / GRANULE)?;
                let is_used = block.is_occupied();
                state.cells.try_push(Cell {
                    start,
                    size,
                    is_used,
                })?;
                start += size;
            }
        }
        for block in heap.free_blocks() {
            let start = block.as_ptr().cast::<u8>();
            let start = self.start_of(start.map_addr(|a| a.saturating_add(WORD)))?;
            let number = state.free().position(|cell| cell.start == start);
            let number = number.context("a list has a block that no pool has")?;
            state.order.try_push(u8::try_from(number)?)?;
        }
        Ok(state)
    }

    /// Fills what is no word of the heap's with a pattern: the payloads in use, and free blocks' idle bytes.
    pub(crate) fn fill(&self, state: &State) {
        for cell in &state.cells {
            let (start, end) = (self.payload(cell.start), payload_of(cell.size));
            // Two links at the front; a tag, where it is not one of them, in the last word.
            let idle = if cell.is_used {
                0..end
            } else {
                2 * WORD..(end - WORD).max(2 * WORD)
            };
            for place in idle {
                let address = start.as_ptr().wrapping_add(place);
                // SAFETY: within the block.
                unsafe { address.write(pattern(address as usize)) };
            }
        }
    }

    /// A fingerprint of every word of the pools that is the heap's.
    pub(crate) fn digest(&self, state: &State) -> u64 {
        let mut sum = 0_u64;
        let mut add = |place: usize| {
            let word = self.word(place) as u64;
            sum = (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        };
        for cell in &state.cells {
            let (start, end) = (usize::from(cell.start), usize::from(cell.end()));
            add(start * GRANULE - WORD);
            if !cell.is_used {
                add(start * GRANULE);
                add(start * GRANULE + WORD);
                add(end * GRANULE - 2 * WORD);
            }
        }
        for pool in &state.pools {
            let end = usize::from(self.first(pool.slot) + pool.size) * GRANULE;
            for word in 0..5 {
                add(end - WORD + word * WORD);
            }
        }
        sum
    }

    fn word(&self, place: usize) -> usize {
        // SAFETY: within the arena, at a multiple of a word; all of it was written to.
        unsafe { self.arena.region(place, WORD).cast::<usize>().read() }
    }

    /// A copy of the memory.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.arena.bytes()
    }

    pub(crate) fn restore(&self, bytes: &[u8]) {
        self.arena.restore(bytes);
    }

    /// Whether the memory is what the copy is.
    pub(crate) fn is(&self, bytes: &[u8]) -> bool {
        self.holds(0, bytes)
    }

    /// Whether the payload at `start` begins with what the copy has at `old`, `len` bytes of it.
    pub(crate) fn has_contents(&self, start: u8, copy: &[u8], old: u8, len: usize) -> bool {
        let old = usize::from(old) * GRANULE;
        self.holds(usize::from(start) * GRANULE, &copy[old..old + len])
    }

    fn holds(&self, place: usize, bytes: &[u8]) -> bool {
        let region = self.arena.region(place, bytes.len());
        // SAFETY: within the arena, all of which was written to; no heap is at work meanwhile.
        (unsafe { region.as_ref() }) == bytes
    }
}

/// A byte that tells places apart.
#[allow(clippy::cast_possible_truncation)] // a pattern, not a number
const fn pattern(address: usize) -> u8 {
    (address.wrapping_mul(0x9d) >> 2) as u8 ^ 0x5a
}
