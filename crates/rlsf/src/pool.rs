//! Pools: the regions that the caller gave, each ended by a sentinel.
//!
//! ```text
//!   region                                                        end of use
//!  +------+----------------------------------+--------------------+-------+
//!  | lead | blocks, end to end               | sentinel           | rest  |
//!  +------+----------------------------------+--------------------+-------+
//!         header | first                      header | footer
//! ```
//!
//! The sentinel is a used block of no size: no merge passes it. The words after
//! its header hold the pool's place in the list of pools.

#[cfg_attr(target_arch = "wasm32", path = "pool/short_footer.rs")]
mod footer;

use crate::block::{Block, Span};
use crate::header::Header;
use crate::seal::Seal;
use crate::size::{round_down, round_up, BlockSize, GRANULARITY, WORD};
use crate::watch;
use core::marker::PhantomData;
use core::ptr::NonNull;
use footer::{Footer, LinkCheck};

/// The bytes from a sentinel's address to the end of its pool.
pub(crate) const FOOTER_BYTES: usize = round_up(core::mem::size_of::<Footer>());

/// The bytes that a pool takes beyond its blocks if it begins at a multiple of
/// the granule: a block's header lies one word before a granule's start.
pub(crate) const POOL_OVERHEAD: usize = GRANULARITY + FOOTER_BYTES;

/// Where a pool's parts lie in a region, as offsets from the region's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The first block's address.
    pub(crate) first: usize,
    /// The bytes of all blocks.
    pub(crate) blocks: BlockSize,
    /// The end of the pool.
    pub(crate) end: usize,
}

impl Plan {
    /// Plans the largest pool of at most `largest` bytes of blocks at the start
    /// of `len` bytes at `address`; `None` if not even the least block fits.
    ///
    /// The region may end at the end of the address space.
    pub(crate) const fn new(address: usize, len: usize, largest: BlockSize) -> Option<Self> {
        let first = WORD + (address.wrapping_add(WORD).wrapping_neg() & (GRANULARITY - 1));
        if len < first + BlockSize::LEAST.get() + FOOTER_BYTES {
            return None;
        }
        let available = round_down(len - first - FOOTER_BYTES);
        let blocks = if available < largest.get() {
            // SAFETY: S1: at least the least size and below the largest.
            unsafe { BlockSize::new_unchecked(available) }
        } else {
            largest
        };
        let end = first + blocks.get() + FOOTER_BYTES;
        Some(Self { first, blocks, end })
    }
}

/// A pool of the heap, known by its sentinel.
///
/// **P1**: the address is that of a sentinel with its footer, in memory that the
/// heap owns; the blocks from `first` on lie end to end up to it (B2), at most
/// `Binning::LARGEST` bytes together. **P2**: the heap's list links exactly its
/// pools, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Pool(NonNull<u8>);

impl Pool {
    fn footer_place(self) -> *mut Footer {
        self.sentinel(Seal::keyless(0)).footer()
    }

    fn footer(self) -> Footer {
        // SAFETY: P1.
        unsafe { self.footer_place().read() }
    }

    fn set_footer(self, footer: Footer) {
        // SAFETY: P1.
        unsafe { self.footer_place().write(footer) }
    }

    /// The used block of no size that ends the pool.
    #[inline(always)]
    pub(crate) const fn sentinel(self, seal: Seal) -> Block {
        // SAFETY: P1.
        unsafe { Block::from_payload(self.0, seal) }
    }

    /// The first block's address.
    pub(crate) fn first(self) -> NonNull<u8> {
        self.footer().first()
    }

    /// The pool's first block, or its sentinel.
    pub(crate) fn first_block(self, seal: Seal) -> Block {
        // SAFETY: P1: the pool has one block at least.
        unsafe { Block::from_payload(self.first(), seal) }
    }

    /// The bytes of all blocks.
    pub(crate) fn bytes(self) -> usize {
        self.0.as_ptr() as usize - self.first().as_ptr() as usize
    }

    /// The sentinel's address.
    pub(crate) const fn address(self) -> NonNull<u8> {
        self.0
    }

