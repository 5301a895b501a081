//! `FlexTlsf` over a source that keeps books, fails, and lies.

use crate::verbs::{holds, layout, write, WORD};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::RefCell;
use core::ops::Range;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use rlsf::{FlexSource, FlexTlsf, GlobalAllocAsFlexSource};
use rlsf_testkit::Arena;
use std::alloc::System;
use std::rc::Rc;

/// What a source can do, and how it misbehaves.
#[derive(Clone, Debug, Default)]
struct Manner {
    takes_back: bool,
    grows: bool,
    continues: bool,
    /// Bytes between two regions.
    spacing: usize,
    /// Bytes more than asked for.
    extra: usize,
    /// A region has this part of what was asked for: a half, a third, …
    divided_by: usize,
    /// Regions grow by so many bytes, whatever is asked for.
    grows_by: Option<usize>,
    /// The calls that fail, counted from zero.
    fails: Option<Range<usize>>,
}

/// The books: which regions are out, as start and length within the arena.
#[derive(Debug, Default)]
struct Books {
    cursor: usize,
    out: Vec<(usize, usize)>,
    taken_back: usize,
    calls: usize,
    ran_out: bool,
}

#[derive(Debug)]
struct Source {
    arena: Rc<Arena>,
    manner: Manner,
    books: Rc<RefCell<Books>>,
}

impl Source {
    fn new(manner: Manner) -> Self {
        Self {
            arena: Rc::new(Arena::new(1 << 20, 1)),
            manner,
            books: Rc::default(),
        }
    }

    /// Counts the call; whether it may succeed.
    fn may_go_on(&self) -> bool {
        let calls = self.books.borrow().calls;
        self.books.borrow_mut().calls += 1;
        let fails = self.manner.fails.as_ref();
        !fails.map_or(false, |fails| fails.contains(&calls))
    }

    fn offset(&self, region: NonNull<[u8]>) -> (usize, usize) {
        let start = region.cast::<u8>().as_ptr() as usize;
        (start - self.arena.address(), len_of(region))
    }
}

fn len_of(region: NonNull<[u8]>) -> usize {
    let units = region.as_ptr() as *const [()];
    // SAFETY: not null, and a slice of `()` reads no memory.
    unsafe { &*units }.len()
}

// SAFETY: every region lies in the arena apart from the others.
unsafe impl FlexSource for Source {
    unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
        if !self.may_go_on() {
            return None;
        }
        let mut books = self.books.borrow_mut();
        let len = min_size / self.manner.divided_by.max(1) + self.manner.extra;
        let start = books.cursor + self.manner.spacing;
        if start.checked_add(len)? > self.arena.len() {
            books.ran_out = true;
            return None;
        }
        books.cursor = start + len;
        books.out.push((start, len));
        Some(self.arena.region(start, len))
    }

    unsafe fn realloc_inplace_grow(
        &mut self,
        ptr: NonNull<[u8]>,
        min_new_len: usize,
    ) -> Option<usize> {
        assert!(self.manner.grows && min_new_len >= len_of(ptr));
        if !self.may_go_on() {
            return None;
        }
        let (start, len) = self.offset(ptr);
        let asked = (min_new_len - len) / self.manner.divided_by.max(1) + self.manner.extra;
        let by = self.manner.grows_by.unwrap_or(asked);
        let mut books = self.books.borrow_mut();
        let place = books.out.iter().position(|&other| other == (start, len));
        let place = place.expect("grown as it was given");
        if books.cursor != start + len || start + len + by > self.arena.len() {
            return None;
        }
        books.out[place].1 += by;
        books.cursor += by;
        Some(len + by)
    }

    unsafe fn dealloc(&mut self, ptr: NonNull<[u8]>) {
        assert!(self.manner.takes_back);
        let region = self.offset(ptr);
        let mut books = self.books.borrow_mut();
        let place = books.out.iter().position(|&other| other == region);
        books
            .out
            .swap_remove(place.expect("given back once, as it was given"));
        books.taken_back += 1;
    }

    fn supports_dealloc(&self) -> bool {
        self.manner.takes_back
    }

    fn supports_realloc_inplace_grow(&self) -> bool {
        self.manner.grows
    }

    fn is_contiguous_growable(&self) -> bool {
        self.manner.continues
    }
}

