//! Pointers of programs that are not trusted to hand in what they were given.
//!
//! A free block of a slab has in its second word a mark made of its address, which `allocate`
//! removes: a block that is freed twice is found as long as it has not been used again.

use crate::current;
use crate::map;
use crate::segment::{SegmentRef, STRIDE};
use crate::slab::SlabRef;
use crate::supply;
use crate::threaded::{self, ThreadedTlsf};
use core::alloc::Layout;
use core::mem::size_of;
use core::ptr::NonNull;
use rlsf::Misuse;

/// What marks are made with: any number that programs do not come upon.
const MARK: usize = 0x5bd1_e995_9e37_79b9;

/// The second word of a block, which every block of C's alignment has.
#[inline(always)]
fn mark_of(block: NonNull<u8>) -> NonNull<usize> {
    // SAFETY: within the block.
    unsafe { block.cast::<usize>().add(1) }
}

/// What a free block has there.
#[inline(always)]
fn mark(block: NonNull<u8>) -> usize {
    block.as_ptr() as usize ^ MARK
}

/// What lies at a pointer.
enum Found {
    Small(SlabRef),
    Middle,
    Large,
}

/// Finds out what lies at a pointer.
#[inline(always)]
fn find(ptr: NonNull<u8>) -> Result<Found, Misuse> {
    if !map::has(ptr) {
        return Ok(Found::Large);
    }
    // SAFETY: the map says so.
    let segment = unsafe { SegmentRef::around(ptr) };
    if segment.is_slab(ptr) {
        return find_small(ptr);
    }
    if !(ptr.as_ptr() as usize).is_multiple_of(STRIDE.bytes()) {
        return Err(Misuse::Misaligned);
    }
    if current::get() == Some(segment.heap()) {
        segment.heap().examine(segment, ptr)?;
    }
    Ok(Found::Middle)
}

#[inline(always)]
fn find_small(ptr: NonNull<u8>) -> Result<Found, Misuse> {
    // SAFETY: the segment says so.
    let slab = unsafe { SlabRef::around(ptr) };
    if !slab.has_block_at(ptr) {
        let is_aligned = (ptr.as_ptr() as usize).is_multiple_of(STRIDE.bytes());
        return Err(if is_aligned {
            Misuse::Header
        } else {
            Misuse::Misaligned
        });
    }
    // SAFETY: a block of the slab, in use or not, has two words.
    if unsafe { mark_of(ptr).read() } == mark(ptr) {
        return Err(Misuse::Free);
    }
    Ok(Found::Small(slab))
}

#[inline(never)]
fn allocate_otherwise(layout: Layout) -> Option<NonNull<u8>> {
    let block = threaded::allocate_otherwise(layout)?;
    // SAFETY: a new block of two words at the least.
    unsafe { mark_of(block).write(0) };
    Some(block)
}

impl ThreadedTlsf {
    /// Allocates for programs that free with
    /// [`deallocate_checked`](Self::deallocate_checked). At an alignment of 16 at the least.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// let block = heap.allocate_checked(Layout::new::<u8>()).unwrap();
    /// assert_eq!(block.as_ptr() as usize % 16, 0);
    /// # unsafe { heap.deallocate_checked(block) }.unwrap();
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn allocate_checked(&self, layout: Layout) -> Option<NonNull<u8>> {
        let layout = layout.align_to(16).ok()?;
        if let Some(block) = threaded::allocate_quickly(layout) {
            // SAFETY: a new block of two words at the least.
            unsafe { mark_of(block).write(0) };
            return Some(block);
        }
        allocate_otherwise(layout)
    }

