//! The blocks of a case: three of a size, allocated one after the other, and the life of the program after the
//! misuse.

use core::alloc::Layout;
use core::ptr::null_mut;

use crate::case::{Case, Origin};
use crate::heap::Heap;
use crate::mark::{end, mark, Code};
use crate::place::Aligned;

/// What blocks are filled with.
pub(crate) const FILL: u8 = b'A';

/// How many bytes of a block are written to, at each end.
const FILLED: usize = 4096;

/// The blocks.
pub(crate) struct Scene {
    pub(crate) heap: &'static dyn Heap,
    pub(crate) layout: Layout,
    pub(crate) before: *mut u8,
    /// The one that is misused.
    pub(crate) block: *mut u8,
    after: *mut u8,
    /// Whether the program thinks that the block is its own.
    pub(crate) is_live: bool,
    /// What is handed in instead of the block.
    pub(crate) wrong: *mut u8,
    pub(crate) on_stack: Aligned,
}

// SAFETY: one thread after the other has it.
unsafe impl Send for Scene {}

impl Scene {
    /// Allocates.
    pub(crate) fn set(heap: &'static dyn Heap, case: &Case) -> Self {
        let layout = layout(heap, case);
        let allocate = || allocate(heap, layout, case.origin);
        let (before, block, after) = (allocate(), allocate(), allocate());
        Self {
            heap,
            layout,
            before,
            block,
            after,
            is_live: true,
            wrong: null_mut(),
            on_stack: Aligned::ZERO,
        }
    }

    /// The bytes that were asked for.
    pub(crate) fn size(&self) -> usize {
        self.layout.size()
    }

    /// So many blocks more of the kind.
    pub(crate) fn more(&self, count: usize) -> Vec<*mut u8> {
        let blocks = (0..count).map(|_| filled(self.heap, self.layout));
        blocks.collect()
    }

    /// Two blocks of three words, one after the other.
    pub(crate) fn two_small(&self) -> (*mut u8, *mut u8) {
        let layout = Layout::new::<[usize; 3]>();
        (filled(self.heap, layout), filled(self.heap, layout))
    }

    /// Frees the block.
    pub(crate) fn free_block(&mut self) {
        // SAFETY: a block in use, as far as the program knows.
        unsafe { self.heap.free(self.block, self.layout) };
        self.is_live = false;
    }

    pub(crate) fn free_before(&mut self) {
        self.free_if_any(self.before);
        self.before = null_mut();
    }

    pub(crate) fn free_after(&mut self) {
        self.free_if_any(self.after);
        self.after = null_mut();
    }

    fn free_if_any(&self, block: *mut u8) {
        if !block.is_null() {
            // SAFETY: a block in use, as far as the program knows.
            unsafe { self.heap.free(block, self.layout) };
        }
    }

    /// Takes note of what the block has become.
    pub(crate) fn has_moved(&mut self, block: *mut u8, size: usize) {
        let old = self.layout;
        if block.is_null() {
            end(Code::NoMemory);
        }
        // SAFETY: a block in use, and as large as that.
        let kept = unsafe { block.wrapping_add(old.size() - 1).read_volatile() };
        if kept != FILL {
            end(Code::Broken);
        }
        // The block is freed as what it is now.
        let Ok(layout) = Layout::from_size_align(size, old.align()) else {
            end(Code::Broken);
        };
        // SAFETY: as above.
        unsafe { self.heap.free(block, layout) };
        self.is_live = false;
    }

    /// The next operations. First the block is freed or, if it is, one of its size is allocated; then there is
    /// one more of that, the neighbours are freed, and some of all sizes come and go.
    pub(crate) fn go_on(&mut self, honest: bool) {
        if honest {
            self.check(self.before);
            self.check(self.after);
        }
        let mut blocks = Vec::new();
        if self.is_live {
            self.free_block();
        } else {
            blocks = self.more(1);
        }
        mark("next");
        blocks.extend(self.more(1));
        self.free_before();
        self.free_after();
        for block in blocks {
            self.free_if_any(block);
        }
        warm_up(self.heap);
        // So many that a heap comes to every block that it has of the size.
        let others = self.more(if self.size() <= FILLED { 256 } else { 4 });
        for block in others {
            self.free_if_any(block);
        }
    }

    /// A neighbour has what was written to it.
    fn check(&self, block: *mut u8) {
        if block.is_null() {
            return;
        }
        for place in [block, block.wrapping_add(self.size() - 1)] {
            // SAFETY: within a block in use.
            if unsafe { place.read_volatile() } != FILL {
                end(Code::Broken);
            }
        }
    }
}

/// What the blocks are asked for with.
fn layout(heap: &dyn Heap, case: &Case) -> Layout {
    let of = |size: usize| {
        let align = case.origin.align();
        let layout = Layout::from_size_align(size, align);
        // `aligned_alloc` is to be asked for a multiple of its alignment.
        layout.map(|layout| match case.origin {
            Origin::Line => layout.pad_to_align(),
            _ => layout,
        })
    };
    let (Ok(layout), true) = (of(case.size.bytes()), case.size.is_snug()) else {
        return of(case.size.bytes()).unwrap_or_else(|_| end(Code::Broken));
    };
    let probe = filled(heap, layout);
    // SAFETY: a block in use.
    let usable = unsafe { heap.usable_size(probe, layout) };
    // SAFETY: as above.
    unsafe { heap.free(probe, layout) };
    of(usable).unwrap_or_else(|_| end(Code::Broken))
}

/// Allocates as the case wants it.
fn allocate(heap: &dyn Heap, layout: Layout, origin: Origin) -> *mut u8 {
    let block = match origin {
        Origin::Malloc | Origin::Line | Origin::Page => heap.allocate(layout),
        Origin::Calloc => heap.allocate_zeroed(layout),
        Origin::Realloc => {
            let half = Layout::from_size_align(layout.size() / 2, layout.align());
            let half = half.unwrap_or(layout);
            let block = heap.allocate(half);
            // SAFETY: a block in use.
            unsafe { heap.reallocate(block, half, layout.size()) }
        }
    };
    fill(block, layout.size());
    block
}

/// Allocates a block and writes to it.
pub(crate) fn filled(heap: &dyn Heap, layout: Layout) -> *mut u8 {
    allocate(heap, layout, Origin::Malloc)
}

/// Writes to both ends of a new block.
fn fill(block: *mut u8, size: usize) {
    if block.is_null() {
        end(Code::NoMemory);
    }
    let part = size.min(FILLED);
    // SAFETY: a block in use, and as large as that.
    unsafe { block.write_bytes(FILL, part) };
    // SAFETY: as above.
    unsafe { block.wrapping_add(size - part).write_bytes(FILL, part) };
}

/// What programs do: blocks of many sizes come, every other one goes, and the rest.
pub(crate) fn warm_up(heap: &dyn Heap) {
    const SIZES: [usize; 12] = [16, 24, 32, 40, 56, 100, 200, 500, 1000, 2000, 3000, 200_000];
    let layouts = SIZES.map(|size| Layout::from_size_align(size, 8));
    let layouts = layouts.map(|layout| layout.unwrap_or_else(|_| end(Code::Broken)));
    let blocks = layouts.map(|layout| filled(heap, layout));
    for first in [0, 1] {
        for (&block, &layout) in blocks.iter().zip(&layouts).skip(first).step_by(2) {
            // SAFETY: a block in use.
            unsafe { heap.free(block, layout) };
        }
    }
}