type Heap = FlexTlsf<Source, u16, u16, 12, 16>;

/// The largest request that such a heap serves.
const LARGEST: usize = rlsf::Tlsf::<u16, u16, 12, 16>::LARGEST_BLOCK - size_of::<usize>();

/// A live block: where, its layout, and the first byte of its pattern.
type Live = (NonNull<u8>, Layout, u8);

/// A heap beside the list of its blocks; every step is checked.
struct Checked {
    heap: Heap,
    books: Rc<RefCell<Books>>,
    live: Vec<Live>,
}

impl Checked {
    fn new(manner: Manner) -> Self {
        let source = Source::new(manner);
        let books = Rc::clone(&source.books);
        Self {
            heap: Heap::new(source),
            books,
            live: Vec::new(),
        }
    }

    fn places(&self) -> Vec<(usize, usize, bool)> {
        let blocks = self.heap.as_tlsf().blocks();
        let place = |block: rlsf::BlockInfo<'_>| {
            let start = block.as_ptr().cast::<u8>().as_ptr() as usize;
            (start, block.size(), block.is_occupied())
        };
        blocks.map(place).collect()
    }

    fn check(&self) {
        assert_eq!(self.heap.as_tlsf().validate(), Ok(()));
        let used = self.places().iter().filter(|place| place.2).count();
        assert_eq!(used, self.live.len());
        for &(block, layout, first) in &self.live {
            assert_eq!(block.as_ptr() as usize % layout.align(), 0);
            assert!(holds(block, layout.size(), first));
        }
        // The heap knows of every region that is out, and of its whole length.
        let out: usize = self.books.borrow().out.iter().map(|region| region.1).sum();
        if self.heap.source_ref().manner.takes_back {
            assert_eq!(self.heap.source_bytes(), out);
        }
    }

    /// Runs a step, which may be refused only if the source refused or is a liar, and
    /// then has changed nothing.
    fn expect<R>(&mut self, step: impl FnOnce(&mut Heap) -> Option<R>) -> Option<R> {
        let (before, calls) = (self.places(), self.books.borrow().calls);
        let result = step(&mut self.heap);
        let manner = self.heap.source_ref().manner.clone();
        if result.is_none() && manner.divided_by < 2 {
            assert!(self.books.borrow().calls > calls, "refused without asking");
            let ran_out = self.books.borrow().ran_out;
            assert!(
                manner.fails.is_some() || ran_out,
                "refused though the source gave"
            );
            let mut after = self.places();
            if manner.continues && manner.spacing > 0 {
                // A piece that did not continue anything was kept before the source failed.
                after.retain(|place| before.contains(place));
            }
            assert_eq!(after, before);
        }
        result
    }

    fn allocate(&mut self, layout: Layout, first: u8) -> bool {
        let block = self.expect(|heap| heap.allocate(layout));
        if let Some(block) = block {
            write(block, layout.size(), first);
            self.live.push((block, layout, first));
        }
        block.is_some()
    }

    fn free(&mut self, index: usize) {
        let (block, layout, first) = self.live.swap_remove(index);
        assert!(holds(block, layout.size(), first));
        match first % 3 {
            // SAFETY: a live block of this heap.
            0 => unsafe { self.heap.deallocate(block, layout.align()) },
            // SAFETY: as above.
            1 => unsafe { self.heap.deallocate_sized(block, layout) },
            // SAFETY: as above.
            _ => unsafe { self.heap.deallocate_unknown_align(block) },
        }
    }

    fn resize(&mut self, index: usize, size: usize) {
        let (block, old, first) = self.live[index];
        let new = layout(size, old.align());
        // SAFETY: a live block of this heap.
        if let Some(block) = self.expect(|heap| unsafe { heap.reallocate(block, new) }) {
            assert!(holds(block, size.min(old.size()), first));
            write(block, size, first);
            self.live[index] = (block, new, first);
        }
    }

    fn run(&mut self, seed: u64, steps: usize) {
        let mut rng = fastrand::Rng::with_seed(seed);
        for _ in 0..steps {
            let bits = rng.u32(..14);
            let size = rng.usize(..2 << bits);
            let block = rng.usize(..);
            let count = self.live.len();
            match rng.u8(..16) {
                0..=6 => drop(self.allocate(layout(size, 1 << rng.u32(..9)), rng.u8(..))),
                7..=10 if count > 0 => self.free(block % count),
                11..=14 if count > 0 => self.resize(block % count, size),
                15 => self.trim(),
                _ => {}
            }
            self.check();
        }
        while !self.live.is_empty() {
            self.free(self.live.len() / 2);
        }
        self.check();
    }

    fn trim(&mut self) {
        let (out, bytes) = (self.books.borrow().out.clone(), self.heap.source_bytes());
        let trimmed = self.heap.trim();
        assert_eq!(bytes - self.heap.source_bytes(), trimmed);
        let holds_a_block = |&(start, len): &(usize, usize)| {
            let start = start + self.heap.source_ref().arena.address();
            let mut live = self.live.iter();
            live.any(|(block, ..)| (start..start + len).contains(&(block.as_ptr() as usize)))
        };
        if self.heap.source_ref().manner.takes_back {
            let mut kept: Vec<_> = out.into_iter().filter(holds_a_block).collect();
            kept.sort_unstable();
            let mut out = self.books.borrow().out.clone();
            out.sort_unstable();
            assert_eq!(out, kept, "just the regions without a block go back");
        }
    }

    /// Drops the heap; every region is back where the source takes them, each once.
    fn end(self) {
        let Self { heap, books, .. } = self;
        let (takes_back, before) = (
            heap.source_ref().manner.takes_back,
            books.borrow().taken_back,
        );
        drop(heap);
        let books = books.borrow();
        assert!(!takes_back || books.out.is_empty());
        assert!(takes_back || books.taken_back == before);
    }
}

