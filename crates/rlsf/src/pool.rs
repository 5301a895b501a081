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

use crate::block::{Block, Span};
use crate::header::Header;
use crate::seal::Seal;
use crate::size::{round_down, round_up, BlockSize, GRANULARITY, WORD};
use crate::watch;
use core::marker::PhantomData;
use core::ptr::NonNull;

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

/// What stands after a sentinel's header.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Footer {
    first: NonNull<u8>,
    next: Option<NonNull<u8>>,
    prev: Option<NonNull<u8>>,
    /// The other words' [`seal`]: tells an overrun of the last block, or a few
    /// flipped bits, before a pointer of it is followed.
    check: usize,
}

/// Any odd number that memory is unlikely to hold by chance.
const SEAL: usize = 0x9e37_79b9;

/// A word that differs in many bits if a few of `sum` or of the link do: the second
/// product spreads what the first one leaves in the highest bits.
#[inline(never)] // nothing that has to be quick comes here, and several copies are bytes
fn seal(sum: usize, link: Option<NonNull<u8>>) -> usize {
    let word = link.map_or(0, |link| link.as_ptr() as usize);
    let product = (sum ^ word).wrapping_mul(SEAL);
    (product ^ product >> (usize::BITS / 2)).wrapping_mul(SEAL)
}

impl Footer {
    fn sum(&self) -> usize {
        seal(seal(seal(SEAL, Some(self.first)), self.next), self.prev)
    }

    fn is_intact(&self) -> bool {
        self.check == self.sum()
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

    /// Writes the footer with its check.
    #[inline(never)] // as `seal`
    fn set_footer(self, first: NonNull<u8>, next: Option<NonNull<u8>>, prev: Option<NonNull<u8>>) {
        let check = 0;
        let mut footer = Footer {
            first,
            next,
            prev,
            check,
        };
        footer.check = footer.sum();
        // SAFETY: P1.
        unsafe { self.footer_place().write(footer) }
    }

    fn set_next(self, next: Option<NonNull<u8>>) {
        let Footer { first, prev, .. } = self.footer();
        self.set_footer(first, next, prev);
    }

    fn set_prev(self, prev: Option<NonNull<u8>>) {
        let Footer { first, next, .. } = self.footer();
        self.set_footer(first, next, prev);
    }

    /// The used block of no size that ends the pool.
    #[inline(always)]
    pub(crate) const fn sentinel(self, seal: Seal) -> Block {
        // SAFETY: P1.
        unsafe { Block::from_payload(self.0, seal) }
    }

    /// The first block's address.
    pub(crate) fn first(self) -> NonNull<u8> {
        self.footer().first
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
        self.footer().next.map(Self)
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

    /// Whether sentinel and footer are as the heap wrote them and `prev` is the
    /// pool before in the list (P1, P2).
    pub(crate) fn is_intact(self, prev: Option<Self>, seal: Seal) -> bool {
        let (header, footer) = (self.sentinel(seal).look(), self.footer());
        header.map_or(false, Header::is_sound_sentinel)
            && footer.is_intact()
            && footer.prev == prev.map(Self::address)
    }

    /// Whether the pool is one free block.
    pub(crate) fn is_wholly_free(self, seal: Seal) -> bool {
        let first = self.first_block(seal);
        first.header().is_free() && first.header().bytes() == self.bytes()
    }
}

/// Lays a pool out in a region, to be linked before `next`: the door for raw memory.
///
/// # Safety
///
/// The `plan` was made for `region`, whose bytes the heap owns from now on.
unsafe fn format(region: NonNull<u8>, plan: Plan, next: Option<Pool>, seal: Seal) -> (Pool, Span) {
    let first = region.as_ptr().wrapping_add(plan.first);
    // SAFETY: a plan's offsets lie within its region.
    let first = unsafe { NonNull::new_unchecked(first) };
    // SAFETY: F1: the caller gives these bytes.
    let span = unsafe { Span::new(first, plan.blocks, seal) };
    let pool = Pool(span.next().payload());
    pool.sentinel(seal).set_header(Header::SENTINEL);
    pool.set_footer(first, next.map(Pool::address), None);
    (pool, span)
}

/// The list of a heap's pools (P2).
#[derive(Debug)]
pub(crate) struct Pools {
    newest: Option<Pool>,
    /// The link's [`seal`]; of no link, zero.
    check: usize,
}

impl Pools {
    pub(crate) const EMPTY: Self = Self {
        newest: None,
        check: 0,
    };

    fn set_newest(&mut self, newest: Option<Pool>) {
        self.newest = newest;
        self.check = self.sum();
    }

    fn sum(&self) -> usize {
        self.newest.map_or(0, |pool| seal(SEAL, Some(pool.0)))
    }

    /// The address of the newest pool if the link to it is not as the heap wrote it.
    pub(crate) fn broken_link(&self) -> Option<usize> {
        if self.check == self.sum() {
            return None;
        }
        Some(self.newest.map_or(0, |pool| pool.0.as_ptr() as usize))
    }

    /// Makes a pool of the region's start and gives the bytes of its blocks.
    ///
    /// # Safety
    ///
    /// As for [`format`].
    pub(crate) unsafe fn add(&mut self, region: NonNull<u8>, plan: Plan, seal: Seal) -> Span {
        // SAFETY: the caller's promise is the same.
        let (pool, span) = unsafe { format(region, plan, self.newest, seal) };
        let bytes = plan.blocks.get() + WORD;
        watch::close(span.start().as_ptr().wrapping_sub(WORD), bytes);
        self.link(pool);
        span
    }

    /// Points the list's neighbours of a pool at it.
    fn link(&mut self, pool: Pool) {
        let Footer { next, prev, .. } = pool.footer();
        if let Some(next) = next.map(Pool) {
            next.set_prev(Some(pool.0));
        }
        match prev.map(Pool) {
            Some(prev) => prev.set_next(Some(pool.0)),
            None => self.set_newest(Some(pool)),
        }
    }

    /// Forgets a pool.
    pub(crate) fn remove(&mut self, pool: Pool) {
        let Footer { next, prev, .. } = pool.footer();
        if let Some(next) = next.map(Pool) {
            next.set_prev(prev);
        }
        match prev.map(Pool) {
            Some(prev) => prev.set_next(next),
            None => self.set_newest(next.map(Pool)),
        }
    }

    /// Moves a pool's end by `by` bytes; the old sentinel becomes the header of
    /// the bytes between.
    ///
    /// # Safety
    ///
    /// The heap owns the `by` bytes from the pool's end on.
    pub(crate) unsafe fn extend(&mut self, pool: Pool, by: BlockSize, seal: Seal) -> Block {
        let block = pool.sentinel(seal);
        let footer = pool.footer();
        let longer = Pool(block.next(by).payload());
        longer.sentinel(seal).set_header(Header::SENTINEL);
        longer.set_footer(footer.first, footer.next, footer.prev);
        self.link(longer);
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