    /// The end of the pool.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn end(self) -> *mut u8 {
        self.0.as_ptr().wrapping_add(FOOTER_BYTES)
    }

    /// The pool whose end the region at `end` continues.
    ///
    /// # Safety
    ///
    /// A pool of the heap ends at `end`.
    pub(crate) unsafe fn ending_at(end: NonNull<u8>) -> Self {
        // SAFETY: P1: the footer lies before the pool's end.
        Self(unsafe { NonNull::new_unchecked(end.as_ptr().wrapping_sub(FOOTER_BYTES)) })
    }

    /// The next pool of the list.
    pub(crate) fn next(self) -> Option<Self> {
        self.footer().next().map(Self)
    }

    /// Tells Valgrind, which remembers each block, that none is in use, as far as sizes are sound.
    #[cfg(feature = "valgrind")]
    fn forget_blocks(self) {
        let seal = Seal::keyless(usize::BITS - 16);
        let mut block = self.first_block(seal);
        while self.has(block.payload().as_ptr()) {
            let header = block.peek();
            let room = self.0.as_ptr() as usize - block.payload().as_ptr() as usize;
            if !(BlockSize::LEAST.get()..=room).contains(&header.bytes()) {
                break;
            }
            if !header.is_free() {
                watch::freed(block.payload(), 0);
            }
            block = block.next(header.size());
        }
    }

    /// Tells tools outside that all blocks' bytes are the heap's no more.
    pub(crate) fn open(self) {
        #[cfg(feature = "valgrind")]
        self.forget_blocks();
        // The sentinel's header, too: as the others.
        let bytes = self.bytes() + WORD;
        watch::open(self.first().as_ptr().wrapping_sub(WORD), bytes);
    }

    /// Whether an address lies among the pool's blocks.
    pub(crate) fn has(self, address: *mut u8) -> bool {
        (address as usize).wrapping_sub(self.first().as_ptr() as usize) < self.bytes()
    }

    fn set_next(self, next: Option<Self>) {
        let footer = self.footer().with_next(next.map(Self::address));
        self.set_footer(footer);
    }

    fn set_prev(self, prev: Option<Self>) {
        let footer = self.footer().with_prev(prev.map(Self::address));
        self.set_footer(footer);
    }

    /// Whether sentinel and footer are as the heap wrote them and `prev` is the
    /// pool before in the list (P1, P2).
    pub(crate) fn is_intact(self, prev: Option<Self>, seal: Seal) -> bool {
        let (header, footer) = (self.sentinel(seal).look(), self.footer());
        header.map_or(false, Header::is_sound_sentinel)
            && footer.is_intact_behind(prev.map(Self::address))
    }

    /// Whether the pool is one free block.
    pub(crate) fn is_wholly_free(self, seal: Seal) -> bool {
        let first = self.first_block(seal);
        first.header().is_free() && first.header().bytes() == self.bytes()
    }
}

/// The list of a heap's pools (P2).
#[derive(Debug)]
pub(crate) struct Pools {
    newest: Option<Pool>,
    /// The link's.
    check: LinkCheck,
}

impl Pools {
    pub(crate) const EMPTY: Self = Self {
        newest: None,
        check: LinkCheck::EMPTY,
    };

    fn set_newest(&mut self, newest: Option<Pool>) {
        self.newest = newest;
        self.check = LinkCheck::of(newest.map(Pool::address));
    }

    /// The address of the newest pool if the link to it is not as the heap wrote it.
    pub(crate) fn broken_link(&self) -> Option<usize> {
        let newest = self.newest.map(Pool::address);
        if self.check.agrees(newest) {
            return None;
        }
        Some(newest.map_or(0, |pool| pool.as_ptr() as usize))
    }

    /// Makes a pool of the region's start and gives the bytes of its blocks.
    ///
    /// # Safety
    ///
    /// The `plan` was made for the region, whose bytes the heap owns from now on.
    pub(crate) unsafe fn add(&mut self, region: NonNull<u8>, plan: Plan, seal: Seal) -> Span {
        let first = region.as_ptr().wrapping_add(plan.first);
        // SAFETY: a plan's offsets lie within its region.
        let first = unsafe { NonNull::new_unchecked(first) };
        // SAFETY: F1: the caller gives these bytes.
        let span = unsafe { Span::new(first, plan.blocks, seal) };
        let pool = Pool(span.next().payload());
        self.put(pool, first, (None, self.newest), seal);
        let bytes = plan.blocks.get() + WORD;
        watch::close(span.start().as_ptr().wrapping_sub(WORD), bytes);
        span
    }

