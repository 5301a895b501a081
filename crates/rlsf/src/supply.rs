//! Giving pools to a heap and taking them back.

use crate::bin::Binning;
use crate::block::{Block, Span};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::{region_len, Plan, Pool};
use crate::seal::Site;
use crate::size::{round_down, BlockSize};
use crate::Tlsf;
use core::fmt;
use core::mem::MaybeUninit;
use core::num::NonZeroUsize;
use core::ptr::NonNull;

/// Why [`Tlsf::remove_pool`] left everything as it was.
///
/// ```
/// let error = rlsf::RemovePoolError::InUse;
/// assert_eq!(error.to_string(), "the pool holds blocks that are in use");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemovePoolError {
    /// No pool of this heap begins in the region.
    NotFound,
    /// A pool in the region is not wholly free.
    InUse,
}

impl fmt::Display for RemovePoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no pool of this heap begins in the region",
            Self::InUse => "the pool holds blocks that are in use",
        })
    }
}

#[cfg(feature = "std")]
impl std::error::Error for RemovePoolError {}

impl<'pool, FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'pool, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Sets the key with which the heap seals its words: with the feature `hardened` only,
    /// and before the first pool.
    ///
    /// Without it the key comes of the first pool's address, which is as secret as that is. A
    /// program that knows of a random number (a heap over the system's memory does, on Linux)
    /// takes that.
    ///
    /// ```
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// heap.set_key(0x3141_5926_5358_9793);
    /// ```
    pub fn set_key(&mut self, key: u64) {
        self.key.set(key);
    }

    /// Gives the heap a region of memory.
    ///
    /// Returns the bytes that it uses, counted from the region's start, or `None`
    /// if the region is too small, and then nothing has changed. The region may
    /// begin and end anywhere, also at the end of the address space. A region
    /// that is larger than the largest block becomes several pools. Constant time
    /// for each of them.
    ///
    /// ```
    /// use core::{mem::MaybeUninit, ptr::NonNull};
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// let mut memory = [MaybeUninit::<u8>::uninit(); 1024];
    /// let region = NonNull::from(&mut memory[..]);
    /// let region = NonNull::new(region.as_ptr() as *mut [u8]).unwrap();
    /// let used = unsafe { heap.insert_free_block_ptr(region) }.unwrap().get();
    /// assert!(used > 1000 && used <= 1024);
    /// ```
    ///
    /// # Safety
    ///
    /// The heap owns the memory from now on, until the heap's end or
    /// [`remove_pool`](Self::remove_pool).
    pub unsafe fn insert_free_block_ptr(&mut self, block: NonNull<[u8]>) -> Option<NonZeroUsize> {
        // SAFETY: the caller's promise.
        NonZeroUsize::new(unsafe { self.insert_pools(block.cast(), region_len(block)) })
    }

    /// Makes as many pools of a region as it has room for; the bytes used.
    ///
    /// # Safety
    ///
    /// As for `insert_free_block_ptr`.
    unsafe fn insert_pools(&mut self, start: NonNull<u8>, len: usize) -> usize {
        let mut used = 0;
        while used < len {
            let rest = start.as_ptr().wrapping_add(used);
            let largest = Binning::<FLLEN, SLLEN>::LARGEST;
            let plan = match Plan::new(rest as usize, len - used, largest) {
                Some(plan) => plan,
                None => break,
            };
            // SAFETY: below the region's end, so not null.
            let rest = unsafe { NonNull::new_unchecked(rest) };
            // SAFETY: the plan is for these bytes, which the caller gives.
            let span = unsafe { self.add_pool(rest, plan) };
            self.counters.on_pool_growth(span.size().get());
            span.next().set_prev_free();
            self.bins.insert(span);
            used += plan.end;
        }
        used
    }

    /// Makes a pool of the region's start; its blocks' bytes are one span.
    ///
    /// # Safety
    ///
    /// As for `Pools::add`.
    #[inline(always)]
    pub(crate) unsafe fn add_pool(&mut self, region: NonNull<u8>, plan: Plan) -> Span {
        let first = region.as_ptr() as usize + plan.first;
        self.key.cover(first..first + plan.blocks.get());
        let seal = self.seal(Site::of(Operation::Supply));
        // SAFETY: the caller's promise.
        unsafe { self.pools.add(region, plan, seal) }
    }

    /// Makes a pool longer: what is new is one block, not yet claimed.
    ///
    /// # Safety
    ///
    /// As for `Pools::extend`.
    #[inline(always)]
    pub(crate) unsafe fn extend_pool(&mut self, pool: Pool, by: BlockSize) -> Block {
        let end = pool.address().as_ptr() as usize;
        self.key
            .cover(pool.first().as_ptr() as usize..end + by.get());
        let seal = self.seal(Site::of(Operation::Supply));
        // SAFETY: the caller's promise.
        let block = unsafe { self.pools.extend(pool, by, seal) };
        let end = block.next(by).payload();
        self.bins.cursor.on_extend(block.payload(), end);
        block
    }

    /// Gives the heap the memory behind one of its pools.
    ///
    /// The region begins where a pool ends: at the pool's start plus what
    /// [`insert_free_block_ptr`](Self::insert_free_block_ptr) and earlier calls of
    /// this method returned for it. The pool grows, as far as the largest block
    /// allows, and coalesces with a free block at its end; what remains becomes
    /// pools of its own. Returns the bytes used, counted from the region's start:
    /// zero if the region is too small. Constant time for each pool; in WebAssembly linear in
    /// the number of pools unless the pool is the newest.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit, ptr::{slice_from_raw_parts_mut, NonNull}};
    /// let mut memory = [MaybeUninit::<u64>::uninit(); 1024];
    /// let start = memory.as_mut_ptr().cast::<u8>();
    /// let region = |from, len| NonNull::new(slice_from_raw_parts_mut(unsafe { start.add(from) }, len)).unwrap();
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// unsafe {
    ///     let used = heap.insert_free_block_ptr(region(0, 4096)).unwrap().get();
    ///     assert_eq!(heap.append_free_block_ptr(region(used, 8192 - used)), 8192 - used);
    /// }
    /// assert!(heap.allocate(Layout::new::<[u8; 6000]>()).is_some());
    /// ```
    ///
    /// # Safety
    ///
    /// As for `insert_free_block_ptr`, and a pool of this heap ends where the
    /// region begins.
    pub unsafe fn append_free_block_ptr(&mut self, block: NonNull<[u8]>) -> usize {
        let (start, len) = (block.cast::<u8>(), region_len(block));
        // SAFETY: the caller's promise.
        let pool = unsafe { Pool::ending_at(start) };
        let room = Binning::<FLLEN, SLLEN>::LARGEST.get() - pool.bytes();
        let by = round_down(if len < room { len } else { room });
        if by < BlockSize::LEAST.get() {
            // SAFETY: the caller's promise.
            return unsafe { self.insert_pools(start, len) };
        }
        // SAFETY: S1: compared above, and the room is below the largest.
        let size = unsafe { BlockSize::new_unchecked(by) };
        // SAFETY: the caller gives these bytes.
        let block = unsafe { self.extend_pool(pool, size) };
        self.counters.on_pool_growth(by);
        let prev = block.prev_if_free(block.header());
        let mut span = block.release(size);
        if let Some(prev) = prev {
            span = self.bins.merge_prev(prev, span);
        }
        span.next().set_prev_free();
        self.bins.insert(span);
        // SAFETY: the region has `len` bytes, of which `by` are used.
        let rest = unsafe { NonNull::new_unchecked(start.as_ptr().wrapping_add(by)) };
        // SAFETY: the caller's promise.
        by + unsafe { self.insert_pools(rest, len - by) }
    }

    /// Gives the heap a slice of memory.
    ///
    /// The value that is returned says nothing; a slice that is too small
    /// changes nothing.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// let mut pool = [MaybeUninit::uninit(); 4096];
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// heap.insert_free_block(&mut pool);
    /// assert!(heap.largest_allocatable() > 4000);
    /// ```
    #[inline]
    pub fn insert_free_block(&mut self, block: &'pool mut [MaybeUninit<u8>]) -> impl Send + Sync {
        let (start, len) = (NonNull::from(&mut *block).cast::<u8>(), block.len());
        // SAFETY: the borrow lasts as long as the heap's own parameter says.
        unsafe { self.insert_pools(start, len) };
    }

    /// Takes back every pool that begins in a region.
    ///
    /// Takes time linear in the number of the heap's pools.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit, ptr::NonNull};
    /// let mut memory = [MaybeUninit::<u8>::uninit(); 1024];
    /// let region = NonNull::from(&mut memory[..]);
    /// let region = NonNull::new(region.as_ptr() as *mut [u8]).unwrap();
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// unsafe {
    ///     heap.insert_free_block_ptr(region).unwrap();
    ///     let block = heap.allocate(Layout::new::<u32>()).unwrap();
    ///     assert_eq!(heap.remove_pool(region), Err(rlsf::RemovePoolError::InUse));
    ///     heap.deallocate(block, 4);
    ///     assert_eq!(heap.remove_pool(region), Ok(()));
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RemovePoolError::InUse`] if one of the pools is not wholly free,
    /// [`RemovePoolError::NotFound`] if there is none; then nothing has changed.
    ///
    /// # Safety
    ///
    /// `pool` is the whole region that was given, appended parts included, or
    /// covers it.
    pub unsafe fn remove_pool(&mut self, pool: NonNull<[u8]>) -> Result<(), RemovePoolError> {
        let seal = self.seal(Site::of(Operation::Supply));
        let mut found = false;
        for pool in self.pools.within(pool) {
            found = true;
            if !pool.is_wholly_free(seal) {
                return Err(RemovePoolError::InUse);
            }
        }
        if !found {
            return Err(RemovePoolError::NotFound);
        }
        while let Some(next) = self.next_within(pool) {
            if let Ok(block) = next.first_block(seal).if_free() {
                self.bins.remove(block);
            }
            self.counters.on_pool_removal(next.bytes());
            self.pools.remove(next);
            next.open();
            self.bins.cursor.on_remove(next.address());
        }
        Ok(())
    }

    fn next_within(&self, region: NonNull<[u8]>) -> Option<Pool> {
        self.pools.within(region).next()
    }
}
