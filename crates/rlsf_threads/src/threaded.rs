//! [`ThreadedTlsf`]: a heap a thread, as Rust's allocator and as C's.

use crate::class::Class;
use crate::current;
use crate::heap::LARGEST;
use crate::map;
use crate::misuse;
use crate::quick::Size;
use crate::reserved;
use crate::segment::SegmentRef;
use crate::slab::{self, SlabRef};
use crate::supply;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{null_mut, NonNull};
use rlsf::CAlloc;

/// A heap for every thread of the process.
///
/// All values stand for the same heaps. On Linux, x86-64 and 64-bit Arm. Small requests take some twenty
/// instructions, all others constant time; pages come from the system when a segment is taken,
/// and go back when one is idle. Those of a block above 256 KiB go back when it is freed or has moved, as far as having
/// them again would take a fiftieth of the time, unless there is a [`reserve`](Self::reserve). Without one, blocks of
/// 2 to 32 KiB that were freed rest for requests of their size.
///
/// ```
/// #[global_allocator]
/// static HEAP: rlsf_threads::ThreadedTlsf = rlsf_threads::ThreadedTlsf::new();
///
/// let threads: Vec<_> = (0..4)
///     .map(|n| std::thread::spawn(move || vec![n; 1000]))
///     .collect();
/// let sum: usize = threads.into_iter().flat_map(|thread| thread.join().unwrap()).sum();
/// assert_eq!(sum, 6000);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadedTlsf(());

impl ThreadedTlsf {
    /// The heaps of the process.
    ///
    /// ```
    /// static HEAP: rlsf_threads::ThreadedTlsf = rlsf_threads::ThreadedTlsf::new();
    /// # let _ = &HEAP;
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

/// Whether a request is served from a segment.
#[inline(always)]
const fn is_middle(layout: Layout) -> bool {
    layout.size() <= LARGEST && layout.align() <= slab::STEP
}

/// Whether a request is served by the supply.
pub(crate) const fn is_large(layout: Layout) -> bool {
    !Class::serves(layout) && !is_middle(layout)
}

/// Allocates what can be had at once: a small block that its thread has freed before; and its bytes.
#[inline(always)]
pub(crate) fn allocate_quickly(class: Class) -> Option<(NonNull<u8>, usize)> {
    current::get().pop_sized(class)
}

/// Allocates what no slab serves.
#[inline(never)]
pub(crate) fn allocate_larger(layout: Layout) -> Option<NonNull<u8>> {
    if supply::has_no_reserve() {
        allocate_unreserved(layout)
    } else {
        reserved::allocate(layout)
    }
}

/// Allocates what no slab serves, without a reserve.
#[inline(never)]
fn allocate_unreserved(layout: Layout) -> Option<NonNull<u8>> {
    let (block, _) = allocate_rested(layout).or_else(|| allocate_anew(layout))?;
    Some(block)
}

/// Allocates what no slab serves, if a block of its size rests; and its bytes. There is no reserve.
#[inline(always)]
pub(crate) fn allocate_rested(layout: Layout) -> Option<(NonNull<u8>, usize)> {
    current::get().pop_middle(Size::of(layout)?)
}

/// Allocates what no slab serves, and of which none rests; and its bytes. There is no reserve.
#[inline]
pub(crate) fn allocate_anew(layout: Layout) -> Option<(NonNull<u8>, usize)> {
    if is_middle(layout) {
        return current::get_or_begin()?.allocate_middle(layout);
    }
    supply::allocate(layout)
}

/// Allocates a small block that cannot be had at once.
#[inline(never)]
pub(crate) fn allocate_small(class: Class) -> Option<NonNull<u8>> {
    let heap = current::get();
    if heap.is_some() {
        heap.allocate_small(class)
    } else {
        begin_with_small(class)
    }
}

/// Allocates the first small block of a thread, whose heap may have been another thread's.
#[cold]
#[inline(never)]
fn begin_with_small(class: Class) -> Option<NonNull<u8>> {
    let heap = current::get_or_begin()?;
    heap.pop_small(class).or_else(|| heap.allocate_small(class))
}

#[inline(always)]
fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    let Some(class) = Class::of(layout) else {
        return allocate_larger(layout);
    };
    match current::get().pop_small(class) {
        Some(block) => Some(block),
        None => allocate_small(class),
    }
}

