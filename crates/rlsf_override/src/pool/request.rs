//! A request of C's as a request of the heap.

use core::alloc::Layout;
use rlsf::Stride;

/// Where every block of `rlsf_malloc` begins: C's `max_align_t`.
///
/// 32-bit Arm has no basic type with more than 8; on every other target 16 is enough. (The tests compare it
/// with the C compiler's own `max_align_t`.)
const MAX_ALIGN: usize = if cfg!(target_arch = "arm") { 8 } else { 16 };

/// Keeps every block at a multiple of `MAX_ALIGN`.
pub(super) const STRIDE: Stride = Stride::new(MAX_ALIGN);

/// The request for `size` bytes at a multiple of `align`; `None` if that is more than half of the address
/// space, or `align` is no power of two.
#[inline]
pub(super) fn request(size: usize, align: usize) -> Option<Layout> {
    STRIDE.layout(Layout::from_size_align(size, align).ok()?)
}
