//! Looking at the blocks and the pools of a heap, one by one.

use crate::bin::{Bin, Binning};
use crate::block::{Block, FreeBlock};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::{Pool, PoolIter, FOOTER_BYTES};
use crate::seal::{Seal, Site};
use crate::size::{BlockSize, WORD};
use crate::Tlsf;
use core::iter::successors;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

/// A block as [`Tlsf::iter_blocks`] sees it.
///
/// ```
/// # use core::{alloc::Layout, mem::MaybeUninit};
/// # let mut pool = [MaybeUninit::uninit(); 4096];
/// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
/// # heap.insert_free_block(&mut pool);
/// heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
/// let block: rlsf::BlockInfo<'_> = heap.blocks().next().unwrap();
/// assert!(block.is_occupied() && block.max_payload_size() >= 100);
/// assert_eq!(block.size(), block.max_payload_size() + core::mem::size_of::<usize>());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BlockInfo<'a> {
    payload: NonNull<u8>,
    size: usize,
    is_occupied: bool,
    _heap: PhantomData<&'a ()>,
}

// SAFETY: the pointer is only an address; nothing is read through it.
unsafe impl Send for BlockInfo<'_> {}

// SAFETY: as above.
unsafe impl Sync for BlockInfo<'_> {}

impl BlockInfo<'_> {
    /// A free block, as long as it is one.
    pub(crate) fn of_free(block: &FreeBlock) -> Self {
        Self {
            payload: block.payload(),
            size: block.size().get(),
            is_occupied: false,
            _heap: PhantomData,
        }
    }

    /// The size in bytes, header included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The bytes of the payload: what an allocation in this block has or could
    /// have, for alignments up to the granule.
    #[must_use]
    pub fn max_payload_size(&self) -> usize {
        self.size - WORD
    }

    /// The bytes of the block, header included.
    #[must_use]
    pub fn as_ptr(&self) -> NonNull<[u8]> {
        let start = self.payload.as_ptr().wrapping_sub(WORD);
        let bytes = ptr::slice_from_raw_parts_mut(start, self.size);
        // SAFETY: a block's header has an address in its pool, which is not null.
        unsafe { NonNull::new_unchecked(bytes) }
    }

    /// Whether the block is in use.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.is_occupied
    }

    /// The bytes that the heap does not need while the block is free; none of one in use.
    ///
    /// They may hold anything, and their pages be given back. The rest has the heap's links.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let block = heap.blocks().next().unwrap();
    /// assert_eq!(block.idle_bytes().len() + 4 * core::mem::size_of::<usize>(), block.size());
    /// ```
    #[must_use]
    pub fn idle_bytes(&self) -> NonNull<[u8]> {
        // Two links; and the header, which is before the payload, and the tag.
        let (links, kept) = (2 * WORD, 4 * WORD);
        let len = if self.is_occupied {
            0
        } else {
            self.size.saturating_sub(kept)
        };
        let start = self.payload.as_ptr().wrapping_add(links);
        // SAFETY: within the block, or at its end, so not null.
        unsafe { NonNull::new_unchecked(ptr::slice_from_raw_parts_mut(start, len)) }
    }
}

/// A pool as [`Tlsf::pools`] sees it.
///
/// ```
/// # use core::mem::MaybeUninit;
/// # let mut memory = [MaybeUninit::uninit(); 4096];
/// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
/// heap.insert_free_block(&mut memory);
/// let pool: rlsf::PoolInfo<'_> = heap.pools().next().unwrap();
/// assert!(pool.block_bytes() > 4000);
/// assert_eq!(pool.blocks().map(|block| block.size()).sum::<usize>(), pool.block_bytes());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PoolInfo<'a> {
    pool: Pool,
    /// One to peek with.
    seal: Seal,
    _heap: PhantomData<&'a ()>,
}

// SAFETY: the heap is borrowed meanwhile, so its blocks do not change.
unsafe impl Send for PoolInfo<'_> {}

// SAFETY: as above.
unsafe impl Sync for PoolInfo<'_> {}

impl<'a> PoolInfo<'a> {
    /// The bytes that the pool takes of its region, from the first block's header to the
    /// end. What is appended begins at this end.
    #[must_use]
    pub fn as_ptr(&self) -> NonNull<[u8]> {
        let start = self.pool.first().as_ptr().wrapping_sub(WORD);
        let bytes = ptr::slice_from_raw_parts_mut(start, WORD + self.block_bytes() + FOOTER_BYTES);
        // SAFETY: a header has an address in its region, which is not null.
        unsafe { NonNull::new_unchecked(bytes) }
    }

    /// The bytes of all blocks, headers included.
    #[must_use]
    pub fn block_bytes(&self) -> usize {
        self.pool.bytes()
    }

    /// The blocks in the order of their addresses.
    pub fn blocks(&self) -> impl Iterator<Item = BlockInfo<'a>> + Send + 'a {
        PoolBlocks::new(self.pool, self.seal)
    }
}

