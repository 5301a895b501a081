//! Every invariant as code: by addresses, by lists, and both compared.

#[cfg(feature = "hardened")]
mod step;

use crate::bin::{Bin, Binning};
use crate::block::{Back, Block, FreeBlock};
use crate::header::Header;
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::Pool;
use crate::seal::Site;
use crate::size::{BlockSize, GRANULARITY};
use crate::Tlsf;
use core::fmt;
use core::ptr::NonNull;

/// The first broken invariant that [`Tlsf::validate`] met.
///
/// `address` is that of a payload, or of a pool's end.
///
/// ```
/// let violation = rlsf::Violation::FreeNeighbours { address: 0x1000 };
/// assert_eq!(violation.to_string(), "two free blocks are neighbours at 0x1000 (H1)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// P1 or P2: the words that end a pool are overwritten, or the list of pools
    /// does not lead back.
    PoolList {
        /// The pool.
        address: usize,
    },
    /// S1: a block's size is no multiple of the granule, too small, or passes its
    /// pool's end.
    Size {
        /// The block.
        address: usize,
    },
    /// B3: a block's flag of the previous block is wrong.
    PrevFlag {
        /// The block.
        address: usize,
    },
    /// B3: a free block's boundary tag is not its size.
    Tag {
        /// The block.
        address: usize,
    },
    /// H1: a free block follows a free block.
    FreeNeighbours {
        /// The second block.
        address: usize,
    },
    /// A header is not sealed for its address and the heap's key; found by hardened heaps.
    Seal {
        /// The block.
        address: usize,
    },
    /// The bytes behind an allocation, up to its block's end, are overwritten; found by
    /// hardened heaps.
    Slack {
        /// The block.
        address: usize,
    },
    /// L3: a free block is not linked where its size says, or a member of a list
    /// is no free block.
    List {
        /// The block.
        address: usize,
    },
    /// L2: a bit of the bitmaps does not tell whether its bin has a block.
    Bitmap {
        /// The bin's index.
        bin: usize,
    },
    /// H2: the lists and the pools differ in number or bytes of free blocks.
    Sums,
    /// The statistics differ from what the pools hold.
    Statistics,
    /// A1 to A3: a slab is no block of the heap, in the wrong list, or has blocks that
    /// cannot be.
    Slab {
        /// The slab.
        address: usize,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::PoolList { address } => {
                write!(f, "broken end of a pool at {address:#x} (P1, P2)")
            }
            Self::Size { address } => write!(f, "impossible block size at {address:#x} (S1)"),
            Self::PrevFlag { address } => {
                write!(f, "wrong flag of the previous block at {address:#x} (B3)")
            }
            Self::Tag { address } => write!(f, "wrong boundary tag at {address:#x} (B3)"),
            Self::FreeNeighbours { address } => {
                write!(f, "two free blocks are neighbours at {address:#x} (H1)")
            }
            Self::Seal { address } => write!(f, "broken seal of a header at {address:#x}"),
            Self::Slack { address } => {
                write!(f, "overwritten bytes behind the allocation at {address:#x}")
            }
            Self::List { address } => write!(f, "broken list of a bin at {address:#x} (L3)"),
            Self::Bitmap { bin } => write!(f, "wrong bit of bin {bin} (L2)"),
            Self::Sums => f.write_str("free blocks in lists and in pools differ (H2)"),
            Self::Statistics => f.write_str("statistics and blocks differ"),
            Self::Slab { address } => write!(f, "broken slab at {address:#x} (A1 to A3)"),
        }
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Violation {}

/// The violation, unless what it denies holds.
fn demand(holds: bool, otherwise: Violation) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(otherwise)
    }
}

/// Who looks.
const SITE: Site = Site::of(Operation::Examine);

/// The size of a free block that can be filed.
fn free_size<const FLLEN: usize, const SLLEN: usize>(header: Header) -> Option<BlockSize> {
    let bytes = header.bytes();
    let largest = Binning::<FLLEN, SLLEN>::LARGEST.get();
    if header != Header::from_word(bytes) || bytes < BlockSize::LEAST.get() || bytes > largest {
        return None;
    }
    // SAFETY: S1: compared above.
    Some(unsafe { BlockSize::new_unchecked(bytes) })
}

