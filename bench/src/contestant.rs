//! A heap's operations behind plain function pointers, so that heaps of different types stand in
//! one list.
//!
//! Each operation is a function of its own that is never inlined: `instructions` counts from the
//! call of it to its return, with everything between.

use core::alloc::Layout;
use core::mem::MaybeUninit;

use crate::heap::Heap;
use crate::throughput::exchange::{self, Exchange, Slot};
use crate::traces::replay;

/// One heap of the comparison.
#[derive(Debug)]
pub struct Contestant {
    /// The name in every table.
    pub name: &'static str,
    pub(crate) entries: Entries,
}

/// The functions of one heap; the first argument is the heap that `open` made.
#[derive(Debug)]
pub(crate) struct Entries {
    pub(crate) open: fn(&'static mut [MaybeUninit<u8>]) -> *mut (),
    pub(crate) close: unsafe fn(*mut ()),
    pub(crate) allocate: unsafe extern "C-unwind" fn(*mut (), usize, usize) -> *mut u8,
    pub(crate) deallocate: unsafe extern "C-unwind" fn(*mut (), *mut u8, usize, usize),
    pub(crate) reallocate:
        unsafe extern "C-unwind" fn(*mut (), *mut u8, usize, usize, usize) -> *mut u8,
    pub(crate) exchange: unsafe fn(*mut (), &mut [Slot], &[Exchange]) -> usize,
    pub(crate) replay: unsafe fn(*mut (), &mut [replay::Slot], &[replay::Action]) -> usize,
}

impl Contestant {
    /// The heap `H` under a name.
    pub(crate) const fn of<H: Heap>(name: &'static str) -> Self {
        let entries = Entries {
            open: open::<H>,
            close: close::<H>,
            allocate: allocate::<H>,
            deallocate: deallocate::<H>,
            reallocate: reallocate::<H>,
            exchange: exchange::run::<H>,
            replay: replay::run::<H>,
        };
        Self { name, entries }
    }
}

fn open<H: Heap>(pool: &'static mut [MaybeUninit<u8>]) -> *mut () {
    Box::into_raw(Box::new(H::new(pool))).cast()
}

/// # Safety
/// `heap` comes from `open::<H>` and is not used afterwards.
unsafe fn close<H: Heap>(heap: *mut ()) {
    // SAFETY: the caller's promise.
    drop(unsafe { Box::from_raw(heap.cast::<H>()) });
}

/// # Safety
/// `heap` comes from `open::<H>`; size and alignment form a layout of at least one byte.
#[inline(never)]
unsafe extern "C-unwind" fn allocate<H: Heap>(heap: *mut (), size: usize, align: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let heap = unsafe { &mut *heap.cast::<H>() };
    // SAFETY: the caller's promise.
    let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
    // SAFETY: the caller's promise.
    unsafe { heap.allocate(layout) }
}

/// # Safety
/// `heap` comes from `open::<H>`, and `payload` is a live block of it with this size and alignment.
#[inline(never)]
unsafe extern "C-unwind" fn deallocate<H: Heap>(
    heap: *mut (),
    payload: *mut u8,
    size: usize,
    align: usize,
) {
    // SAFETY: the caller's promise.
    let heap = unsafe { &mut *heap.cast::<H>() };
    // SAFETY: the caller's promise.
    let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
    // SAFETY: the caller's promise.
    unsafe { heap.deallocate(payload, layout) };
}

/// # Safety
/// `heap` comes from `open::<H>`, `payload` is a live block of it with this size and alignment,
/// `new_size` is not zero.
#[inline(never)]
unsafe extern "C-unwind" fn reallocate<H: Heap>(
    heap: *mut (),
    payload: *mut u8,
    size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    // SAFETY: the caller's promise.
    let heap = unsafe { &mut *heap.cast::<H>() };
    // SAFETY: the caller's promise.
    let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
    // SAFETY: the caller's promise.
    unsafe { heap.reallocate(payload, layout, new_size) }
}