    /// Writes a pool's end and has the list lead over it from `prev` to `next`.
    fn put(
        &mut self,
        pool: Pool,
        first: NonNull<u8>,
        (prev, next): (Option<Pool>, Option<Pool>),
        seal: Seal,
    ) {
        let (before, after) = (prev.map(Pool::address), next.map(Pool::address));
        pool.sentinel(seal).set_header(Header::SENTINEL);
        pool.set_footer(Footer::new(first, after, before));
        if let Some(next) = next {
            next.set_prev(Some(pool));
        }
        self.set_next_of(prev, Some(pool));
    }

    /// Forgets a pool.
    pub(crate) fn remove(&mut self, pool: Pool) {
        let (prev, next) = (self.prev(pool), pool.next());
        if let Some(next) = next {
            next.set_prev(prev);
        }
        self.set_next_of(prev, next);
    }

    fn set_next_of(&mut self, prev: Option<Pool>, next: Option<Pool>) {
        match prev {
            Some(prev) => prev.set_next(next),
            None => self.set_newest(next),
        }
    }

    /// The pool before one in the list.
    fn prev(&self, pool: Pool) -> Option<Pool> {
        let before = self.iter().take_while(|&before| before != pool);
        let prev = pool.footer().prev(|| before.last().map(Pool::address));
        prev.map(Pool)
    }

    /// Moves a pool's end by `by` bytes; the old sentinel becomes the header of
    /// the bytes between.
    ///
    /// # Safety
    ///
    /// The heap owns the `by` bytes from the pool's end on.
    pub(crate) unsafe fn extend(&mut self, pool: Pool, by: BlockSize, seal: Seal) -> Block {
        let block = pool.sentinel(seal);
        let longer = Pool(block.next(by).payload());
        let neighbours = (self.prev(pool), pool.next());
        self.put(longer, pool.first(), neighbours, seal);
        watch::close(block.payload().as_ptr().wrapping_sub(WORD), by.get() + WORD);
        block
    }

    /// Tells tools outside that all pools are the heap's no more, as far as the list is intact.
    #[cfg(any(feature = "asan", feature = "valgrind"))]
    pub(crate) fn open(&self) {
        if self.broken_link().is_none() {
            self.iter()
                .take_while(|pool| pool.footer().is_intact())
                .for_each(Pool::open);
        }
    }

    /// The pool that was made last.
    #[cfg(target_arch = "wasm32")]
    pub(crate) const fn newest(&self) -> Option<Pool> {
        self.newest
    }

    /// All pools, the newest first.
    pub(crate) fn iter(&self) -> PoolIter<'_> {
        PoolIter {
            next: self.newest,
            _heap: PhantomData,
        }
    }

    /// The pools whose blocks begin within `region`.
    pub(crate) fn within(&self, region: NonNull<[u8]>) -> impl Iterator<Item = Pool> + '_ {
        let start = region.as_ptr().cast::<u8>() as usize;
        let len = region_len(region);
        self.iter()
            .filter(move |pool| (pool.first().as_ptr() as usize).wrapping_sub(start) < len)
    }
}

/// The pools of a heap; see [`Pools::iter`].
#[derive(Clone, Debug)]
pub(crate) struct PoolIter<'heap> {
    next: Option<Pool>,
    _heap: PhantomData<&'heap ()>,
}

impl Iterator for PoolIter<'_> {
    type Item = Pool;

    fn next(&mut self) -> Option<Pool> {
        let pool = self.next?;
        self.next = pool.next();
        Some(pool)
    }
}

/// The length of a region, without a reference to its bytes.
pub(crate) fn region_len(region: NonNull<[u8]>) -> usize {
    let units = region.as_ptr() as *const [()];
    // SAFETY: a slice of `()` reads no memory, and the pointer is not null.
    unsafe { &*units }.len()
}

#[cfg(test)]
#[path = "tests/pool.rs"]
mod tests;