/// Every combination of what a source can do, with and without bytes between regions.
fn manners() -> impl Iterator<Item = Manner> {
    (0..48).map(|case| Manner {
        takes_back: case & 1 != 0,
        grows: case & 2 != 0,
        continues: case & 4 != 0,
        spacing: if case & 8 != 0 { 37 } else { 0 },
        extra: [0, 13, 5000][case >> 4],
        ..Manner::default()
    })
}

#[test]
fn a_random_run_agrees_with_the_model_for_every_kind_of_source() {
    for (seed, manner) in manners().enumerate() {
        let mut checked = Checked::new(manner);
        checked.run(seed as u64, 250);
        checked.end();
    }
}

/// The same run with a failure at every call in turn, alone and for good.
#[test]
fn a_source_that_fails_at_any_call_leaves_the_heap_as_it_was() {
    for manner in manners().filter(|manner| manner.extra < 5000) {
        let mut sound = Checked::new(manner.clone());
        sound.run(7, 80);
        let calls = sound.books.borrow().calls;
        assert!(calls > 3);
        for fails in (0..calls).flat_map(|at| [at..at + 1, at..usize::MAX]) {
            let mut checked = Checked::new(Manner {
                fails: Some(fails),
                ..manner
            });
            checked.run(7, 80);
            checked.end();
        }
    }
}

#[test]
fn a_source_that_gives_less_than_it_is_asked_for_loses_nothing() {
    for (seed, manner) in manners().enumerate() {
        for divided_by in [2, 3, usize::MAX] {
            let manner = Manner {
                divided_by,
                extra: manner.extra % 5000,
                ..manner.clone()
            };
            let mut checked = Checked::new(manner);
            checked.run(seed as u64, 100);
            checked.end();
        }
    }
}

#[test]
fn a_source_that_hardly_grows_a_region_is_asked_for_a_new_one_in_the_end() {
    let mut checked = Checked::new(Manner {
        grows: true,
        grows_by: Some(1),
        ..Manner::default()
    });
    for first in 0..5 {
        assert!(checked.allocate(layout(1000, 8), first));
        checked.check();
    }
    assert_eq!(checked.books.borrow().out.len(), 5, "a region a block");
}

#[test]
fn a_source_that_does_not_grow_a_region_is_asked_for_a_new_one_at_once() {
    let mut checked = Checked::new(Manner {
        grows: true,
        grows_by: Some(0),
        ..Manner::default()
    });
    assert!(checked.allocate(layout(1000, 8), 0));
    assert!(checked.allocate(layout(1000, 8), 1));
    assert_eq!(checked.books.borrow().calls, 1 + 2);
}

