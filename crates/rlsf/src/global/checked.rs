//! A [`GlobalTlsf`] that is handed pointers by programs that it does not trust.

use super::{CAlloc, GlobalTlsf, GlobalTlsfOptions};
use crate::misuse::Misuse;
use core::alloc::Layout;
use core::ptr::NonNull;

impl<Options: GlobalTlsfOptions> GlobalTlsf<Options> {
    /// The alignment that every block has in this kind of heap, in bytes.
    const ALIGN: usize = Self::STRIDE.bytes();

    /// Frees a block as [`CAlloc::deallocate`] does, if there is one.
    ///
    /// A block that was freed is found as long as its memory has not been used again. A
    /// header that was overwritten, and a pointer into a block, may be taken for a
    /// block's if the bytes happen to look like one. Constant time under the lock, but for
    /// the number of regions, of which there is usually one.
    ///
    /// ```
    /// use core::alloc::Layout;
    /// use rlsf::{CAlloc, GlobalTlsf, Misuse};
    /// let heap: GlobalTlsf = GlobalTlsf::new();
    /// let block = CAlloc::allocate(&heap, Layout::new::<[u8; 100]>()).unwrap();
    /// unsafe {
    ///     assert_eq!(heap.deallocate_checked(block), Ok(()));
    ///     assert_eq!(heap.deallocate_checked(block), Err(Misuse::Free));
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer; then nothing has changed.
    ///
    /// # Safety
    ///
    /// If there is a block, nobody uses it any more.
    #[inline]
    pub unsafe fn deallocate_checked(&self, ptr: NonNull<u8>) -> Result<(), Misuse> {
        let freed = self.heap.with(|heap| {
            heap.examine(ptr, Self::ALIGN)?;
            // SAFETY: a used block, and the caller's promise.
            unsafe { heap.deallocate_examined(ptr) };
            Ok(())
        });
        freed.unwrap_or(Err(Misuse::Foreign))
    }

    /// Resizes a block as [`CAlloc::reallocate`] does, if there is one; `None` if there is no
    /// memory.
    ///
    /// What is found, and at what cost, is as for
    /// [`deallocate_checked`](Self::deallocate_checked).
    ///
    /// ```
    /// use core::{alloc::Layout, ptr::NonNull};
    /// use rlsf::{GlobalTlsf, Misuse};
    /// let heap: GlobalTlsf = GlobalTlsf::new();
    /// let elsewhere = NonNull::from(&mut [0_u64; 4]).cast();
    /// let resized = unsafe { heap.reallocate_checked(elsewhere, Layout::new::<u64>()) };
    /// assert_eq!(resized, Err(Misuse::Foreign));
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer; then nothing has changed.
    ///
    /// # Safety
    ///
    /// If there is a block, nobody else uses it.
    pub unsafe fn reallocate_checked(
        &self,
        ptr: NonNull<u8>,
        new_layout: Layout,
    ) -> Result<Option<NonNull<u8>>, Misuse> {
        let stays = ptr.as_ptr() as usize % new_layout.align() == 0 && Options::ENABLE_REALLOCATION;
        let size = Self::inner(new_layout).size();
        let resized = self.heap.with(|heap| {
            heap.examine(ptr, Self::ALIGN)?;
            // SAFETY: a used block, and the caller's promise.
            Ok(stays && unsafe { heap.resize_in_place(ptr, size) })
        });
        if resized.unwrap_or(Err(Misuse::Foreign))? {
            return Ok(Some(ptr));
        }
        // SAFETY: a used block, and the caller's promise.
        Ok(unsafe { CAlloc::reallocate(self, ptr, new_layout) })
    }

    /// The bytes that a block may use, as [`CAlloc::allocation_usable_size`] tells them, if
    /// there is one.
    ///
    /// What is found, and at what cost, is as for
    /// [`deallocate_checked`](Self::deallocate_checked).
    ///
    /// ```
    /// use core::alloc::Layout;
    /// use rlsf::{CAlloc, GlobalTlsf};
    /// let heap: GlobalTlsf = GlobalTlsf::new();
    /// let block = CAlloc::allocate(&heap, Layout::new::<[u8; 100]>()).unwrap();
    /// assert!(heap.usable_size_checked(block).unwrap() >= 100);
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer.
    pub fn usable_size_checked(&self, ptr: NonNull<u8>) -> Result<usize, Misuse> {
        let size = self.heap.with(|heap| {
            heap.examine(ptr, Self::ALIGN)?;
            // SAFETY: a used block.
            Ok(unsafe { <Self as CAlloc>::allocation_usable_size(ptr) })
        });
        size.unwrap_or(Err(Misuse::Foreign))
    }
}
