//! [`GlobalTlsf`] as Rust's allocator.

use super::{copy, GlobalTlsf, GlobalTlsfOptions, Heap, Inner};
use crate::lock::LONGEST_COPY;
use crate::source::clear;
use core::alloc::{GlobalAlloc, Layout};
use core::panic::Location;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;

// SAFETY: `Tlsf` keeps the contract of an allocator, and the lock makes it one
// for all threads; nothing here unwinds.
unsafe impl<Options: GlobalTlsfOptions> GlobalAlloc for GlobalTlsf<Options> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let inner = Self::inner(layout);
        match self.heap.with(|heap| heap.as_tlsf_mut().allocate(inner)) {
            Some(Some(payload)) => payload.as_ptr(),
            _ => self
                .allocate_with_more(layout, None)
                .map_or(ptr::null_mut(), NonNull::as_ptr),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let payload = NonNull::new(unsafe { self.alloc(layout) });
        payload.map_or(ptr::null_mut(), |payload| {
            let by_kernel = !self.resident.load(Ordering::Relaxed);
            // SAFETY: a new block of this size, in pages of the source.
            unsafe { clear(payload, layout.size(), by_kernel) };
            payload.as_ptr()
        })
    }

    #[inline]
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        let layout = Self::inner(layout);
        // SAFETY: the caller's promise; the block was allocated with this layout.
        let free =
            |heap: &mut Heap| unsafe { heap.as_tlsf_mut().deallocate_sized(payload, layout) };
        // SAFETY: the block was allocated, so the heap has been used.
        unsafe { self.heap.with_settled(free) };
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size makes a layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        // SAFETY: the caller's promise.
        let resized = unsafe { self.resize(payload, layout.size(), new_layout, None) };
        resized.map_or(ptr::null_mut(), NonNull::as_ptr)
    }
}

impl<Options: GlobalTlsfOptions> GlobalTlsf<Options> {
    /// Allocates what the heap has just refused.
    #[cold]
    #[inline(never)]
    pub(super) fn allocate_with_more(
        &self,
        layout: Layout,
        location: Option<&'static Location<'static>>,
    ) -> Option<NonNull<u8>> {
        let inner = Self::inner(layout);
        let payload = self.with_more(&|heap| heap.want(inner), &|heap| heap.allocate(inner));
        if payload.is_none() {
            self.report(layout, location);
        }
        payload
    }

    /// Resizes a block of which `used` bytes are to be kept, by moving it if need be.
    ///
    /// # Safety
    ///
    /// `ptr` is a live block of this heap with `used` bytes, and fits the new alignment.
    pub(super) unsafe fn resize(
        &self,
        ptr: NonNull<u8>,
        used: usize,
        layout: Layout,
        location: Option<&'static Location<'static>>,
    ) -> Option<NonNull<u8>> {
        if !Options::ENABLE_REALLOCATION {
            // SAFETY: the caller's promise.
            return unsafe { self.relocate(ptr, used, layout, location) };
        }
        let inner = Self::inner(layout);
        let attempt = |heap: &mut Inner| {
            if used.min(layout.size()) <= LONGEST_COPY {
                // SAFETY: the caller's promise.
                unsafe { heap.reallocate(ptr, inner) }
            } else {
                // SAFETY: the caller's promise.
                unsafe { resize_or_allocate(heap, ptr, inner) }
            }
        };
        // SAFETY: the block was allocated, so the heap has been used.
        let resized = unsafe { self.heap.with_settled(|heap| attempt(heap.as_tlsf_mut())) };
        let resized = resized.or_else(|| {
            // SAFETY: the caller's promise.
            self.with_more(&|heap| unsafe { heap.want_resized(ptr, inner) }, &attempt)
        });
        match resized {
            Some(target) if target != ptr && used.min(layout.size()) > LONGEST_COPY => {
                // SAFETY: a new block, and the caller's promise.
                unsafe { self.move_contents(ptr, used.min(layout.size()), target) };
            }
            Some(_) => {}
            None => self.report(layout, location),
        }
        resized
    }

    /// Moves a block.
    ///
    /// # Safety
    ///
    /// `ptr` is a live block of this heap with `used` bytes.
    pub(super) unsafe fn relocate(
        &self,
        ptr: NonNull<u8>,
        used: usize,
        layout: Layout,
        location: Option<&'static Location<'static>>,
    ) -> Option<NonNull<u8>> {
        let allocate = |heap: &mut Heap| heap.as_tlsf_mut().allocate(Self::inner(layout));
        let target = match self.heap.with(allocate)? {
            Some(target) => target,
            None => self.allocate_with_more(layout, location)?,
        };
        // SAFETY: a new block, and the caller's promise.
        unsafe { self.move_contents(ptr, used.min(layout.size()), target) };
        Some(target)
    }

    /// Copies what is kept, while the lock is free, and frees the old block.
    ///
    /// # Safety
    ///
    /// Two live blocks of this heap with `bytes` bytes; the first is not used any more.
    unsafe fn move_contents(&self, ptr: NonNull<u8>, bytes: usize, target: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { copy(ptr, target, bytes) };
        // SAFETY: the caller's promise, and what it holds is in its new place.
        unsafe { Options::vacate(ptr, bytes) };
        // SAFETY: the caller's promise.
        let free = |heap: &mut Heap| unsafe { heap.as_tlsf_mut().deallocate_unknown_align(ptr) };
        // SAFETY: there are blocks, so the heap has been used.
        unsafe { self.heap.with_settled(free) };
    }
}

/// Resizes a block where it stands, or allocates another, whose contents are missing.
///
/// # Safety
///
/// `ptr` is a live block of the heap.
#[inline] // so that it is compiled with the program's heap, not into this crate
unsafe fn resize_or_allocate(
    heap: &mut Inner,
    ptr: NonNull<u8>,
    layout: Layout,
) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise.
    if unsafe { heap.shrink_in_place(ptr, layout.size()) }.is_some() {
        return Some(ptr);
    }
    // SAFETY: the caller's promise.
    if unsafe { heap.try_grow_in_place(ptr, layout.size()) }.is_some() {
        heap.counters.on_request(layout.size());
        return Some(ptr);
    }
    heap.allocate(layout)
}