/// The blocks of one pool in the order of their addresses.
#[derive(Debug)]
struct PoolBlocks<'heap> {
    next: Block,
    _heap: PhantomData<&'heap ()>,
}

// SAFETY: the heap is borrowed meanwhile, so its blocks do not change.
unsafe impl Send for PoolBlocks<'_> {}

impl PoolBlocks<'_> {
    fn new(pool: Pool, seal: Seal) -> Self {
        Self {
            next: pool.first_block(seal),
            _heap: PhantomData,
        }
    }
}

impl<'heap> Iterator for PoolBlocks<'heap> {
    type Item = BlockInfo<'heap>;

    fn next(&mut self) -> Option<Self::Item> {
        let header = self.next.peek();
        if header.is_sentinel() {
            return None;
        }
        // SAFETY: B2: S1 holds for every block's header.
        let size = unsafe { BlockSize::new_unchecked(header.bytes()) };
        let payload = self.next.payload();
        self.next = self.next.next(size);
        Some(BlockInfo {
            payload,
            size: size.get(),
            is_occupied: !header.is_free(),
            _heap: PhantomData,
        })
    }
}

// SAFETY: the heap is borrowed meanwhile, so its list of pools does not change.
unsafe impl Send for PoolIter<'_> {}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Walks the blocks of the pools that begin in a region, each pool's in the
    /// order of their addresses.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit, ptr::NonNull};
    /// let mut memory = [MaybeUninit::<u8>::uninit(); 1024];
    /// let region = NonNull::from(&mut memory[..]);
    /// let region = NonNull::new(region.as_ptr() as *mut [u8]).unwrap();
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// unsafe { heap.insert_free_block_ptr(region) }.unwrap();
    /// heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// let used = unsafe { heap.iter_blocks(region) }.filter(|block| block.is_occupied());
    /// assert_eq!(used.count(), 1);
    /// ```
    ///
    /// # Safety
    ///
    /// `pool` is a region that was given to this heap. (It is only compared with
    /// the pools that the heap knows.)
    pub unsafe fn iter_blocks(
        &self,
        pool: NonNull<[u8]>,
    ) -> impl Iterator<Item = BlockInfo<'_>> + Send + '_ {
        self.pools
            .within(pool)
            .flat_map(|pool| PoolBlocks::new(pool, Self::KEYLESS))
    }

    /// Walks the pools, the newest first.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # let (mut one, mut two) = ([MaybeUninit::uninit(); 1024], [MaybeUninit::uninit(); 2048]);
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// heap.insert_free_block(&mut one);
    /// heap.insert_free_block(&mut two);
    /// assert!(heap.pools().next().unwrap().block_bytes() > 1900);
    /// assert_eq!(heap.pools().count(), 2);
    /// ```
    pub fn pools(&self) -> impl Iterator<Item = PoolInfo<'_>> + Send + '_ {
        self.pools.iter().map(|pool| PoolInfo {
            pool,
            seal: Self::KEYLESS,
            _heap: PhantomData,
        })
    }

    /// Walks all blocks: those of the newest pool first, each pool's in the order
    /// of their addresses.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// let occupied: Vec<bool> = heap.blocks().map(|block| block.is_occupied()).collect();
    /// assert_eq!(occupied, [true, false]);
    /// ```
    pub fn blocks(&self) -> impl Iterator<Item = BlockInfo<'_>> + Send + '_ {
        self.pools
            .iter()
            .flat_map(|pool| PoolBlocks::new(pool, Self::KEYLESS))
    }

    /// Walks the free blocks of at least `least` bytes, header included, roughly the smaller
    /// ones first.
    ///
    /// Takes time linear in their number, that of those that are nearly so large, and that
    /// of the bins; blocks in use are not looked at.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// assert_eq!(heap.free_blocks(1000).count(), 1);
    /// assert_eq!(heap.free_blocks(4000).count(), 0);
    /// ```
    pub fn free_blocks(&self, least: usize) -> impl Iterator<Item = BlockInfo<'_>> + '_ {
        let seal = self.seal(Site::of(Operation::Examine));
        let numbers = 0..Binning::<FLLEN, SLLEN>::FILED;
        let mut bins = numbers.map(|index| {
            // SAFETY: N1: the range's bound.
            unsafe { Bin::at_index::<SLLEN>(index) }
        });
        let lowest = bins.find(|bin| bin.reaches::<SLLEN>(least));
        let lowest = lowest.and_then(|bin| self.bins.lowest_from(bin, seal));
        let bins = successors(lowest, move |&bin| self.bins.next_above(bin, seal));
        let heads = bins.filter_map(move |bin| self.bins.head(bin, seal));
        let blocks = heads.flat_map(|head| successors(Some(head), FreeBlock::follow));
        let large = blocks.filter(move |block| block.size().get() >= least);
        large.map(|block| BlockInfo::of_free(&block))
    }
}
