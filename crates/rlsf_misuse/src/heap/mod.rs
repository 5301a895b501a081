//! The heaps: C's, whatever it is, and Rust's.

mod c;
mod global;
mod pool;

use core::alloc::Layout;

use clap::ValueEnum;

use crate::case::{Case, Class, Hands};

/// A heap, as a program uses it. Nothing is concluded from pointers: they may be anything.
pub(crate) trait Heap: Sync {
    /// A new block, or null.
    fn allocate(&self, layout: Layout) -> *mut u8;

    /// A new block that is zero, or null.
    fn allocate_zeroed(&self, layout: Layout) -> *mut u8;

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// None but that the program survives it.
    unsafe fn free(&self, block: *mut u8, layout: Layout);

    /// Resizes a block.
    ///
    /// # Safety
    ///
    /// As for `free`.
    unsafe fn reallocate(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8;

    /// The bytes that may be used of a block.
    ///
    /// # Safety
    ///
    /// As for `free`.
    unsafe fn usable_size(&self, block: *mut u8, layout: Layout) -> usize;

    /// Asks the heap to give memory back.
    fn trim(&self);
}

/// The heaps by name.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// `malloc` and its family
    C,
    /// A `Tlsf` over memory of the program's own
    Tlsf,
    /// A `SlabTlsf` over memory of the program's own
    Slab,
    /// A `GlobalTlsf`
    Global,
}

impl Kind {
    /// Whether the case makes sense: the heaps over given memory are one thread's, and what Rust's tell of a
    /// block's size they tell without looking.
    pub(crate) fn can_run(self, case: &Case) -> bool {
        let has_threads = matches!(self, Self::C | Self::Global);
        let is_c = self == Self::C;
        (has_threads || case.hands == Hands::Own)
            && (is_c || case.class != Class::InvalidUsableSize)
    }

    /// The heap, with memory.
    pub(crate) fn heap(self) -> &'static dyn Heap {
        match self {
            Self::C => &c::Malloc,
            Self::Tlsf => pool::tlsf(),
            Self::Slab => pool::slab(),
            Self::Global => &global::GLOBAL,
        }
    }
}