/// Numbers and bytes of the blocks that a walk met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    free_blocks: usize,
    free_bytes: usize,
    used_blocks: usize,
    used_bytes: usize,
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Checks every invariant of the heap and its pools.
    ///
    /// Takes time linear in the number of blocks, and reads only memory of the
    /// pools, whatever has been written there.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let place = heap.allocate(Layout::new::<[u64; 3]>()).unwrap();
    /// assert_eq!(heap.validate(), Ok(()));
    /// unsafe { place.as_ptr().cast::<u64>().add(3).write(17) }; // past the end
    /// assert!(heap.validate().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Violation> {
        let by_address = self.walk_pools()?;
        let by_list = self.walk_bins(by_address.free_blocks)?;
        if (by_list.free_blocks, by_list.free_bytes)
            != (by_address.free_blocks, by_address.free_bytes)
        {
            return Err(Violation::Sums);
        }
        match self.counters.statistics() {
            Some(stats)
                if (stats.used_bytes, stats.free_bytes, stats.live_blocks)
                    != (
                        by_address.used_bytes,
                        by_address.free_bytes,
                        by_address.used_blocks,
                    ) =>
            {
                Err(Violation::Statistics)
            }
            _ => Ok(()),
        }
    }

    fn walk_pools(&self) -> Result<Sums, Violation> {
        self.check_pool_list()?;
        let mut sums = Sums::default();
        for pool in self.pools.iter() {
            self.walk_pool(pool, &mut sums)?;
        }
        Ok(sums)
    }

    /// Checks the list of pools from its first link on, each link before it is followed: whether
    /// an address lies in a pool is asked of all of them.
    fn check_pool_list(&self) -> Result<(), Violation> {
        if let Some(address) = self.pools.broken_link() {
            return Err(Violation::PoolList { address });
        }
        let mut prev = None;
        for pool in self.pools.iter() {
            let address = pool.address().as_ptr() as usize;
            demand(
                pool.is_intact(prev, self.seal(SITE)),
                Violation::PoolList { address },
            )?;
            prev = Some(pool);
        }
        Ok(())
    }

    /// Walks one pool's blocks by their addresses.
    fn walk_pool(&self, pool: Pool, sums: &mut Sums) -> Result<(), Violation> {
        let end = pool.address().as_ptr() as usize;
        let mut block = pool.first_block(self.seal(SITE));
        let mut prev_free = false;
        loop {
            let address = block.payload().as_ptr() as usize;
            let header = block.look().ok_or(Violation::Seal { address })?;
            if header.prev_is_free() != (prev_free && !header.is_free()) {
                return Err(Violation::PrevFlag { address });
            }
            if address == end {
                return demand(
                    header.is_sentinel() && !header.is_free(),
                    Violation::Size { address },
                );
            }
            let bytes = header.bytes();
            if header.has_unknown_flag() || bytes < BlockSize::LEAST.get() || bytes > end - address
            {
                return Err(Violation::Size { address });
            }
            // SAFETY: S1: compared above.
            let size = unsafe { BlockSize::new_unchecked(bytes) };
            if header.is_free() {
                if prev_free {
                    return Err(Violation::FreeNeighbours { address });
                }
                self.check_free(&block, size)?;
                sums.free_blocks += 1;
                sums.free_bytes += bytes;
            } else {
                demand(block.slack_is_intact(header), Violation::Slack { address })?;
                sums.used_blocks += 1;
                sums.used_bytes += bytes;
            }
            prev_free = header.is_free();
            block = block.next(size);
        }
    }

    /// Checks a free block's tag, and that something leads to it.
    fn check_free(&self, block: &Block, size: BlockSize) -> Result<(), Violation> {
        let address = block.payload().as_ptr() as usize;
        let free = FreeBlock::at(block);
        if block.next(size).bytes_before() != size.get() {
            return Err(Violation::Tag { address });
        }
        let back = free.back();
        let led_to = match back.as_bin_number() {
            Some(number) => Bin::checked::<FLLEN, SLLEN>(number)
                .and_then(|bin| self.bins.head(bin, self.seal(SITE)))
                .map(|head| head.payload()),
            None => self
                .member(back.block_payload())
                .and_then(|prev| prev.next())
                .map(|next| next.payload()),
        };
        demand(led_to == Some(block.payload()), Violation::List { address })
    }

    /// The block at an address that a link gave, if a pool has such an address.
    fn member(&self, address: *mut u8) -> Option<FreeBlock> {
        let aligned = address as usize % GRANULARITY == 0;
        let known = aligned && self.pools.iter().any(|pool| pool.has(address));
        let payload = NonNull::new(address).filter(|_| known)?;
        // SAFETY: the bytes from here to the least block's end are a pool's.
        Some(FreeBlock::at(&unsafe {
            Block::from_payload(payload, self.seal(SITE))
        }))
    }

    fn walk_bins(&self, most: usize) -> Result<Sums, Violation> {
        let mut sums = Sums::default();
        for first in (0..Binning::<FLLEN, SLLEN>::COUNT).step_by(SLLEN) {
            // SAFETY: N1: the loop's bound.
            let row = unsafe { Bin::at_index::<SLLEN>(first) }.row::<SLLEN>();
            // Most rows: asked all at once.
            if self.bins.is_empty(row) {
                continue;
            }
            for index in first..first + SLLEN {
                // SAFETY: N1: a row has so many.
                let bin = unsafe { Bin::at_index::<SLLEN>(index) };
                if !self.bins.bits_agree(bin) {
                    return Err(Violation::Bitmap { bin: index });
                }
                self.walk_bin(bin, most, &mut sums)?;
            }
        }
        let bin = Binning::<FLLEN, SLLEN>::COUNT;
        demand(!self.bins.has_stray_bit(), Violation::Bitmap { bin })?;
        Ok(sums)
    }

    /// Walks one bin's list; all lists together have at most `most` members.
    fn walk_bin(&self, bin: Bin, most: usize, sums: &mut Sums) -> Result<(), Violation> {
        let mut expected = Back::to_bin(bin);
        let mut next = self.bins.head(bin, self.seal(SITE));
        while let Some(link) = next {
            let address = link.payload().as_ptr() as usize;
            let broken = Violation::List { address };
            let block = self.member(link.payload().as_ptr()).ok_or(broken)?;
            let size = block
                .look()
                .and_then(free_size::<FLLEN, SLLEN>)
                .ok_or(broken)?;
            let filed = Bin::holding::<SLLEN>(size) == bin && block.back() == expected;
            if !filed || sums.free_blocks >= most {
                return Err(broken);
            }
            sums.free_blocks += 1;
            sums.free_bytes += size.get();
            expected = Back::to_block(&block);
            next = block.next();
        }
        Ok(())
    }
}
