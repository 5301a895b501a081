//! Pointers of programs that are not trusted to hand in what they were given.
//!
//! `plain` has the blocks as they are; with the feature `hardened`, `guarded` has a canary behind each,
//! which `tail` writes and looks at.

#[cfg_attr(not(feature = "hardened"), path = "misuse/plain.rs")]
#[cfg_attr(feature = "hardened", path = "misuse/guarded.rs")]
mod form;

use crate::current;
use crate::map;
use crate::segment::{SegmentRef, STRIDE};
use crate::slab::SlabRef;
use crate::supply;
use crate::threaded::ThreadedTlsf;
use core::alloc::Layout;
use core::mem::size_of;
use core::ptr::NonNull;
use rlsf::Misuse;

/// The second word of a block, which every block of C's alignment has.
#[inline(always)]
fn mark_of(block: NonNull<u8>) -> NonNull<usize> {
    // SAFETY: within the block.
    unsafe { block.cast::<usize>().add(1) }
}

/// Has a block of so many bytes, which is about to be freed by who is trusted, look like all free
/// blocks: in the hardened form, who allocates looks at that.
///
/// # Safety
///
/// A block in use that nobody uses any more.
#[inline(always)]
pub(crate) unsafe fn mark_free(block: NonNull<u8>, bytes: impl FnOnce() -> usize) {
    if cfg!(feature = "hardened") && bytes() >= 2 * size_of::<usize>() {
        // SAFETY: a block of two words.
        unsafe { mark_of(block).write(form::mark(block)) };
    }
}

/// A block of a segment that is in no slab.
struct Middle {
    segment: SegmentRef,
    /// Whether the segment is the calling thread's.
    is_own: bool,
    /// The bytes that it may use.
    bytes: usize,
}

/// What lies at a pointer.
enum Found {
    Small(SlabRef),
    Middle(Middle),
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
        return find_small(ptr).map(Found::Small);
    }
    find_middle(segment, ptr).map(Found::Middle)
}

/// Looks whether a block in use lies at a pointer into a segment but no slab. Of another thread's, only its
/// alignment and its own header are asked, and whether it was freed.
#[inline(always)]
fn find_middle(segment: SegmentRef, ptr: NonNull<u8>) -> Result<Middle, Misuse> {
    if !(ptr.as_ptr() as usize).is_multiple_of(STRIDE.bytes()) {
        return Err(Misuse::Misaligned);
    }
    let is_own = current::get() == segment.heap();
    let bytes = if is_own {
        segment.heap().examine(segment, ptr)?;
        // SAFETY: a block in use.
        unsafe { supply::usable_size(ptr) }
    } else {
        segment.examine_shared(ptr)?
    };
    // SAFETY: a segment does not end within two words at a multiple of them.
    if unsafe { mark_of(ptr).read() } == form::mark(ptr) {
        return Err(Misuse::Free);
    }
    Ok(Middle {
        segment,
        is_own,
        bytes,
    })
}

/// Frees a middle block that was found.
///
/// # Safety
///
/// Nobody uses it any more.
#[inline(always)]
unsafe fn deallocate_middle(ptr: NonNull<u8>, found: &Middle) {
    let heap = found.segment.heap();
    if found.is_own {
        // SAFETY: the caller's promise.
        unsafe { heap.deallocate_middle(found.segment, ptr, found.bytes, true) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { heap.deallocate_middle_from_elsewhere(ptr) };
    }
}

/// The slab whose block in use lies at a pointer into a slab.
#[inline(always)]
fn find_small(ptr: NonNull<u8>) -> Result<SlabRef, Misuse> {
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
    if unsafe { mark_of(ptr).read() } == form::mark(ptr) {
        return Err(Misuse::Free);
    }
    Ok(slab)
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
        form::allocate(layout)
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
        form::allocate_zeroed(layout)
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
    /// is larger than 2032 bytes is only asked for its alignment and its own header, and whether it was freed.
    ///
    /// # Safety
    ///
    /// If there is a block, nobody uses it any more.
    #[inline(always)]
    pub unsafe fn deallocate_checked(&self, ptr: NonNull<u8>) -> Result<(), Misuse> {
        // SAFETY: the caller's promise.
        unsafe { form::deallocate(ptr) }
    }

    /// The bytes that a block may use, if there is one; with the feature `hardened` these are the
    /// bytes that were asked for.
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
        form::usable_size(ptr)
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
        // SAFETY: a block in use, and the caller's promise.
        if let Some(resized) = unsafe { form::resize(ptr, layout) } {
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
