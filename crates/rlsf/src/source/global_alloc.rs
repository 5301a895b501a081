//! Any global allocator as a source.

use super::FlexSource;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{slice_from_raw_parts_mut, NonNull};

/// A [`FlexSource`] that takes its memory from a [`GlobalAlloc`], in multiples of
/// `ALIGN` bytes at multiples of `ALIGN`, which is a power of two.
///
/// ```
/// use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
/// use std::alloc::{Layout, System};
///
/// type Source = GlobalAllocAsFlexSource<System, 4096>;
/// let mut heap: FlexTlsf<Source, u32, u32, 16, 16> = FlexTlsf::new(GlobalAllocAsFlexSource(System));
/// assert!(heap.allocate(Layout::new::<[u8; 10_000]>()).is_some());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GlobalAllocAsFlexSource<T, const ALIGN: usize>(pub T);

#[cfg(feature = "const-default")]
impl<T: const_default::ConstDefault, const ALIGN: usize> const_default::ConstDefault
    for GlobalAllocAsFlexSource<T, ALIGN>
{
    const DEFAULT: Self = Self(T::DEFAULT);
}

// SAFETY: an allocator's blocks are the caller's until they are freed.
unsafe impl<T: GlobalAlloc, const ALIGN: usize> FlexSource for GlobalAllocAsFlexSource<T, ALIGN> {
    unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
        let size = min_size.checked_add(ALIGN - 1)? & !(ALIGN - 1);
        let layout = Layout::from_size_align(size, ALIGN).ok()?;
        // SAFETY: the caller promises that the size is not zero.
        let start = unsafe { self.0.alloc(layout) };
        let start = NonNull::new(start)?;
        NonNull::new(slice_from_raw_parts_mut(start.as_ptr(), size))
    }

    unsafe fn dealloc(&mut self, ptr: NonNull<[u8]>) {
        let len = crate::pool::region_len(ptr);
        // SAFETY: the layout with which the region was allocated.
        let layout = unsafe { Layout::from_size_align_unchecked(len, ALIGN) };
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(ptr.as_ptr().cast(), layout) };
    }

    #[inline]
    fn supports_dealloc(&self) -> bool {
        true
    }

    #[inline]
    fn min_align(&self) -> usize {
        ALIGN
    }
}
