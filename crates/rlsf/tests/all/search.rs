//! All states that a small heap can reach, visited one by one.

use crate::verbs::{free, layout, word, WORD};
use core::ptr::{self, NonNull};
use rlsf::int::BinInteger;
use rlsf::{Demand, Tlsf};
use rlsf_testkit::Arena;
use std::collections::HashSet;

/// A program that may ask for any of `sizes` at any of `aligns` whenever it
/// keeps to the other two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    pub(crate) sizes: &'static [usize],
    pub(crate) aligns: &'static [usize],
    pub(crate) live_bytes: usize,
    pub(crate) live_blocks: usize,
}

impl Program {
    pub(crate) fn demand(&self) -> Demand {
        Demand {
            live_bytes: self.live_bytes,
            live_blocks: self.live_blocks,
            largest_request: *self.sizes.iter().max().unwrap(),
            largest_align: *self.aligns.iter().max().unwrap(),
        }
    }

    fn requests(&self) -> impl Iterator<Item = (usize, usize)> {
        let (sizes, aligns) = (self.sizes, self.aligns);
        sizes
            .iter()
            .flat_map(move |&size| aligns.iter().map(move |&align| (size, align)))
    }
}

/// A live block: its address, and what was asked for last.
#[derive(Clone, Copy, Debug)]
struct Live {
    payload: NonNull<u8>,
    size: usize,
    align: usize,
}

/// A heap with a copy of its memory, to go back to.
struct State<FL, SL, const FLLEN: usize, const SLLEN: usize> {
    heap: Tlsf<'static, FL, SL, FLLEN, SLLEN>,
    memory: Vec<u8>,
    live: Vec<Live>,
}

/// The search through all states of a heap in one arena.
pub(crate) struct Search<'arena, FL, SL, const FLLEN: usize, const SLLEN: usize> {
    arena: &'arena Arena,
    program: Program,
    seen: HashSet<Vec<usize>>,
    waiting: Vec<State<FL, SL, FLLEN, SLLEN>>,
    failed: bool,
}

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Search<'_, FL, SL, FLLEN, SLLEN>
{
    /// Visits every state; the number of them, or `None` if a request failed.
    pub(crate) fn run(program: Program, pool: usize, offset: usize) -> Option<usize> {
        let arena = Arena::new(pool, offset);
        let mut search = Search::<FL, SL, FLLEN, SLLEN> {
            arena: &arena,
            program,
            seen: HashSet::new(),
            waiting: Vec::new(),
            failed: false,
        };
        let mut heap = Tlsf::new();
        // SAFETY: the arena outlives the search.
        unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
        search.note(heap, Vec::new());
        while let Some(state) = search.waiting.pop() {
            search.expand(&state);
            if search.failed {
                return None;
            }
        }
        Some(search.seen.len())
    }

    /// Takes every step that the program may take.
    fn expand(&mut self, state: &State<FL, SL, FLLEN, SLLEN>) {
        for index in 0..state.live.len() {
            self.step(state, |heap, live| {
                free(heap, live.swap_remove(index).payload);
                true
            });
            for &size in self.program.sizes {
                if self.may_hold(&state.live, Some(index), size) {
                    self.step(state, |heap, live| {
                        resize_in_place(heap, &mut live[index], size)
                    });
                }
                if self.may_hold(&state.live, None, size) {
                    self.step(state, |heap, live| reallocate(heap, &mut live[index], size));
                }
            }
        }
        for (size, align) in self.program.requests() {
            if self.may_hold(&state.live, None, size) {
                self.step(state, |heap, live| allocate(heap, live, size, align));
            }
        }
    }

    /// Whether the program may have a block of `size` beside the live ones, or
    /// in the place of one of them.
    fn may_hold(&self, live: &[Live], instead_of: Option<usize>, size: usize) -> bool {
        let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size;
        let others = live
            .iter()
            .enumerate()
            .filter(|&(index, _)| Some(index) != instead_of);
        let (count, sum) = others.fold((0, 0), |(count, sum), (_, block)| {
            (count + 1, sum + bytes(block.size))
        });
        count < self.program.live_blocks && sum + bytes(size) <= self.program.live_bytes
    }

    /// Goes back to `state`, takes a step and notes where it led.
    fn step(
        &mut self,
        state: &State<FL, SL, FLLEN, SLLEN>,
        act: impl FnOnce(&mut Tlsf<'static, FL, SL, FLLEN, SLLEN>, &mut Vec<Live>) -> bool,
    ) {
        self.arena.restore(&state.memory);
        // SAFETY: a heap is plain data, and its memory is as it was; the copies
        // are used one after the other.
        let mut heap = unsafe { ptr::read(&state.heap) };
        let mut live = state.live.clone();
        self.failed |= !act(&mut heap, &mut live);
        self.note(heap, live);
    }

    fn note(&mut self, heap: Tlsf<'static, FL, SL, FLLEN, SLLEN>, live: Vec<Live>) {
        if self.seen.insert(Self::key(&heap, &live)) {
            let memory = self.arena.bytes();
            self.waiting.push(State { heap, memory, live });
        }
    }

    /// What tells a state from others: every block's size and request, and the
    /// order of the lists by their forward links.
    fn key(heap: &Tlsf<'static, FL, SL, FLLEN, SLLEN>, live: &[Live]) -> Vec<usize> {
        let mut key = Vec::new();
        for block in heap.blocks() {
            let start = block.as_ptr().cast::<u8>().as_ptr();
            let payload = NonNull::new(start.wrapping_add(WORD)).expect("within the arena");
            key.push(block.size());
            key.push(match live.iter().find(|live| live.payload == payload) {
                Some(live) => live.size * 4096 + live.align,
                // SAFETY: a free block's first word is its link.
                None => unsafe { word(payload, 0).read() }.wrapping_neg(),
            });
        }
        key
    }
}

/// Whether the heap served the request.
fn allocate<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    live: &mut Vec<Live>,
    size: usize,
    align: usize,
) -> bool {
    let block = heap.allocate(layout(size, align));
    live.extend(block.map(|payload| Live {
        payload,
        size,
        align,
    }));
    block.is_some()
}

/// Whether the heap served the request.
fn reallocate<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    block: &mut Live,
    size: usize,
) -> bool {
    // SAFETY: a live block.
    let Some(payload) = (unsafe { heap.reallocate(block.payload, layout(size, block.align)) })
    else {
        return false;
    };
    *block = Live {
        payload,
        size,
        ..*block
    };
    true
}

/// Resizes the block if that is possible where it stands: nobody promises it.
fn resize_in_place<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    block: &mut Live,
    size: usize,
) -> bool {
    // SAFETY: a live block.
    let grown = unsafe { heap.try_grow_in_place(block.payload, size) };
    // SAFETY: a live block.
    let fits = grown.is_some() && unsafe { heap.shrink_in_place(block.payload, size) }.is_some();
    if fits {
        block.size = size;
    }
    true
}
