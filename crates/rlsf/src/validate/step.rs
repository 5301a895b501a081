//! Every invariant of one block, or of one bin: a slice of `validate`.

use super::{demand, free_size, Violation, SITE};
use crate::bin::{Bin, Binning};
use crate::bins::Place;
use crate::block::{Back, Block, FreeBlock};
use crate::header::Header;
use crate::int::BinInteger;
use crate::pool::Pool;
use crate::size::{BlockSize, GRANULARITY};
use crate::Tlsf;
use core::ptr::NonNull;

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Checks the next `budget` blocks or bins, for a watchdog or an idle loop. With the
    /// feature `hardened`.
    ///
    /// Returns whether this ended a round: all pools, and all bins. The heap may be used
    /// between two steps; what is allocated and freed behind the place where the check stands
    /// is met in the next round. What it finds is what [`validate`](Self::validate) finds, but
    /// for the sums of all blocks ([`Violation::Sums`], [`Violation::Statistics`]) and a ring
    /// of free blocks that no bin leads to. A pool that is taken back while the check stands
    /// in it, and a violation, begin the round again.
    ///
    /// Takes time linear in `budget`, times the number of pools, and reads only memory of the
    /// pools.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// # #[cfg(feature = "hardened")] {
    /// let place = heap.allocate(Layout::new::<[u8; 20]>()).unwrap();
    /// while !heap.validate_step(10).unwrap() {} // a round
    /// unsafe { place.as_ptr().add(20).write(0) }; // past the end
    /// assert!(heap.validate_step(10).is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    pub fn validate_step(&mut self, budget: usize) -> Result<bool, Violation> {
        let result = self.take_steps(budget);
        if result.is_err() {
            self.bins.cursor.set(Place::Start);
        }
        result
    }

    fn take_steps(&mut self, budget: usize) -> Result<bool, Violation> {
        self.check_pool_list()?;
        for _ in 0..budget {
            let next = match self.bins.cursor.place() {
                Place::Start => self.pools.iter().next().map_or(Place::Bin(0), Self::enter),
                Place::Block { block, end } => {
                    let pool = self.pool_around(block, end)?;
                    // SAFETY: V1: the words around the address are a pool's, whatever they hold.
                    let block = unsafe { Block::from_payload(block, self.seal(SITE)) };
                    self.check_place(&block, pool)?
                }
                Place::Bin(index) if index < Binning::<FLLEN, SLLEN>::COUNT => {
                    self.check_bin(index)?;
                    Place::Bin(index + 1)
                }
                Place::Bin(bin) => {
                    demand(!self.bins.has_stray_bit(), Violation::Bitmap { bin })?;
                    Place::Start
                }
            };
            self.bins.cursor.set(next);
            if next == Place::Start {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn enter(pool: Pool) -> Place {
        Place::Block {
            block: pool.first(),
            end: pool.address(),
        }
    }

    /// The pool in which the cursor stands, if V1 holds of it.
    fn pool_around(&self, block: NonNull<u8>, end: NonNull<u8>) -> Result<Pool, Violation> {
        let address = block.as_ptr() as usize;
        let mut pools = self.pools.iter();
        let pool =
            pools.find(|pool| pool.address() == end && (block == end || pool.has(block.as_ptr())));
        let pool = pool.filter(|_| address % GRANULARITY == 0);
        pool.ok_or(Violation::PoolList { address })
    }

    /// Checks a pool's block, or its sentinel, and gives the place behind it.
    fn check_place(&self, block: &Block, pool: Pool) -> Result<Place, Violation> {
        let (address, end) = (block.payload().as_ptr() as usize, pool.address());
        let header = block.look().ok_or(Violation::Seal { address })?;
        check_behind(block, header, pool)?;
        if block.payload() == end {
            // The list's check has seen that this is a sentinel.
            return Ok(pool.next().map_or(Place::Bin(0), Self::enter));
        }
        let room = end.as_ptr() as usize - address;
        let bytes = header.bytes();
        if header.has_unknown_flag() || bytes < BlockSize::LEAST.get() || bytes > room {
            return Err(Violation::Size { address });
        }
        // SAFETY: S1: compared above.
        let next = block.next(unsafe { BlockSize::new_unchecked(bytes) });
        check_before(&next, header.is_free())?;
        if header.is_free() {
            self.check_member(block, header)?;
        } else {
            demand(block.slack_is_intact(header), Violation::Slack { address })?;
        }
        Ok(Place::Block {
            block: next.payload(),
            end,
        })
    }

    /// A free block has its tag, and its place in the list of its size.
    fn check_member(&self, block: &Block, header: Header) -> Result<(), Violation> {
        let address = block.payload().as_ptr() as usize;
        let size = free_size::<FLLEN, SLLEN>(header).ok_or(Violation::Size { address })?;
        self.check_free(block, size)?;
        let free = FreeBlock::at(block);
        let bin = Bin::holding::<SLLEN>(size);
        let back = free.back();
        let list = match back.as_bin_number() {
            Some(_) => back == Back::to_bin(bin),
            None => self.is_filed(back.block_payload(), bin),
        };
        let next = free.next();
        let leads_back = next.map_or(true, |next| {
            self.member(next.payload().as_ptr())
                .map_or(false, |next| next.back() == Back::to_block(&free))
        });
        demand(list && leads_back, Violation::List { address })
    }

    /// Whether a free block of a bin lies at an address that a link gave.
    fn is_filed(&self, address: *mut u8, bin: Bin) -> bool {
        let size = self
            .member(address)
            .and_then(|block| block.look())
            .and_then(free_size::<FLLEN, SLLEN>);
        size.map_or(false, |size| Bin::holding::<SLLEN>(size) == bin)
    }

    /// A bin's bits, and its first block.
    fn check_bin(&self, index: usize) -> Result<(), Violation> {
        // SAFETY: N1: the caller has compared it.
        let bin = unsafe { Bin::at_index::<SLLEN>(index) };
        demand(self.bins.bits_agree(bin), Violation::Bitmap { bin: index })?;
        let head = match self.bins.head(bin, self.seal(SITE)) {
            Some(head) => head.payload().as_ptr(),
            None => return Ok(()),
        };
        let named = self
            .member(head)
            .map_or(false, |block| block.back() == Back::to_bin(bin));
        demand(
            named && self.is_filed(head, bin),
            Violation::List {
                address: head as usize,
            },
        )
    }
}

/// The block before is what the header tells of it.
fn check_behind(block: &Block, header: Header, pool: Pool) -> Result<(), Violation> {
    let address = block.payload().as_ptr() as usize;
    if !header.prev_is_free() {
        return Ok(());
    }
    demand(!header.is_free(), Violation::FreeNeighbours { address })?;
    let (bytes, before) = (
        block.bytes_before(),
        address - pool.first().as_ptr() as usize,
    );
    let in_pool = bytes % GRANULARITY == 0 && bytes >= BlockSize::LEAST.get() && bytes <= before;
    demand(
        in_pool && block.is_behind_free(bytes),
        Violation::Tag { address },
    )
}

/// The next block knows whether this one is free, and is not free then itself.
fn check_before(next: &Block, is_free: bool) -> Result<(), Violation> {
    let address = next.payload().as_ptr() as usize;
    let header = next.look().ok_or(Violation::Seal { address })?;
    demand(
        header.prev_is_free() == is_free,
        Violation::PrevFlag { address },
    )?;
    demand(
        !(is_free && header.is_free()),
        Violation::FreeNeighbours { address },
    )
}