    /// The same, and the block is zero; a large one is not touched for that.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// let block = heap.allocate_zeroed_checked(Layout::new::<[u8; 100]>()).unwrap();
    /// assert_eq!(unsafe { block.as_ptr().add(99).read() }, 0);
    /// # unsafe { heap.deallocate_checked(block) }.unwrap();
    /// ```
    #[must_use]
    pub fn allocate_zeroed_checked(&self, layout: Layout) -> Option<NonNull<u8>> {
        let block = threaded::allocate_zeroed(layout.align_to(16).ok()?)?;
        if layout.size() < 2 * size_of::<usize>() {
            // SAFETY: a new block of two words at the least.
            unsafe { mark_of(block).write(0) };
        }
        Some(block)
    }

    /// Frees a block that [`allocate_checked`](Self::allocate_checked) gave, if there is one.
    /// Constant time.
    ///
    /// ```
    /// use core::alloc::Layout;
    /// use rlsf::Misuse;
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// let block = heap.allocate_checked(Layout::new::<[u8; 100]>()).unwrap();
    /// unsafe {
    ///     assert_eq!(heap.deallocate_checked(block), Ok(()));
    ///     assert_eq!(heap.deallocate_checked(block), Err(Misuse::Free));
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer; then nothing has changed. A block of another thread that
    /// is larger than 1 KiB is only asked for its alignment.
    ///
    /// # Safety
    ///
    /// If there is a block, nobody uses it any more.
    #[inline(always)]
    pub unsafe fn deallocate_checked(&self, ptr: NonNull<u8>) -> Result<(), Misuse> {
        match find(ptr)? {
            Found::Small(_) => {
                // SAFETY: a block of two words.
                unsafe { mark_of(ptr).write(mark(ptr)) };
                // SAFETY: the caller's promise.
                unsafe { threaded::deallocate_small(ptr) };
            }
            // SAFETY: the caller's promise.
            Found::Middle => unsafe { threaded::deallocate_middle(ptr) },
            // SAFETY: the caller's promise.
            Found::Large => unsafe { supply::deallocate_checked(ptr) }?,
        }
        Ok(())
    }

    /// The bytes that a block may use, if there is one.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// let block = heap.allocate_checked(Layout::new::<[u8; 100]>()).unwrap();
    /// assert!(heap.usable_size_checked(block).unwrap() >= 100);
    /// # unsafe { heap.deallocate_checked(block) }.unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`deallocate_checked`](Self::deallocate_checked).
    pub fn usable_size_checked(&self, ptr: NonNull<u8>) -> Result<usize, Misuse> {
        match find(ptr)? {
            Found::Small(slab) => Ok(slab.class().bytes()),
            // SAFETY: a block in use.
            Found::Middle => Ok(unsafe { threaded::usable_size(ptr) }),
            Found::Large => supply::SUPPLY.usable_size_checked(ptr),
        }
    }

    /// Resizes a block, if there is one; `None` if there is no memory, and then the block is
    /// as it was.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// let block = heap.allocate_checked(Layout::new::<[u8; 100]>()).unwrap();
    /// let larger = unsafe { heap.reallocate_checked(block, Layout::new::<[u8; 5000]>()) };
    /// assert!(heap.usable_size_checked(larger.unwrap().unwrap()).unwrap() >= 5000);
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`deallocate_checked`](Self::deallocate_checked).
    ///
    /// # Safety
    ///
    /// If there is a block, nobody else uses it.
    pub unsafe fn reallocate_checked(
        &self,
        ptr: NonNull<u8>,
        layout: Layout,
    ) -> Result<Option<NonNull<u8>>, Misuse> {
        let usable = self.usable_size_checked(ptr)?;
        let Ok(layout) = layout.align_to(16) else {
            return Ok(None);
        };
        // SAFETY: a block in use, and the caller's promise.
        if let Some(resized) = unsafe { threaded::resize(ptr, layout) } {
            return Ok(Some(resized));
        }
        let Some(target) = self.allocate_checked(layout) else {
            return Ok(None);
        };
        // SAFETY: two blocks of so many bytes.
        unsafe { target.copy_from_nonoverlapping(ptr, usable.min(layout.size())) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate_checked(ptr) }?;
        Ok(Some(target))
    }
}
