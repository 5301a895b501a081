//! A `FlexTlsf` over a source that fails, gives more or less than it is asked for, or leaves gaps.

use crate::model::play;
use crate::{Input, Subject, Wrap};
use core::alloc::Layout;
use core::cell::RefCell;
use core::ptr::NonNull;
use rlsf::{BlockInfo, FlexSource, FlexTlsf};
use rlsf_testkit::{Arena, Live};
use std::rc::Rc;

type Heap = FlexTlsf<Source, u16, u16, 12, 16>;

/// Plays an input; the number of operations.
#[must_use]
pub fn run<W: Wrap>(data: &[u8]) -> usize {
    let input = &mut Input::new(data);
    let source = Source {
        arena: Rc::new(Arena::new(1 << 18, input.number(64))),
        takes_back: input.flag(),
        grows: input.flag(),
        continues: input.flag(),
        spacing: input.number(64),
        extra: input.number(1 << 10),
        divided_by: 1 + input.number(4),
        refusals: input.number(1 << 16) & input.number(1 << 16),
        books: Rc::default(),
    };
    let (books, takes_back) = (Rc::clone(&source.books), source.takes_back);
    let done = play::<W, _>(Flex(Heap::new(source)), input);
    let books = books.borrow();
    assert!(!takes_back || books.out.is_empty(), "a region is lost");
    done
}

/// Which regions are out, as start and length within the arena.
#[derive(Debug, Default)]
struct Books {
    cursor: usize,
    calls: usize,
    out: Vec<(usize, usize)>,
}

/// A source, and how it behaves.
#[derive(Debug)]
struct Source {
    arena: Rc<Arena>,
    takes_back: bool,
    grows: bool,
    continues: bool,
    /// Bytes between two regions.
    spacing: usize,
    /// Bytes more than asked for.
    extra: usize,
    /// A region has this part of what was asked for.
    divided_by: usize,
    /// The calls that fail: a bit for each of sixteen, over and over.
    refusals: usize,
    books: Rc<RefCell<Books>>,
}

impl Source {
    /// Counts the call; whether it may succeed.
    fn may_go_on(&self) -> bool {
        let mut books = self.books.borrow_mut();
        books.calls += 1;
        self.refusals >> (books.calls % 16) & 1 == 0
    }

    /// Start and length of a region that is out.
    fn place(&self, region: NonNull<[u8]>) -> (usize, usize) {
        let start = region.cast::<u8>().as_ptr() as usize;
        (start - self.arena.address(), region.len())
    }
}

// SAFETY: every region lies in the arena apart from the others.
unsafe impl FlexSource for Source {
    unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
        let len = (min_size / self.divided_by).checked_add(self.extra)?;
        let mut books = self.may_go_on().then(|| self.books.borrow_mut())?;
        let start = books.cursor + self.spacing;
        if len > self.arena.len().checked_sub(start)? {
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
        let (start, len) = self.place(ptr);
        let by = (min_new_len - len) / self.divided_by + self.extra;
        let mut books = self.may_go_on().then(|| self.books.borrow_mut())?;
        let known = books.out.iter().position(|&other| other == (start, len));
        let index = known.expect("grown as it was given");
        let is_last = books.cursor == start + len;
        if !is_last || by > self.arena.len() - books.cursor {
            return None;
        }
        books.out[index].1 += by;
        books.cursor += by;
        Some(len + by)
    }

    unsafe fn dealloc(&mut self, ptr: NonNull<[u8]>) {
        let place = self.place(ptr);
        let mut books = self.books.borrow_mut();
        let known = books.out.iter().position(|&other| other == place);
        books
            .out
            .swap_remove(known.expect("given back once, as it was given"));
    }

    fn supports_dealloc(&self) -> bool {
        self.takes_back
    }

    fn supports_realloc_inplace_grow(&self) -> bool {
        self.grows
    }

    fn is_contiguous_growable(&self) -> bool {
        self.continues
    }
}

/// The heap, to be asked.
struct Flex(Heap);

impl Subject for Flex {
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: &Live) {
        match block.fill % 3 {
            // SAFETY: the caller's promise.
            0 => unsafe { self.0.deallocate(block.payload, block.layout.align()) },
            // SAFETY: the caller's promise.
            1 => unsafe { self.0.deallocate_sized(block.payload, block.layout) },
            // SAFETY: the caller's promise.
            _ => unsafe { self.0.deallocate_unknown_align(block.payload) },
        }
    }

    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let resized = unsafe { self.0.reallocate(block.payload, new) };
        assert!(resized.is_some() || new.size() > block.layout.size());
        resized
    }

    unsafe fn grow(&mut self, block: &Live, size: usize) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.0.try_grow_in_place(block.payload, size) }.is_some()
    }

    unsafe fn shrink(&mut self, block: &Live, size: usize) -> bool {
        // SAFETY: the caller's promise.
        let shrunk = unsafe { self.0.shrink_in_place(block.payload, size) }.is_some();
        assert!(shrunk || size > block.layout.size());
        shrunk
    }

    unsafe fn usable_size(&mut self, block: &Live) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Heap::allocation_usable_size(block.payload) }
    }

    fn act(&mut self, _: &[Live], _: &mut Input<'_>) {
        let before = self.0.source_bytes();
        let trimmed = self.0.trim();
        assert_eq!(before - trimmed, self.0.source_bytes());
    }

    fn check(&mut self, live: &[Live]) {
        assert_eq!(self.0.as_tlsf().validate(), Ok(()));
        let used = self.0.as_tlsf().blocks().filter(BlockInfo::is_occupied);
        assert_eq!(used.count(), live.len());
        let source = self.0.source_ref();
        let out: usize = source
            .books
            .borrow()
            .out
            .iter()
            .map(|region| region.1)
            .sum();
        assert!(!source.takes_back || self.0.source_bytes() == out);
    }
}
