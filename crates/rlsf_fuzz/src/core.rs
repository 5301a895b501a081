//! A `Tlsf` of any parameters over odd pools, which come, grow and go.

use crate::model::play;
use crate::{Input, Subject, Wrap};
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{BlockInfo, RemovePoolError, Tlsf, GRANULARITY};
use rlsf_testkit::{Arena, Live};

/// Plays an input; the number of operations.
#[must_use]
pub fn run<W: Wrap>(data: &[u8]) -> usize {
    let input = &mut Input::new(data);
    match input.number(8) {
        0 => with::<W, u8, u8, 1, 1>(input),
        1 => with::<W, u8, u8, 3, 4>(input),
        2 => with::<W, i8, i8, 5, 8>(input),
        3 => with::<W, u8, u8, 8, 8>(input),
        4 => with::<W, i16, i32, 11, 4>(input),
        5 => with::<W, u16, u16, 12, 16>(input),
        6 => with::<W, u32, u32, 28, 32>(input),
        _ => with::<W, usize, u128, { usize::BITS as usize }, 128>(input),
    }
}

fn with<W: Wrap, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    input: &mut Input<'_>,
) -> usize {
    let arena = Arena::new(input.number(1 << 15), input.number(64));
    let mut pools: Pools<'_, FL, SL, FLLEN, SLLEN> = Pools::over(&arena);
    pools.insert(input);
    play::<W, _>(pools, input)
}

/// A region that the heap has: where it starts in the arena, and the bytes that are used.
#[derive(Clone, Copy, Debug)]
struct Region {
    start: usize,
    len: usize,
}

/// A heap, and the regions that it has.
struct Pools<'arena, FL, SL, const FLLEN: usize, const SLLEN: usize> {
    heap: Tlsf<'arena, FL, SL, FLLEN, SLLEN>,
    arena: &'arena Arena,
    regions: Vec<Region>,
}

impl<'arena, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Pools<'arena, FL, SL, FLLEN, SLLEN>
{
    fn over(arena: &'arena Arena) -> Self {
        Self {
            heap: Tlsf::new(),
            arena,
            regions: Vec::new(),
        }
    }

    /// Where the last region ends.
    fn end(&self) -> usize {
        self.regions
            .last()
            .map_or(0, |region| region.start + region.len)
    }

    /// A length of up to what is left behind `start`.
    fn length(&self, start: usize, input: &mut Input<'_>) -> usize {
        let bits = input.number(16);
        input.number(1 << bits).min(self.arena.len() - start)
    }

    fn insert(&mut self, input: &mut Input<'_>) {
        let start = (self.end() + input.number(40)).min(self.arena.len());
        let len = self.length(start, input);
        // SAFETY: the arena outlives the heap; behind all other regions.
        let used = unsafe {
            self.heap
                .insert_free_block_ptr(self.arena.region(start, len))
        };
        if let Some(used) = used {
            assert!(used.get() <= len);
            let len = used.get();
            self.regions.push(Region { start, len });
        }
    }

    /// Makes the last region longer.
    fn append(&mut self, input: &mut Input<'_>) {
        let start = self.end();
        let len = self.length(start, input);
        if let Some(region) = self.regions.last_mut() {
            // SAFETY: right behind the last pool, and nobody else's.
            let used = unsafe {
                self.heap
                    .append_free_block_ptr(self.arena.region(start, len))
            };
            assert!(used <= len);
            region.len += used;
        }
    }

    /// Takes a region back, which is refused just if a block lies in it.
    fn remove(&mut self, live: &[Live], input: &mut Input<'_>) {
        let index = input.number(8);
        let Some(&Region { start, len }) = self.regions.get(index) else {
            return;
        };
        let addresses = self.arena.address() + start..self.arena.address() + start + len;
        let in_use = live
            .iter()
            .any(|block| addresses.contains(&block.address()));
        // SAFETY: as it was given.
        let removed = unsafe { self.heap.remove_pool(self.arena.region(start, len)) };
        if in_use {
            assert_eq!(removed, Err(RemovePoolError::InUse));
        } else {
            assert_eq!(removed, Ok(()));
            self.regions.remove(index);
        }
    }
}

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize> Subject
    for Pools<'_, FL, SL, FLLEN, SLLEN>
{
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let sure = self.heap.largest_allocatable();
        let block = self.heap.allocate(layout);
        if layout.align() <= GRANULARITY {
            assert!(
                block.is_some() || layout.size() > sure || sure == 0,
                "{layout:?}, {sure}"
            );
        }
        block
    }

    unsafe fn deallocate(&mut self, block: &Live) {
        match block.fill % 3 {
            // SAFETY: the caller's promise.
            0 => unsafe { self.heap.deallocate(block.payload, block.layout.align()) },
            // SAFETY: the caller's promise.
            1 => unsafe { self.heap.deallocate_sized(block.payload, block.layout) },
            // SAFETY: the caller's promise.
            _ => unsafe { self.heap.deallocate_unknown_align(block.payload) },
        }
    }

    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let resized = unsafe { self.heap.reallocate(block.payload, new) };
        assert!(resized.is_some() || new.size() > block.layout.size());
        resized
    }

    unsafe fn grow(&mut self, block: &Live, size: usize) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.heap.try_grow_in_place(block.payload, size) }.is_some()
    }

    unsafe fn shrink(&mut self, block: &Live, size: usize) -> bool {
        // SAFETY: the caller's promise.
        let shrunk = unsafe { self.heap.shrink_in_place(block.payload, size) }.is_some();
        assert!(shrunk || size > block.layout.size());
        shrunk
    }

    unsafe fn usable_size(&mut self, block: &Live) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Tlsf::<FL, SL, FLLEN, SLLEN>::allocation_usable_size(block.payload) }
    }

    fn act(&mut self, live: &[Live], input: &mut Input<'_>) {
        match input.number(3) {
            0 => self.insert(input),
            1 => self.append(input),
            _ => self.remove(live, input),
        }
    }

    fn check(&mut self, live: &[Live]) {
        assert_eq!(self.heap.validate(), Ok(()));
        let used = self.heap.blocks().filter(BlockInfo::is_occupied);
        assert_eq!(used.count(), live.len());
    }
}
