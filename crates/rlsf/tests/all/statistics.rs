//! The statistics, exact after every step.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{
    append, free, heap_over, insert, layout, remove, sums, take, LEAST, OVERHEAD, WORD,
};
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{Statistics, Tlsf, GRANULARITY};
use rlsf_testkit::Arena;

for_every_parameter_set!(
    the_statistics_are_exact_after_every_step,
    the_statistics_follow_pools_that_come_and_go,
);

/// What the heap should say, counted naively.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    peak_used_bytes: usize,
    peak_live_blocks: usize,
    failed_requests: usize,
    largest_request: usize,
}

impl Counted {
    fn on_peak(&mut self, used_bytes: usize, live_blocks: usize) {
        self.peak_used_bytes = self.peak_used_bytes.max(used_bytes);
        self.peak_live_blocks = self.peak_live_blocks.max(live_blocks);
    }

    /// Notes an answer; a request beyond the largest block does not count as the
    /// largest one.
    fn on_answer(&mut self, size: usize, largest_block: usize, served: bool) {
        self.failed_requests += usize::from(!served);
        if size + WORD <= largest_block {
            self.largest_request = self.largest_request.max(size);
        }
    }
}

/// A heap, its live blocks and their sizes, and the naive counters.
struct Run<'pool, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize> {
    heap: Tlsf<'pool, FL, SL, FLLEN, SLLEN>,
    live: Vec<NonNull<u8>>,
    counted: Counted,
}

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Run<'_, FL, SL, FLLEN, SLLEN>
{
    fn used_bytes(&self) -> usize {
        let (all, unused) = sums(&self.heap);
        all - unused
    }

    fn block_bytes(&self, block: NonNull<u8>) -> usize {
        let start = block.as_ptr().wrapping_sub(WORD);
        let mut blocks = self.heap.blocks();
        let found = blocks.find(|block| block.as_ptr().as_ptr().cast() == start);
        found.unwrap().size()
    }

    fn allocate(&mut self, size: usize) {
        let block = self.heap.allocate(layout(size, 1));
        let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK;
        self.counted.on_answer(size, largest, block.is_some());
        self.live.extend(block);
    }

    /// The address before which a free block lies, if one does.
    fn free_before(&self, block: NonNull<u8>) -> Option<usize> {
        let start = block.as_ptr() as usize - WORD;
        let mut free = self.heap.blocks().filter(|block| !block.is_occupied());
        let before =
            free.find(|free| free.as_ptr().cast::<u8>().as_ptr() as usize + free.size() == start);
        before.map(|free| free.as_ptr().cast::<u8>().as_ptr() as usize)
    }

    fn reallocate(&mut self, index: usize, size: usize) {
        let (old, used) = (self.live[index], self.used_bytes());
        let before = self.free_before(old);
        // SAFETY: a live block.
        let new = unsafe { self.heap.reallocate(old, layout(size, 1)) };
        let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK;
        self.counted.on_answer(size, largest, new.is_some());
        let Some(new) = new else { return };
        let slid_down = before == Some(new.as_ptr() as usize - WORD);
        if new != old && !slid_down {
            // Both blocks are live while the contents move.
            let both = used + self.block_bytes(new);
            self.counted.on_peak(both, self.live.len() + 1);
        }
        self.live[index] = new;
    }

    fn step(&mut self, rng: &mut fastrand::Rng) {
        let top = 1 << rng.u32(3..11);
        let size = rng.usize(..top);
        let index = rng.usize(..self.live.len().max(1));
        match rng.u8(..10) {
            0..=4 => self.allocate(size),
            _ if self.live.is_empty() => {}
            5 => self.reallocate(index, size),
            // SAFETY: a live block.
            6 => drop(unsafe { self.heap.try_grow_in_place(self.live[index], size) }),
            // SAFETY: a live block.
            7 => drop(unsafe { self.heap.shrink_in_place(self.live[index], size) }),
            _ => free(&mut self.heap, self.live.swap_remove(index)),
        }
    }

    fn check(&mut self) {
        let (all, free_bytes) = sums(&self.heap);
        let (used_bytes, live_blocks) = (all - free_bytes, self.live.len());
        self.counted.on_peak(used_bytes, live_blocks);
        let told = self.heap.statistics();
        assert_eq!(
            (told.used_bytes, told.free_bytes, told.live_blocks),
            (used_bytes, free_bytes, live_blocks)
        );
        assert_eq!(told.peak_used_bytes, self.counted.peak_used_bytes);
        assert_eq!(told.peak_live_blocks, self.counted.peak_live_blocks);
        assert_eq!(told.failed_requests, self.counted.failed_requests);
        assert_eq!(told.largest_request, self.counted.largest_request);
    }
}

fn the_statistics_are_exact_after_every_step<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    for seed in 0..4 {
        let arena = Arena::new(12_000, 0);
        let mut run = Run::<FL, SL, FLLEN, SLLEN> {
            heap: heap_over(&arena),
            live: Vec::new(),
            counted: Counted::default(),
        };
        let mut rng = fastrand::Rng::with_seed(seed);
        for _ in 0..500 {
            run.step(&mut rng);
            run.check();
        }
        while let Some(block) = run.live.pop() {
            free(&mut run.heap, block);
            run.check();
        }
    }
}

fn the_statistics_follow_pools_that_come_and_go<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(1000) & !7;
    let (len, arena) = (bytes + OVERHEAD, Arena::new(2 * (bytes + OVERHEAD), 0));
    let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
    assert_eq!(heap.statistics(), Statistics::default());
    for pool in 0..2 {
        insert(&mut heap, arena.region(pool * len, len)).unwrap();
        assert_eq!(heap.statistics().free_bytes, (pool + 1) * bytes);
    }
    // The block lies in one of the pools; the other can go.
    let block = take(&mut heap, 0);
    let answers = [0, 1].map(|pool| remove(&mut heap, arena.region(pool * len, len)).is_ok());
    assert_ne!(answers[0], answers[1]);
    let told = heap.statistics();
    assert_eq!(
        (told.used_bytes + told.free_bytes, told.live_blocks),
        (bytes, 1)
    );
    free(&mut heap, block);
    remove(&mut heap, arena.whole()).unwrap();
    let told = heap.statistics();
    assert_eq!(
        (told.used_bytes, told.free_bytes, told.live_blocks),
        (0, 0, 0)
    );
    assert_eq!((told.peak_live_blocks, told.failed_requests), (1, 0));
}

#[test]
fn appended_bytes_count_as_free() {
    let arena = Arena::new(2000, 0);
    let mut heap = Tlsf::<u16, u16, 12, 16>::new();
    let used = insert(&mut heap, arena.region(0, 1000)).unwrap();
    let before = heap.statistics().free_bytes;
    take(&mut heap, 800);
    let more = append(&mut heap, arena.region(used, 2000 - used));
    let told = heap.statistics();
    assert_eq!(told.used_bytes + told.free_bytes, before + more);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn an_alignment_counts_with_the_largest_gap_that_it_may_need() {
    let arena = Arena::new(10_000, 0);
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    for align in [16, 64, 1024] {
        heap.allocate(layout(100, align)).unwrap();
        let told = heap.statistics().largest_request;
        assert!(
            told >= 100 + align - GRANULARITY && told <= 100 + align + LEAST,
            "{align} {told}"
        );
    }
}