#[test]
fn a_region_whose_pool_would_be_larger_than_a_block_can_be_is_not_grown() {
    let mut checked = Checked::new(Manner {
        grows: true,
        ..Manner::default()
    });
    assert!(checked.allocate(layout(LARGEST - 5000, 8), 0));
    assert!(checked.allocate(layout(10_000, 8), 1));
    assert_eq!(checked.books.borrow().calls, 2);
    assert_eq!(checked.books.borrow().out.len(), 2);
    checked.check();
}

#[test]
fn a_block_at_the_end_grows_where_it_stands_up_to_the_largest() {
    let mut checked = Checked::new(Manner {
        grows: true,
        ..Manner::default()
    });
    assert!(checked.allocate(layout(1000, 8), 0));
    let place = checked.live[0].0;
    checked.resize(0, LARGEST);
    assert_eq!(checked.live[0].0, place);
    checked.check();
}

/// A source that gives one region, whatever it is asked for.
struct Piece(Option<NonNull<[u8]>>);

// SAFETY: the region is given once.
unsafe impl FlexSource for Piece {
    unsafe fn alloc(&mut self, _: usize) -> Option<NonNull<[u8]>> {
        self.0.take()
    }
}

#[test]
fn a_region_may_begin_anywhere_and_be_of_any_length() {
    const BYTES: usize = 256;
    let mut served = 0;
    for (start, len) in (0..16).flat_map(|start| (1..200).map(move |len| (start, len))) {
        let mut memory = vec![0x5a_u8; BYTES];
        let region = NonNull::from(&mut memory[start..start + len]);
        {
            let mut heap: FlexTlsf<Piece, u16, u16, 12, 16> = FlexTlsf::new(Piece(Some(region)));
            let block = heap.allocate(layout(8, 8));
            served += usize::from(block.is_some());
            if let Some(block) = block {
                write(block, 8, 1);
            }
            assert_eq!(heap.as_tlsf().validate(), Ok(()));
            assert!(heap.source_bytes() <= len);
        }
        let outside = memory[..start].iter().chain(&memory[start + len..]);
        assert!(outside.copied().all(|byte| byte == 0x5a), "{start} {len}");
    }
    assert!(served > 16 * 90, "{served} regions had room");
}

#[test]
fn a_source_that_says_nothing_gives_grows_and_takes_nothing() {
    struct Silent;
    // SAFETY: it gives no memory.
    unsafe impl FlexSource for Silent {}
    let mut memory = [0_u8; 8];
    let region = NonNull::from(&mut memory[..]);
    // SAFETY: a size that is not zero.
    assert_eq!(unsafe { Silent.alloc(1) }, None);
    // SAFETY: it does nothing with the region.
    assert_eq!(unsafe { Silent.realloc_inplace_grow(region, 9) }, None);
    assert!(!Silent.supports_dealloc() && !Silent.supports_realloc_inplace_grow());
}

/// A source that has nothing, and remembers what it was asked for.
#[derive(Debug, Default)]
struct Nothing(Vec<usize>);

// SAFETY: it gives no memory.
unsafe impl FlexSource for Nothing {
    unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
        self.0.push(min_size);
        None
    }
}

#[test]
fn no_source_is_asked_for_more_than_the_largest_object_has() {
    const MOST: usize = rlsf::Tlsf::<u64, u8, 60, 8>::LARGEST_BLOCK;
    let mut heap = FlexTlsf::<Nothing, u64, u8, 60, 8>::default();
    for less in (0..300).step_by(rlsf::GRANULARITY) {
        assert_eq!(heap.allocate(layout(MOST - WORD - less, 1)), None);
    }
    let asked = &heap.source_ref().0;
    assert_eq!(asked.iter().max(), Some(&MOST));
    assert!(asked.len() > 20);
}

#[test]
fn regions_go_back_when_they_hold_no_block_any_more() {
    let manner = Manner {
        takes_back: true,
        spacing: 8,
        ..Manner::default()
    };
    let mut checked = Checked::new(manner);
    for first in 0..10 {
        assert!(checked.allocate(layout(5000, 8), first));
    }
    assert_eq!(checked.books.borrow().out.len(), 10);
    for _ in 0..4 {
        checked.free(3);
    }
    checked.trim();
    checked.check();
    assert_eq!(checked.books.borrow().out.len(), 6);
    // Dropped with blocks in it.
    checked.end();
}

