//! What a [`GlobalTlsf`] does, as a type.

use super::GlobalTlsf;
#[cfg(unix)]
use crate::GRANULARITY;
#[cfg(unix)]
use core::ptr::NonNull;

/// What a [`GlobalTlsf`] does beyond allocating and freeing.
///
/// ```
/// struct NoResizing;
/// impl rlsf::GlobalTlsfOptions for NoResizing {
///     const ENABLE_REALLOCATION: bool = false;
/// }
/// static HEAP: rlsf::GlobalTlsf<NoResizing> = rlsf::GlobalTlsf::new();
/// # let _ = &HEAP;
/// ```
pub trait GlobalTlsfOptions {
    /// Whether blocks are resized in place where they can be; otherwise every
    /// reallocation moves the block, and the code is smaller.
    const ENABLE_REALLOCATION: bool = true;

    /// Whether new pages join a pool that they continue; otherwise they become a
    /// pool of their own, and the code is smaller.
    const COALESCE_POOLS: bool = true;

    /// The alignment that every block has, whatever its layout asks for, as C's `malloc`
    /// has to align for `max_align_t`: up to two granules. Blocks are multiples of it
    /// then ([`Stride`](crate::Stride)).
    ///
    /// ```compile_fail
    /// struct FourGranules;
    /// impl rlsf::GlobalTlsfOptions for FourGranules {
    ///     const LEAST_ALIGN: usize = 4 * rlsf::GRANULARITY;
    /// }
    /// let heap = rlsf::GlobalTlsf::<FourGranules>::new();
    /// rlsf::CAlloc::allocate(&heap, core::alloc::Layout::new::<u8>());
    /// ```
    #[cfg(unix)]
    const LEAST_ALIGN: usize = GRANULARITY;

    /// Is handed a block of more than 4 KiB that has moved, before its old place is freed: outside of the
    /// lock, for who gives large blocks' pages back to the system.
    ///
    /// # Safety
    ///
    /// A block in use whose contents are of no use.
    #[cfg(unix)]
    #[doc(hidden)]
    unsafe fn vacate(_old_place: NonNull<u8>, _bytes: usize) {}
}

impl GlobalTlsfOptions for () {}

/// The options of [`SmallGlobalTlsf`]: everything off.
///
/// ```
/// use rlsf::{GlobalTlsfOptions, SmallGlobalTlsfOptions};
/// assert!(!SmallGlobalTlsfOptions::ENABLE_REALLOCATION);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SmallGlobalTlsfOptions;

impl GlobalTlsfOptions for SmallGlobalTlsfOptions {
    const ENABLE_REALLOCATION: bool = false;
    const COALESCE_POOLS: bool = false;
}

/// A [`GlobalTlsf`] with less code.
///
/// In WebAssembly its blocks lie at the ends of free ones, as none of them is going to grow
/// where it is. One whose alignment is above the granule keeps what lies behind it there, less
/// than the alignment.
///
/// ```
/// #[global_allocator]
/// static HEAP: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
/// assert_eq!(vec![1, 2, 3].len(), 3);
/// ```
pub type SmallGlobalTlsf = GlobalTlsf<SmallGlobalTlsfOptions>;
