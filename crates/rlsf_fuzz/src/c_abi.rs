//! The heaps of `rlsf.h`, called as C calls them.

use crate::model::play;
use crate::{Input, Subject, Wrap};
use core::alloc::Layout;
use core::ffi::{c_int, c_void};
use core::ptr::{null_mut, NonNull};
use rlsf_testkit::{Arena, Live};

/// `struct rlsf_heap`, of which C knows nothing.
#[repr(C)]
struct Heap {
    _opaque: [u8; 0],
}

/// `struct rlsf_kind`.
#[repr(C)]
struct Kind {
    _opaque: [u8; 0],
}

/// `RLSF_OK` and the statuses that a pool may have.
const OK: c_int = 0;
const TOO_SMALL: c_int = 3;
const NO_POOL: c_int = 5;
const IN_USE: c_int = 6;

type Visit = unsafe extern "C" fn(*mut c_void, *mut c_void, usize, c_int) -> c_int;

extern "C" {
    fn rlsf_small() -> *const Kind;
    fn rlsf_medium() -> *const Kind;
    fn rlsf_large() -> *const Kind;
    fn rlsf_create(
        kind: *const Kind,
        memory: *mut c_void,
        bytes: usize,
        used: *mut usize,
    ) -> *mut Heap;
    fn rlsf_add_pool(heap: *mut Heap, memory: *mut c_void, bytes: usize, used: *mut usize)
        -> c_int;
    fn rlsf_append_pool(
        heap: *mut Heap,
        memory: *mut c_void,
        bytes: usize,
        used: *mut usize,
    ) -> c_int;
    fn rlsf_remove_pool(heap: *mut Heap, memory: *mut c_void, bytes: usize) -> c_int;
    fn rlsf_malloc(heap: *mut Heap, size: usize) -> *mut c_void;
    fn rlsf_memalign(heap: *mut Heap, align: usize, size: usize) -> *mut c_void;
    fn rlsf_realloc(heap: *mut Heap, block: *mut c_void, size: usize) -> *mut c_void;
    fn rlsf_free(heap: *mut Heap, block: *mut c_void);
    fn rlsf_usable_size(block: *const c_void) -> usize;
    fn rlsf_walk(heap: *const Heap, visit: Option<Visit>, user: *mut c_void) -> c_int;
    fn rlsf_check(heap: *const Heap, fault: *mut *const c_void) -> c_int;
}

/// Plays an input; the number of operations.
#[must_use]
pub fn run<W: Wrap>(data: &[u8]) -> usize {
    let input = &mut Input::new(data);
    let kind = match input.number(3) {
        // SAFETY: no arguments.
        0 => unsafe { rlsf_small() },
        // SAFETY: no arguments.
        1 => unsafe { rlsf_medium() },
        // SAFETY: no arguments.
        _ => unsafe { rlsf_large() },
    };
    let arena = Arena::new(1 << 15, input.number(64));
    let bits = input.number(16);
    let bytes = input.number(1 << bits);
    let mut used = usize::MAX;
    // SAFETY: the arena outlives the heap.
    let heap = unsafe { rlsf_create(kind, start(&arena, 0), bytes, &raw mut used) };
    assert!(used <= bytes);
    if heap.is_null() {
        return 0;
    }
    let regions = vec![(0, used)];
    let c = C {
        heap,
        arena: &arena,
        regions,
    };
    play::<W, _>(c, input)
}

/// Where so many bytes of the arena lie before.
fn start(arena: &Arena, offset: usize) -> *mut c_void {
    arena.region(offset, 0).cast().as_ptr()
}

/// A heap, and the regions that it has: start and length within the arena.
struct C<'arena> {
    heap: *mut Heap,
    arena: &'arena Arena,
    regions: Vec<(usize, usize)>,
}

