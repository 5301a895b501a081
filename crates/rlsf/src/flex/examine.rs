//! Pointers that are not trusted to be those of blocks.

use super::FlexTlsf;
use crate::check::examine;
use crate::int::BinInteger;
use crate::misuse::{Misuse, Operation};
use crate::seal::Site;
use crate::source::FlexSource;
use core::ptr::NonNull;

impl<S: FlexSource, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    /// Whether a used block's payload lies at `ptr`, a multiple of `align`: see
    /// `check::examine`. Time linear in the number of regions.
    #[inline]
    pub(crate) fn examine(&self, ptr: NonNull<u8>, align: usize) -> Result<(), Misuse> {
        let payloads = self.regions.payloads_around(ptr).ok_or(Misuse::Foreign)?;
        let seal = self.heap.seal(Site::of(Operation::Examine));
        // SAFETY: these bytes are the heap's (R1), which is borrowed meanwhile.
        unsafe { examine(ptr, align, payloads, seal) }
    }

    /// Frees what [`examine`](Self::examine) has approved of, and sees to it that it will
    /// not approve once more, before the memory is used again.
    ///
    /// # Safety
    ///
    /// As for `Tlsf::deallocate_unknown_align`.
    #[inline(always)]
    pub(crate) unsafe fn deallocate_examined(&mut self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { self.heap.deallocate_examined(ptr) };
    }

    /// Shrinks or grows the allocation at `ptr` where it stands, without the source;
    /// whether it did. Constant time.
    ///
    /// # Safety
    ///
    /// As for `Tlsf::try_grow_in_place`.
    pub(crate) unsafe fn resize_in_place(&mut self, ptr: NonNull<u8>, new_size: usize) -> bool {
        // SAFETY: the caller's promise.
        let shrunk = unsafe { self.shrink_in_place(ptr, new_size) };
        // SAFETY: the caller's promise.
        let grow = || unsafe { self.try_grow_in_place(ptr, new_size) };
        shrunk.or_else(grow).is_some()
    }
}
