//! Random operations, every invariant checked after each.

extern crate std;

use super::Need;
use crate::bins::Aim;
use crate::pool::{Pool, POOL_OVERHEAD};
use crate::size::{BlockSize, WORD};
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;
use std::vec;
use std::vec::Vec;

type Heap = Tlsf<'static, u16, u16, 12, 16>;

const PAGE: usize = 4096;

/// A heap that begins with one page and can have three more behind it.
struct Growing {
    heap: Heap,
    memory: Vec<u64>,
    given: usize,
    live: Vec<Block>,
    /// With speed as the aim blocks lie at the first place in a free block, otherwise at the last.
    aim: Aim,
}

impl Growing {
    fn new(aim: Aim) -> Self {
        let mut growing = Self {
            heap: Heap::new(),
            memory: vec![0; 4 * PAGE / 8],
            given: 1,
            live: Vec::new(),
            aim,
        };
        let blocks = block_size(PAGE - POOL_OVERHEAD);
        let start = growing.end(0);
        // SAFETY: the first of the pages.
        let span = unsafe { growing.heap.insert_pages(start, blocks) };
        growing.heap.file_compactly(span, aim);
        growing
    }

    /// The end of a number of pages.
    fn end(&mut self, pages: usize) -> NonNull<u8> {
        let start = self.memory.as_mut_ptr().cast::<u8>();
        NonNull::new(start.wrapping_add(pages * PAGE)).unwrap()
    }

    fn grow(&mut self) {
        let end = self.end(self.given);
        // SAFETY: the only pool ends there.
        let pool = unsafe { Pool::ending_at(end) };
        // SAFETY: the next page.
        let span = unsafe { self.heap.extend_by_pages(pool, block_size(PAGE)) };
        self.heap.file_compactly(span, self.aim);
        self.given += 1;
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let need = need(layout)?;
        let span = self.heap.take_compactly(&need, self.aim)?;
        Some(match self.aim {
            Aim::Speed => self.heap.carve_first(span, &need, self.aim),
            Aim::Bytes => self.heap.carve_last(span, &need, self.aim),
        })
    }
}

/// Above whose bin there is another one.
const MOST: usize = Heap::LARGEST_BLOCK / 2;

fn need(layout: Layout) -> Option<Need> {
    Need::new(layout, MOST)
}

fn block_size(bytes: usize) -> BlockSize {
    // SAFETY: S1: the callers' sizes are multiples of the granule.
    unsafe { BlockSize::new_unchecked(bytes) }
}

/// G. Marsaglia's xorshift of 32 bits.
struct Random(u32);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % end
    }
}

/// A live block, filled with a byte.
struct Block(NonNull<u8>, usize, u8);

impl Block {
    fn fill(&self) {
        // SAFETY: the block has that many bytes.
        unsafe { self.0.as_ptr().write_bytes(self.2, self.1) };
    }

    fn is_whole(&self, len: usize) -> bool {
        // SAFETY: the block has that many bytes, which are written.
        let bytes = unsafe { core::slice::from_raw_parts(self.0.as_ptr(), len) };
        bytes.iter().all(|&byte| byte == self.2)
    }
}

impl Growing {
    /// Allocates a block, or has the pool grow.
    fn allocate_some(&mut self, random: &mut Random, fill: u8) {
        let (size, align) = (1 + random.below(300), 1 << random.below(9));
        let layout = Layout::from_size_align(size, align).unwrap();
        if let Some(payload) = self.allocate(layout) {
            assert_eq!(payload.as_ptr() as usize % align, 0);
            let block = Block(payload, size, fill);
            block.fill();
            self.live.push(block);
        } else if self.given < 4 {
            self.grow();
        }
    }

    fn free_some(&mut self, random: &mut Random) {
        let block = self.live.swap_remove(random.below(self.live.len()));
        assert!(block.is_whole(block.1));
        // SAFETY: the block is in use.
        unsafe { self.heap.deallocate_compactly(block.0, self.aim) };
    }

    /// How many bytes a block could have where it stands.
    fn room(&self, payload: NonNull<u8>) -> usize {
        let start = payload.as_ptr().wrapping_sub(WORD);
        let blocks = self.heap.blocks();
        let mut rest = blocks.skip_while(|block| block.as_ptr().as_ptr().cast::<u8>() != start);
        let block = rest.next().unwrap();
        let next = rest.next().filter(|next| !next.is_occupied());
        block.size() + next.map_or(0, |next| next.size()) - WORD
    }

    fn resize_some(&mut self, random: &mut Random) {
        let at = random.below(self.live.len());
        let room = self.room(self.live[at].0);
        let block = &mut self.live[at];
        let size = 1 + random.below(400);
        // SAFETY: the block is in use.
        if unsafe { self.heap.resize_compactly(block.0, size, self.aim) } {
            assert!(block.is_whole(block.1.min(size)));
            block.1 = size;
            block.fill();
        } else {
            assert!(size > room, "it could be done");
        }
    }
}

#[test]
fn random_operations_keep_every_invariant_and_all_contents() {
    for aim in [Aim::Speed, Aim::Bytes] {
        random_operations(aim);
    }
}

fn random_operations(aim: Aim) {
    let (mut growing, mut random) = (Growing::new(aim), Random(99));
    for step in 0..6000_u32 {
        match random.below(9) {
            action if action < 5 || growing.live.is_empty() => {
                #[allow(clippy::cast_possible_truncation)] // any byte
                growing.allocate_some(&mut random, step as u8);
            }
            5..=7 => growing.free_some(&mut random),
            _ => growing.resize_some(&mut random),
        }
        assert_eq!(growing.heap.validate(), Ok(()));
    }
    assert_eq!(growing.given, 4, "the pool has grown");
    while !growing.live.is_empty() {
        growing.free_some(&mut random);
    }
    assert_eq!(growing.heap.blocks().count(), 1);
}

#[test]
fn a_request_for_more_than_the_most_is_refused() {
    let layout = Layout::from_size_align(MOST, 1).unwrap();
    assert!(need(layout).is_none());
    let layout = Layout::from_size_align(1, 1 << 20).unwrap();
    assert!(need(layout).is_none());
    let mut growing = Growing::new(Aim::Speed);
    let layout = Layout::from_size_align(2 * PAGE, 8).unwrap();
    assert_eq!(growing.allocate(layout), None);
    assert_eq!(growing.heap.validate(), Ok(()));
}

#[test]
fn blocks_of_no_strong_alignment_fill_a_pool_from_its_end_without_a_hole() {
    let mut growing = Growing::new(Aim::Bytes);
    let layout = Layout::from_size_align(40, 4).unwrap();
    let last = growing.allocate(layout).unwrap().as_ptr() as usize;
    let size = BlockSize::of_payload(40).get();
    for nth in 1..=20 {
        let place = growing.allocate(layout).unwrap().as_ptr() as usize;
        assert_eq!(place, last - nth * size);
    }
    assert_eq!(growing.heap.validate(), Ok(()));
}

#[test]
fn a_block_that_was_freed_serves_its_own_size_again_in_a_full_heap() {
    for aim in [Aim::Speed, Aim::Bytes] {
        for size in 1..PAGE / 2 {
            let mut growing = Growing::new(aim);
            let layout = Layout::from_size_align(size, 1).unwrap();
            let place = growing.allocate(layout).unwrap();
            let least = Layout::from_size_align(1, 1).unwrap();
            while growing.allocate(least).is_some() {}
            // SAFETY: the block is in use.
            unsafe { growing.heap.deallocate_compactly(place, aim) };
            assert_eq!(growing.allocate(layout), Some(place), "{size} bytes");
        }
    }
}