/// Frees a block of a slab.
///
/// # Safety
///
/// A block in use that nobody uses any more.
#[inline(always)]
pub(crate) unsafe fn deallocate_small(block: NonNull<u8>) {
    // SAFETY: the caller's promise.
    let slab = unsafe { SlabRef::around(block) };
    // SAFETY: slabs lie in segments.
    let owner = unsafe { SegmentRef::around(block) }.heap();
    if current::get() == owner {
        // SAFETY: the caller's promise.
        unsafe { owner.deallocate_small(slab, block) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { owner.deallocate_small_from_elsewhere(slab, block) };
    }
}

/// Frees a block of a segment that is in no slab.
///
/// # Safety
///
/// A block in use that nobody uses any more.
#[inline(never)]
pub(crate) unsafe fn deallocate_middle(block: NonNull<u8>) {
    // SAFETY: the caller's promise.
    let segment = unsafe { SegmentRef::around(block) };
    let owner = segment.heap();
    if current::get() == owner {
        // SAFETY: the caller's promise.
        let bytes = unsafe { supply::usable_size(block) };
        // SAFETY: the caller's promise.
        unsafe { owner.deallocate_middle(segment, block, bytes, false) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { owner.deallocate_middle_from_elsewhere(block) };
    }
}

/// Frees a block whose layout is not known.
///
/// # Safety
///
/// A block in use that nobody uses any more.
#[inline(always)]
unsafe fn deallocate(block: NonNull<u8>) {
    // SAFETY: the caller's promise.
    let bytes = || unsafe { usable_size(block) };
    // SAFETY: the caller's promise.
    unsafe { misuse::mark_free(block, bytes) };
    if !map::has(block) {
        // SAFETY: what is in no segment is the supply's.
        return unsafe { supply::deallocate(block) };
    }
    // SAFETY: the map says so.
    if unsafe { SegmentRef::around(block) }.is_slab(block) {
        // SAFETY: the caller's promise.
        unsafe { deallocate_small(block) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { deallocate_middle(block) };
    }
}

/// The bytes that a block may use.
///
/// # Safety
///
/// A block in use.
pub(crate) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    // SAFETY: in a segment if the map says so.
    if map::has(block) && unsafe { SegmentRef::around(block) }.is_slab(block) {
        // SAFETY: the segment says so.
        return unsafe { SlabRef::around(block) }.bytes();
    }
    // SAFETY: a block of a `Tlsf`.
    unsafe { supply::usable_size(block) }
}

/// Resizes a block where it stands; `None` leaves it as it is.
///
/// A small layout has a block of a slab, and no other layout has one: by that it is freed.
///
/// # Safety
///
/// A block in use that nobody else uses, at the layout's alignment.
unsafe fn resize_in_place(block: NonNull<u8>, layout: Layout) -> Option<()> {
    // SAFETY: the map says so.
    let segment = map::has(block).then(|| unsafe { SegmentRef::around(block) })?;
    if let Some(class) = Class::of(layout) {
        // SAFETY: the segment says so.
        let is_same = segment.is_slab(block) && unsafe { SlabRef::around(block) }.class() == class;
        return is_same.then_some(());
    }
    let is_own = current::get() == segment.heap();
    if !is_own || segment.is_slab(block) || !is_middle(layout) {
        return None;
    }
    // SAFETY: a middle block of this thread's heap.
    unsafe { segment.heap().resize_in_place(block, layout) }
}

/// Resizes a block where it stands, or within the supply; `None` leaves it as it is.
///
/// # Safety
///
/// A block in use that nobody else uses.
pub(crate) unsafe fn resize(block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
    if !map::has(block) && !is_middle(layout) {
        // SAFETY: the supply's, and the caller's promise.
        return unsafe { supply::reallocate(block, layout) };
    }
    if !(block.as_ptr() as usize).is_multiple_of(layout.align()) {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { resize_in_place(block, layout) }.map(|()| block)
}

/// Resizes a block, by moving it if need be. `None` leaves it as it is.
///
/// # Safety
///
/// A block in use that nobody else uses.
unsafe fn reallocate(block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise.
    if let Some(resized) = unsafe { resize(block, layout) } {
        return Some(resized);
    }
    let target = allocate(layout)?;
    // SAFETY: the caller's promise.
    let bytes = unsafe { usable_size(block) }.min(layout.size());
    // SAFETY: two blocks with so many bytes.
    unsafe { target.copy_from_nonoverlapping(block, bytes) };
    // SAFETY: the caller's promise.
    unsafe { deallocate(block) };
    Some(target)
}

pub(crate) fn allocate_zeroed(layout: Layout) -> Option<NonNull<u8>> {
    if is_large(layout) {
        return supply::allocate_zeroed(layout).map(|(block, _)| block);
    }
    let block = allocate(layout)?;
    // SAFETY: a new block of so many bytes.
    unsafe { block.write_bytes(0, layout.size()) };
    Some(block)
}

#[inline(always)]
fn or_null(block: Option<NonNull<u8>>) -> *mut u8 {
    block.map_or(null_mut(), NonNull::as_ptr)
}

// SAFETY: a block belongs to who allocated it until it is freed; nothing here unwinds.
unsafe impl GlobalAlloc for ThreadedTlsf {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        or_null(allocate(layout))
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        or_null(allocate_zeroed(layout))
    }

    #[inline]
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: a block is not null.
        let block = unsafe { NonNull::new_unchecked(ptr) };
        let bytes = || Class::of(layout).map_or(layout.size(), Class::bytes);
        // SAFETY: the caller's promise.
        unsafe { misuse::mark_free(block, bytes) };
        if Class::serves(layout) {
            // SAFETY: the caller's promise.
            unsafe { deallocate_small(block) };
        } else if is_middle(layout) {
            // SAFETY: the caller's promise.
            unsafe { deallocate_middle(block) };
        } else {
            // SAFETY: what is in no segment is the supply's.
            unsafe { supply::deallocate(block) };
        }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size makes a layout.
        let layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: a block is not null.
        let block = unsafe { NonNull::new_unchecked(ptr) };
        // SAFETY: the caller's promise.
        or_null(unsafe { reallocate(block, layout) })
    }
}

// SAFETY: as above.
unsafe impl CAlloc for ThreadedTlsf {
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        allocate(layout)
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { deallocate(ptr) };
    }

    unsafe fn reallocate(&self, ptr: NonNull<u8>, new_layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { reallocate(ptr, new_layout) }
    }

    unsafe fn allocation_usable_size(ptr: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { usable_size(ptr) }
    }
}
