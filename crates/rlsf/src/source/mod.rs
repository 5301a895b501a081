//! Where a growing heap's memory comes from: [`FlexSource`], and one file a source.

mod global_alloc;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(unix, not(target_os = "linux")))]
mod other_unix;
#[cfg(unix)]
pub(crate) mod pages;
#[cfg(unix)]
mod unix;
#[cfg(target_arch = "wasm32")]
pub(crate) mod wasm32;

pub use global_alloc::GlobalAllocAsFlexSource;
#[cfg(target_os = "linux")]
pub(crate) use linux::random;
#[cfg(target_os = "linux")]
use linux::{discard, populate};
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) use other_unix::random;
#[cfg(all(unix, not(target_os = "linux")))]
use other_unix::{discard, populate};
#[cfg(unix)]
pub(crate) use pages::size as page_size;
#[cfg(unix)]
pub(crate) use unix::{ample, clear, prefault, release_inner_pages, System};

use core::ptr::NonNull;

/// A supply of memory for [`FlexTlsf`](crate::FlexTlsf).
///
/// The memory that [`alloc`](Self::alloc) gives may have any alignment and more or
/// fewer bytes than asked for; the heap makes use of what it gets.
///
/// ```
/// use core::ptr::{slice_from_raw_parts_mut, NonNull};
/// use rlsf::FlexSource;
///
/// /// One static array, handed out once.
/// struct Once(Option<&'static mut [u64; 1024]>);
///
/// unsafe impl FlexSource for Once {
///     unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
///         if min_size > 8192 {
///             return None;
///         }
///         let start = self.0.take()?.as_mut_ptr().cast::<u8>();
///         NonNull::new(slice_from_raw_parts_mut(start, 8192))
///     }
/// }
///
/// # let array = Box::leak(Box::new([0; 1024]));
/// let mut heap: rlsf::FlexTlsf<Once, u16, u16, 12, 16> = rlsf::FlexTlsf::new(Once(Some(array)));
/// assert!(heap.allocate(core::alloc::Layout::new::<[u8; 5000]>()).is_some());
/// assert!(heap.allocate(core::alloc::Layout::new::<[u8; 5000]>()).is_none());
/// ```
///
/// # Safety
///
/// The memory that `alloc` returns, and that `realloc_inplace_grow` adds, is valid
/// for reads and writes and belongs to the caller alone, until the caller hands it
/// to `dealloc`, or for ever.
pub unsafe trait FlexSource {
    /// Gives `min_size` bytes or more, or nothing.
    ///
    /// # Safety
    ///
    /// `min_size` is not zero.
    unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
        let _ = min_size;
        None
    }

    /// Grows a region to `min_new_len` bytes or more where it stands, and returns its
    /// new length, or `None`, and then nothing has changed.
    ///
    /// Only called if [`supports_realloc_inplace_grow`](Self::supports_realloc_inplace_grow)
    /// says so.
    ///
    /// # Safety
    ///
    /// `ptr` is a region of this source with its present length, and `min_new_len` is
    /// not less than that.
    unsafe fn realloc_inplace_grow(
        &mut self,
        ptr: NonNull<[u8]>,
        min_new_len: usize,
    ) -> Option<usize> {
        let _ = (ptr, min_new_len);
        None
    }

    /// Takes a region back.
    ///
    /// Only called if [`supports_dealloc`](Self::supports_dealloc) says so.
    ///
    /// # Safety
    ///
    /// `ptr` is a region of this source with its present length, and nobody uses it
    /// any more.
    unsafe fn dealloc(&mut self, ptr: NonNull<[u8]>) {
        let _ = ptr;
    }

    /// Whether [`dealloc`](Self::dealloc) takes regions back.
    #[inline]
    fn supports_dealloc(&self) -> bool {
        false
    }

    /// Whether [`realloc_inplace_grow`](Self::realloc_inplace_grow) may succeed.
    #[inline]
    fn supports_realloc_inplace_grow(&self) -> bool {
        false
    }

    /// Whether each region usually begins where the one before it ends, so that the
    /// two are one.
    ///
    /// Then the heap asks for no more than it lacks, and joins the pieces, unless the
    /// source takes regions back or grows them itself.
    #[inline]
    fn is_contiguous_growable(&self) -> bool {
        false
    }

    /// An alignment in bytes that every region has.
    #[inline]
    fn min_align(&self) -> usize {
        1
    }
}