impl C<'_> {
    /// The end of the last region.
    fn end(&self) -> usize {
        self.regions
            .last()
            .map_or(0, |(offset, bytes)| offset + bytes)
    }

    /// Gives memory behind all regions: as a new one, or to the last one.
    fn supply(&mut self, append: bool, input: &mut Input<'_>) {
        let gap = if append { 0 } else { input.number(40) };
        let offset = (self.end() + gap).min(self.arena.len());
        let bits = input.number(14);
        let bytes = input.number(1 << bits).min(self.arena.len() - offset);
        let memory = start(self.arena, offset);
        let mut used = usize::MAX;
        let status = if append {
            // SAFETY: nobody's memory, and a variable.
            unsafe { rlsf_append_pool(self.heap, memory, bytes, &raw mut used) }
        } else {
            // SAFETY: nobody's memory, and a variable.
            unsafe { rlsf_add_pool(self.heap, memory, bytes, &raw mut used) }
        };
        assert!(used <= bytes);
        match status {
            OK if append => self.regions.last_mut().expect("it has grown").1 += used,
            OK => self.regions.push((offset, used)),
            TOO_SMALL => assert_eq!(used, 0),
            _ => assert_eq!((append, status, used), (true, NO_POOL, 0)),
        }
    }

    /// Takes back a region, which is refused just if a block lies in it. The first one, with the control
    /// block, may have no pool.
    fn remove(&mut self, live: &[Live], input: &mut Input<'_>) {
        let index = input.number(8);
        let Some(&(offset, bytes)) = self.regions.get(index) else {
            return;
        };
        let first = self.arena.address() + offset;
        let inside = |block: &Live| (first..first + bytes).contains(&block.address());
        let in_use = live.iter().any(inside);
        // SAFETY: as it was given.
        let status = unsafe { rlsf_remove_pool(self.heap, start(self.arena, offset), bytes) };
        if in_use {
            assert_eq!(status, IN_USE);
        } else if index > 0 {
            assert_eq!(status, OK);
            self.regions.remove(index);
        } else {
            assert!(status == OK || status == NO_POOL);
        }
    }
}

/// Counts the blocks in use.
unsafe extern "C" fn count(user: *mut c_void, _: *mut c_void, _: usize, is_used: c_int) -> c_int {
    // SAFETY: what `check` has handed in.
    let sum = unsafe { &mut *user.cast::<c_int>() };
    *sum += is_used;
    0
}

impl Subject for C<'_> {
    const KEEPS_ALIGNMENT: bool = false;

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let block = if layout.align() <= size_of::<usize>() {
            // SAFETY: a heap.
            unsafe { rlsf_malloc(self.heap, layout.size()) }
        } else {
            // SAFETY: a heap.
            unsafe { rlsf_memalign(self.heap, layout.align(), layout.size()) }
        };
        NonNull::new(block.cast())
    }

    unsafe fn deallocate(&mut self, block: &Live) {
        let ptr = block.payload.as_ptr().cast();
        if block.fill.is_multiple_of(4) {
            // SAFETY: the caller's promise.
            let none = unsafe { rlsf_realloc(self.heap, ptr, 0) };
            assert_eq!(none, null_mut());
        } else {
            // SAFETY: the caller's promise.
            unsafe { rlsf_free(self.heap, ptr) };
        }
    }

    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>> {
        if new.size() == 0 {
            return None;
        }
        let ptr = block.payload.as_ptr().cast();
        // SAFETY: the caller's promise.
        let resized = NonNull::new(unsafe { rlsf_realloc(self.heap, ptr, new.size()) });
        assert!(resized.is_some() || new.size() > block.layout.size());
        resized.map(NonNull::cast)
    }

    unsafe fn usable_size(&mut self, block: &Live) -> usize {
        // SAFETY: the caller's promise.
        unsafe { rlsf_usable_size(block.payload.as_ptr().cast()) }
    }

    fn act(&mut self, live: &[Live], input: &mut Input<'_>) {
        match input.number(3) {
            0 => self.supply(false, input),
            1 => self.supply(true, input),
            _ => self.remove(live, input),
        }
    }

    fn check(&mut self, live: &[Live]) {
        // SAFETY: a heap.
        assert_eq!(unsafe { rlsf_check(self.heap, null_mut()) }, OK);
        let mut used: c_int = 0;
        let sum = (&raw mut used).cast();
        // SAFETY: a heap, and a function that takes a number.
        assert_eq!(unsafe { rlsf_walk(self.heap, Some(count), sum) }, 0);
        assert_eq!(usize::try_from(used), Ok(live.len()));
    }
}