/// One region serves a hundred blocks one after the other.
#[test]
fn memory_that_continues_a_region_becomes_part_of_it() {
    for (grows, continues) in [(true, false), (false, true)] {
        let manner = Manner {
            grows,
            continues,
            ..Manner::default()
        };
        let mut checked = Checked::new(manner);
        for first in 0..100 {
            assert!(checked.allocate(layout(1000, 8), first));
        }
        while !checked.live.is_empty() {
            checked.free(0);
        }
        let blocks = checked.places();
        assert_eq!(blocks.len(), 1, "all of it coalesces");
        assert!(blocks[0].1 >= 100_000);
        let before = checked.heap.source_bytes();
        assert!(checked.allocate(layout(110_000, 8), 0));
        let grown = checked.heap.source_bytes() - before;
        assert!(grown < 110_000 - blocks[0].1 + 200, "only what is missing");
    }
}

/// The bytes that lie between the pieces are nobody's.
#[test]
fn a_piece_that_does_not_continue_a_region_is_one_of_its_own() {
    let mut checked = Checked::new(Manner {
        continues: true,
        spacing: 64,
        ..Manner::default()
    });
    for first in 0..20 {
        assert!(checked.allocate(layout(500, 8), first));
        checked.check();
    }
    let out = checked.books.borrow().out.clone();
    let start = checked.heap.source_ref().arena.address();
    for (block, size, _) in checked.places() {
        let lies_in = |&(from, len): &(usize, usize)| {
            start + from <= block && block + size <= start + from + len
        };
        assert!(out.iter().any(lies_in), "{size} bytes at {block:#x}");
    }
    // Nor is a piece too small for a region, and lost.
    let bytes: usize = out.iter().map(|region| region.1).sum();
    assert_eq!(checked.heap.source_bytes(), bytes);
}

/// Beyond the block: a region's record, a pool's ends, and what its start may be off.
#[test]
fn a_source_is_asked_for_hardly_more_than_a_request_takes() {
    const MORE: usize = 12 * WORD + 3 * rlsf::GRANULARITY;
    for size in [1, 100, 1000] {
        let block = rlsf::Tlsf::<u16, u16, 12, 16>::sure_block_size(size, 1);
        let mut checked = Checked::new(Manner {
            continues: true,
            ..Manner::default()
        });
        assert!(checked.allocate(layout(size, 1), 0));
        let first = checked.heap.source_bytes();
        assert!(first <= block + MORE, "{first} bytes for {size}");
        assert!(checked.allocate(layout(size, 1), 0));
        let second = checked.heap.source_bytes() - first;
        assert!(second <= block + MORE, "{second} more bytes for {size}");
    }
}

#[test]
fn a_block_at_the_end_grows_where_it_stands() {
    let manner = Manner {
        grows: true,
        ..Manner::default()
    };
    let mut checked = Checked::new(manner);
    assert!(checked.allocate(layout(1000, 8), 1));
    let place = checked.live[0].0;
    for size in (2000..100_000).step_by(1000) {
        checked.resize(0, size);
        checked.check();
        assert_eq!(checked.live[0].0, place);
    }
    assert!(checked.heap.source_bytes() < 100_000);
}

#[test]
fn a_block_grows_and_shrinks_in_place_as_far_as_its_region_goes() {
    let mut checked = Checked::new(Manner {
        extra: 2100,
        ..Manner::default()
    });
    for first in [1, 2, 3] {
        assert!(checked.allocate(layout(1000, 8), first));
    }
    checked.free(1);
    let calls = checked.books.borrow().calls;
    let (block, _, first) = checked.live[0];
    // SAFETY: a live block.
    let mut grow = |size| unsafe { checked.heap.try_grow_in_place(block, size) };
    assert_eq!(grow(3 * (1000 + WORD)), None);
    assert_eq!(grow(2000 + WORD), Some(()));
    checked.live[0].1 = layout(2000 + WORD, 8);
    assert!(holds(block, 1000, first));
    write(block, 2000 + WORD, first);
    checked.check();
    // SAFETY: a live block.
    let mut shrink = |size| unsafe { checked.heap.shrink_in_place(block, size) };
    assert_eq!(shrink(3000 + WORD), None);
    assert_eq!(shrink(100), Some(()));
    checked.live[0].1 = layout(100, 8);
    checked.check();
    assert_eq!(checked.places().len(), 4, "two in use, and two free");
    assert_eq!(checked.books.borrow().calls, calls, "no source was asked");
}

