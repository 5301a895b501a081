//! Resizing: in place where it can be, by moving where it cannot.
//!
//! ```text
//! shrink    [ prev ][ this        ][ next ] => [ prev ][ this ][ -- free -- ]
//! forward   [ prev ][ this ][ free        ] => [ prev ][ this    ][ free    ]
//! backward  [ free        ][ this ][ next ] => [ this         ][ free ][ next ]
//! both      [ free ][ this ][ free        ] => [ this            ][ free    ]
//! ```

use crate::align::gap;
use crate::block::{Block, Span};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::seal::{Request, Site};
use crate::size::{BlockSize, GRANULARITY};
use crate::watch;
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::{self, NonNull};

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Resizes the allocation at `ptr` to `new_layout.size()` bytes; the first
    /// bytes keep their contents.
    ///
    /// Tries in this order: to shrink in place, to grow into the free block
    /// behind, to grow into the free block before (and behind), moving the
    /// contents down, and to move to another block. Constant time but for the
    /// copy of the contents in the last two. `None` leaves the allocation
    /// untouched.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let place = heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// unsafe {
    ///     place.as_ptr().write(7);
    ///     let larger = heap.reallocate(place, Layout::new::<[u8; 1000]>()).unwrap();
    ///     assert_eq!(larger.as_ptr().read(), 7);
    ///     assert_eq!(heap.reallocate(larger, Layout::new::<[u8; 5000]>()), None);
    ///     heap.deallocate(larger, 1);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet;
    /// `new_layout.align()` is the alignment that was asked for.
    #[cfg_attr(feature = "hardened", track_caller)]
    pub unsafe fn reallocate(
        &mut self,
        ptr: NonNull<u8>,
        new_layout: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let (block, _) = unsafe { self.checked_block(ptr, Site::here(Operation::Reallocate)) };
        let size = match self.admit(new_layout.size()) {
            Some(size) => size,
            None => return self.fail(),
        };
        match self.resize_in_place(block, size, Request::of(new_layout.size())) {
            Ok(()) => Some(ptr),
            Err(block) => self.grow_by_moving(block, size, new_layout),
        }
    }

    /// Grows the allocation at `ptr` to `new_size` bytes where it stands.
    ///
    /// `None` if the block behind is not free or too small; then nothing has
    /// changed. Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let place = heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// unsafe {
    ///     assert_eq!(heap.try_grow_in_place(place, 2000), Some(()));
    ///     assert_eq!(heap.try_grow_in_place(place, 9000), None);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet.
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub unsafe fn try_grow_in_place(&mut self, ptr: NonNull<u8>, new_size: usize) -> Option<()> {
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, Site::here(Operation::Grow)) };
        let size = Self::block_size_of(new_size)?;
        if size <= header.size() {
            block.use_at_least(Request::of(new_size));
            return Some(());
        }
        self.grow_forward(block, size, Request::of(new_size)).ok()
    }

    /// Shrinks the allocation at `ptr` to `new_size` bytes where it stands.
    ///
    /// `None` if the allocation is smaller than that; then nothing has changed.
    /// Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let place = heap.allocate(Layout::new::<[u8; 1000]>()).unwrap();
    /// unsafe {
    ///     assert_eq!(heap.shrink_in_place(place, 100), Some(()));
    ///     assert_eq!(heap.shrink_in_place(place, 1000), None);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet.
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub unsafe fn shrink_in_place(&mut self, ptr: NonNull<u8>, new_size: usize) -> Option<()> {
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, Site::here(Operation::Shrink)) };
        let size = Self::block_size_of(new_size)?;
        if size > header.size() {
            return None;
        }
        self.shrink(&block, size, Request::of(new_size));
        Some(())
    }

    #[inline]
    fn resize_in_place(
        &mut self,
        block: Block,
        size: BlockSize,
        request: Request,
    ) -> Result<(), Block> {
        if size > block.size() {
            return self.grow_forward(block, size, request);
        }
        self.shrink(&block, size, request);
        Ok(())
    }

    /// `[ ---- this ---- ] => [ this ][ free ]`, if the rest is a block.
    #[inline]
    fn shrink(&mut self, block: &Block, size: BlockSize, request: Request) {
        let old = block.size();
        let rest = match old.minus(size) {
            Some(rest) => rest,
            None => return block.use_just(request),
        };
        block.resize(size, request);
        let rest = block.next(size).release(rest);
        let rest = self.merge_next(rest);
        self.bins.insert(rest);
        self.counters.on_shrink(old.get() - size.get());
    }

    /// `[ this ][ free ] => [ ---- this ---- ]`, the rest filed again.
    #[inline]
    fn grow_forward(
        &mut self,
        block: Block,
        size: BlockSize,
        request: Request,
    ) -> Result<(), Block> {
        let old = block.size();
        let next = match block.next(old).known_if_free() {
            Ok(next) if old.get() + next.size().get() >= size.get() => next,
            _ => return Err(block),
        };
        let bytes = self.bins.remove(next);
        let span = self.bins.join(block.release_alias(old), bytes);
        let front = self.bins.file_rest(span, size);
        block.resize(front.size(), request);
        self.counters.on_grow(front.size().get() - old.get());
        Ok(())
    }

    /// `[ free ][ this ] => [ ---- this ---- ]`, and the free block behind.
    ///
    /// An alignment above the granule leaves a gap at the front as a free block.
    #[inline]
    fn grow_backward(
        &mut self,
        block: Block,
        size: BlockSize,
        layout: Layout,
    ) -> Result<Block, Block> {
        let prev = match block.prev_if_free(block.header()) {
            Some(prev) => prev,
            None => return Err(block),
        };
        let gap = if layout.align() > GRANULARITY {
            gap(prev.0.payload().as_ptr() as usize, layout.align())
        } else {
            0
        };
        let (old, used) = (block.size(), block.usable(block.header()));
        let behind = block
            .next(old)
            .known_if_free()
            .map_or(0, |next| next.size().get());
        let available = prev.1.get() + old.get() + behind;
        if gap > available || available - gap < size.get() {
            return Err(block);
        }
        let span = self.bins.merge_prev(prev, block.release_alias(old));
        // Where the next block is used, it is told that the span is free: so it is
        // for `file_rest`, until the front is claimed.
        let span = self.merge_next(span);
        let span = span.split_gap(gap);
        Ok(self.slide_down(span, (&block, old, used), size, Request::of(layout.size())))
    }

    /// Moves the `used` bytes of a block of the size `old`, which has no header any more, to
    /// the span's start, behind the gap.
    #[inline]
    fn slide_down(
        &mut self,
        (gap, span): (Option<Span>, Span),
        (block, old, used): (&Block, BlockSize, usize),
        size: BlockSize,
        request: Request,
    ) -> Block {
        let (source, start) = (block.payload(), span.start());
        watch::will_move(source, used, start);
        // SAFETY: both lie within the span that the heap holds; it is larger
        // than the old block.
        unsafe { ptr::copy(source.as_ptr(), start.as_ptr(), used) };
        let front = self.bins.file_rest(span, size);
        let size = front.size();
        self.counters.on_grow(size.get() - old.get());
        watch::moved(source, used, start, size.payload() - request.slack_in(size));
        let target = front.claim(request);
        if let Some(gap) = gap {
            target.set_prev_free();
            self.bins.insert(gap);
        }
        target
    }

    /// Moves the contents: down into the free block before, or to another block.
    ///
    /// A function of its own, so that resizing in place saves no registers for it.
    #[inline(never)]
    #[cfg_attr(feature = "hardened", track_caller)]
    fn grow_by_moving(
        &mut self,
        block: Block,
        size: BlockSize,
        new_layout: Layout,
    ) -> Option<NonNull<u8>> {
        match self.grow_backward(block, size, new_layout) {
            Ok(block) => Some(block.payload()),
            Err(block) => self.relocate(&block, new_layout),
        }
    }

    /// Moves the allocation to a block of its own.
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    fn relocate(&mut self, block: &Block, new_layout: Layout) -> Option<NonNull<u8>> {
        let target = self.allocate(new_layout)?;
        let (source, used) = (block.payload(), block.usable(block.header()));
        // SAFETY: two used blocks; the new one is the larger.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr(), target.as_ptr(), used) };
        // SAFETY: the block is in use, and nobody else knows of it any more.
        unsafe { self.deallocate_unknown_align(source) };
        Some(target)
    }
}
