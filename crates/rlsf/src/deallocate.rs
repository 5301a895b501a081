//! Freeing: the block, and the free neighbours that it joins.
//!
//! ```text
//! [ prev: used ][ this ][ next: used ] => [ prev ][ free ][ next ]
//! [ prev: free ][ this ][ next: free ] => [ --------- free -------- ]
//! ```

use crate::block::{Block, Glance};
use crate::header::Header;
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::seal::{Seal, Site};
use crate::size::BlockSize;
use crate::tlsf::unlikely;
use crate::watch;
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Frees the allocation at `ptr`. Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let layout = Layout::new::<[u32; 9]>();
    /// let place = heap.allocate(layout).unwrap();
    /// unsafe { heap.deallocate(place, layout.align()) };
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet; `align` is the
    /// alignment that was asked for.
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub unsafe fn deallocate(&mut self, ptr: NonNull<u8>, align: usize) {
        debug_assert!(
            ptr.as_ptr() as usize % align == 0,
            "not this layout's pointer"
        );
        // SAFETY: the caller's promise.
        unsafe { self.deallocate_unknown_align(ptr) };
    }

    /// Frees the allocation at `ptr`, whatever its alignment. Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let page = heap.allocate(Layout::from_size_align(10, 512).unwrap()).unwrap();
    /// unsafe { heap.deallocate_unknown_align(page) };
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet.
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub unsafe fn deallocate_unknown_align(&mut self, ptr: NonNull<u8>) {
        let site = Site::here(Operation::Deallocate);
        if Seal::ON {
            return match self.glance(ptr, site) {
                Glance::Alone(block, header) => self.free(block, header),
                // SAFETY: the caller's promise.
                Glance::Beside => unsafe { self.free_examined(ptr, site) },
                // SAFETY: the caller's promise.
                Glance::Odd => unsafe { self.free_checked(ptr, site) },
            };
        }
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, site) };
        self.free(block, header);
    }

    /// Frees what is no usual block, or none at all.
    ///
    /// # Safety
    ///
    /// As for `deallocate_unknown_align`.
    #[cold]
    #[inline(never)]
    unsafe fn free_checked(&mut self, ptr: NonNull<u8>, site: Site) {
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, site) };
        self.free(block, header);
    }

    /// Frees a block of a hardened heap that was looked at, and may join a neighbour: apart, so
    /// that the usual block needs fewer registers.
    ///
    /// # Safety
    ///
    /// As for `deallocate_unknown_align`; and the block has been glanced at, or examined.
    #[inline(never)]
    pub(crate) unsafe fn free_examined(&mut self, ptr: NonNull<u8>, site: Site) {
        // SAFETY: the caller's promise.
        let block = unsafe { Block::from_payload(ptr, self.seal(site)) };
        let header = block.header();
        self.free(block, header);
    }

    /// Makes a free block of a used one and its free neighbours.
    #[inline(always)]
    fn free(&mut self, block: Block, header: Header) {
        self.counters.on_deallocate(header.size().get());
        self.free_counted(block, header);
    }

    /// The same; who calls counts it.
    #[inline(always)]
    pub(crate) fn free_counted(&mut self, block: Block, header: Header) {
        watch::freed(block.payload(), block.usable(header));
        let size = header.size();
        let prev = block.prev_if_free(header);
        let mut span = block.release(size);
        if let Some(prev) = prev {
            unlikely();
            span = self.bins.merge_prev(prev, span);
        }
        let span = self.merge_next(span);
        self.bins.insert(span);
    }

    /// Frees the allocation at `ptr`, whose layout is known: as
    /// [`deallocate`](Self::deallocate), and faster where memory is not in a cache.
    /// Constant time.
    ///
    /// The usual block has just the size that its layout asks for, and follows a
    /// used one. Its neighbours and its bin can then be looked up before its header
    /// has arrived from memory, which only confirms the guess.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let layout = Layout::new::<[u32; 9]>();
    /// let place = heap.allocate(layout).unwrap();
    /// unsafe { heap.deallocate_sized(place, layout) };
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet. (A layout that is not
    /// the allocation's costs time, and nothing else.)
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub unsafe fn deallocate_sized(&mut self, ptr: NonNull<u8>, layout: Layout) {
        if Seal::ON {
            // The checks wait for the header, whatever is guessed.
            // SAFETY: the caller's promise.
            return unsafe { self.deallocate_unknown_align(ptr) };
        }
        let expected = match Self::block_size_of(layout.size()) {
            Some(size) => size,
            None => BlockSize::LEAST,
        };
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, Site::here(Operation::Deallocate)) };
        if header == Header::used(expected) {
            watch::freed(block.payload(), expected.payload());
            self.counters.on_deallocate(expected.get());
            let span = self.merge_next(block.release(expected));
            self.bins.insert(span);
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.deallocate_unknown_align(ptr) };
        }
    }
}