#[test]
fn a_request_that_no_region_can_serve_asks_no_source() {
    let mut heap = Heap::new(Source::new(Manner::default()));
    let books = Rc::clone(&heap.source_ref().books);
    for size in [LARGEST + 1, isize::MAX as usize - 7] {
        assert_eq!(heap.allocate(layout(size, 1)), None);
    }
    assert_eq!(heap.allocate(layout(1, 1 << (usize::BITS - 2))), None);
    assert_eq!(books.borrow().calls, 0);
    #[cfg(feature = "stats")]
    assert_eq!(heap.as_tlsf().statistics().failed_requests, 3);
}

/// The sizes around each bin's bounds, from a region of just the length that was asked for.
#[test]
fn what_is_asked_for_suffices_for_every_size_and_alignment() {
    for align in [1, 8, 16, 64, 4096] {
        for size in (0..300).chain((9..17).flat_map(|bits| (1 << bits) - 9..(1 << bits) + 10)) {
            for takes_back in [false, true] {
                let manner = Manner {
                    takes_back,
                    ..Manner::default()
                };
                let mut heap = Heap::new(Source::new(manner));
                let layout = layout(size.min(LARGEST - 2 * align), align);
                assert!(heap.allocate(layout).is_some(), "{layout:?}");
                assert_eq!(heap.source_ref().books.borrow().calls, 1);
            }
        }
    }
}

/// The system's allocator, and how many bytes it has given.
struct Counted(AtomicUsize);

// SAFETY: the system's.
unsafe impl GlobalAlloc for &Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.0.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) };
    }
}

#[test]
fn a_global_allocator_gives_what_is_asked_for_and_has_it_back() {
    let counted = Counted(AtomicUsize::new(0));
    let mut source = GlobalAllocAsFlexSource::<_, 4096>(&counted);
    for (least, bytes) in [(1, 4096), (4096, 4096), (4097, 8192)] {
        // SAFETY: not zero.
        let region = unsafe { source.alloc(least) }.unwrap();
        assert_eq!(len_of(region), bytes);
        assert_eq!(region.as_ptr().cast::<u8>() as usize % 4096, 0);
        assert_eq!(counted.0.load(Ordering::Relaxed), bytes);
        // SAFETY: the region that it has just given.
        unsafe { source.dealloc(region) };
        assert_eq!(counted.0.load(Ordering::Relaxed), 0);
    }
}

#[test]
fn a_global_allocator_is_a_source() {
    type Source = GlobalAllocAsFlexSource<System, 4096>;
    let mut heap: FlexTlsf<Source, u32, u32, 20, 32> = FlexTlsf::default();
    let blocks: Vec<_> = (1..200)
        .map(|n| {
            let block = heap.allocate(layout(n * 100, 16)).unwrap();
            write(block, n * 100, 3);
            block
        })
        .collect();
    assert_eq!(heap.as_tlsf().validate(), Ok(()));
    for (&block, n) in blocks.iter().zip(1..) {
        assert!(holds(block, n * 100, 3));
        // SAFETY: a live block.
        unsafe { heap.deallocate(block, 16) };
    }
    assert!(heap.source_bytes() > 1_990_000);
    assert_eq!(heap.source_bytes() % 4096, 0);
    assert!(heap.trim() > 1_990_000 && heap.source_bytes() == 0);
    assert!(heap.allocate(layout(10, 1)).is_some());
}

#[test]
fn a_growing_heap_is_debug_default_and_send() {
    type Source = GlobalAllocAsFlexSource<System, 4096>;
    fn check<T: Default + core::fmt::Debug + Send + Sync>() -> String {
        format!("{:?}", T::default())
    }
    assert!(check::<FlexTlsf<Source, u32, u32, 20, 32>>().starts_with("FlexTlsf"));
}
