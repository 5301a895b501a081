//! Freeing and allocating in one operation.

use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::seal::{Request, Seal, Site};
use crate::size::GRANULARITY;
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Frees the allocation at `ptr` and makes one of `layout`: what
    /// [`deallocate_examined`](Self::deallocate_examined) and [`allocate`](Self::allocate) do one after
    /// the other, in fewer instructions. Constant time.
    ///
    /// `None` if no free block is large enough; what was at `ptr` is free all the same. A hardened heap looks at
    /// the block first, as [`deallocate_unknown_align`](Self::deallocate_unknown_align) does.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 1024];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// // Most of the pool: there is room for one of them only.
    /// let layout = Layout::new::<[u64; 90]>();
    /// let first = heap.allocate(layout).unwrap();
    /// assert!(heap.allocate(layout).is_none());
    /// let second = unsafe { heap.exchange(first, layout) };
    /// assert!(second.is_some());
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`deallocate_unknown_align`](Self::deallocate_unknown_align).
    #[inline(always)]
    pub unsafe fn exchange(&mut self, ptr: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
        if Seal::ON {
            // SAFETY: the caller's promise.
            unsafe { self.deallocate_unknown_align(ptr) };
            return self.allocate(layout);
        }
        if layout.align() > GRANULARITY {
            // SAFETY: the caller's promise.
            unsafe { self.deallocate_examined(ptr) };
            return self.allocate(layout);
        }
        let site = Site::of(Operation::Deallocate);
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, site) };
        let freed = header.size().get();
        self.free_marked(block, header);
        let payload = layout.size();
        let span = self.admit(payload).and_then(|size| {
            let span = self.bins.take(size, Self::KEYLESS)?;
            Some(self.bins.file_rest(span, size))
        });
        if let Some(span) = span {
            self.counters.on_exchange(freed, span.size().get());
            return Some(Self::claim_counted(span, Request::of(payload)).payload());
        }
        self.counters.on_deallocate(freed);
        self.fail()
    }
}
