//! Resizing: in place within a slab, within the heap behind, or from one to the other.

use super::class::Class;
use super::SlabTlsf;
use crate::int::BinInteger;
use core::alloc::Layout;
use core::ptr::{self, NonNull};

impl<
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > SlabTlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    /// Resizes the allocation at `ptr`, and moves it if it does not find room where it is.
    ///
    /// `None` leaves it as it was. A small block keeps its place as long as it fits, and
    /// others as [`Tlsf::reallocate`](crate::Tlsf::reallocate) tells; a block that was not small and shrinks to a
    /// small one is moved, which can fail. Constant time, but for what is copied.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let (small, large) = (Layout::new::<[u8; 9]>(), Layout::new::<[u8; 900]>());
    /// let place = heap.allocate(small).unwrap();
    /// unsafe {
    ///     place.as_ptr().write(7);
    ///     let place = heap.reallocate(place, small, large).unwrap();
    ///     assert_eq!(place.as_ptr().read(), 7);
    ///     heap.deallocate(place, large);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`deallocate`](Self::deallocate) with `old`; the alignment of `new` is no
    /// stronger.
    pub unsafe fn reallocate(
        &mut self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        if Class::of(old).is_none() && Class::of(new).is_none() {
            // SAFETY: the caller's promise: the `Tlsf`'s before and after.
            return unsafe { self.heap.reallocate(ptr, new) };
        }
        // SAFETY: the caller's promise.
        if unsafe { self.fits_in_place(ptr, old, new) } {
            return Some(ptr);
        }
        let target = self.allocate(new)?;
        let bytes = old.size().min(new.size());
        // SAFETY: two blocks of the smaller size at least, which do not overlap.
        unsafe { ptr::copy_nonoverlapping(ptr.as_ptr(), target.as_ptr(), bytes) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(ptr, old) };
        Some(target)
    }

    /// Whether a small block holds another small layout.
    ///
    /// # Safety
    ///
    /// As for `reallocate`.
    pub(super) unsafe fn fits_in_place(&self, ptr: NonNull<u8>, old: Layout, new: Layout) -> bool {
        match (Class::of(old), Class::of(new)) {
            (Some(_), Some(class)) => {
                // SAFETY: the caller's promise: a small layout's block lies in a slab.
                class.bytes() <= unsafe { self.checked_slab(ptr) }.class().bytes()
            }
            _ => false,
        }
    }
}
