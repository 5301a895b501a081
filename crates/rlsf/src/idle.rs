//! The idle pages of a heap's free blocks, in slices.
//!
//! ```text
//! bins, the largest first     [ block, block, block ] [ block, block ] ...
//!                                         ^ place: bin, number in its list, address
//! ```
//!
//! The heap may change between two slices. A place names a block by where it is listed, so that
//! nothing has to be told of a block that goes away: then some blocks are met twice in a round, or
//! only in the next one.

use crate::bin::{Bin, Binning};
use crate::block::FreeBlock;
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::region_len;
use crate::seal::Site;
use crate::{BlockInfo, Tlsf};
use core::iter::successors;
use core::ptr::{slice_from_raw_parts_mut, NonNull};

/// How many blocks a step looks at, besides those of the same list that are done.
const LOOK_AT: usize = 64;

/// How many blocks of a list are ever looked at.
const DEEPEST: usize = 4096;

/// Where a round through the idle pages of a heap stands.
///
/// The default is the start of a round. See [`Tlsf::idle_step`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdlePlace {
    /// How many bins are done, from the highest on.
    pub(crate) bins: usize,
    /// How many blocks of the next bin are.
    pub(crate) blocks: usize,
    /// What lies below this address in the next block is done.
    pub(crate) address: usize,
}

/// What a step of a round has done: [`Tlsf::idle_step`], `GlobalTlsf::trim_step`.
///
/// ```
/// let step = rlsf::TrimStep { bytes: 4096, is_complete: true };
/// println!("{} bytes, and {}", step.bytes, if step.is_complete { "all" } else { "more to come" });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrimStep {
    /// The bytes of the pages that the step has met.
    pub bytes: usize,
    /// Whether it was the last step of a round; the next one begins another.
    pub is_complete: bool,
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Shows the whole pages inside of free blocks, which the heap does not need, a slice of at
    /// most about `most` bytes a step: the larger blocks first, each step from where the one before
    /// stopped.
    ///
    /// `page` is a power of two; at least one page is shown if there is one left. A step looks at
    /// 64 blocks at the most, at those before them in one list, and at the heads of the bins. Of
    /// more than 4096 free blocks of nearly the same size only as many are looked at, those freed
    /// last. What is freed or merged meanwhile may have to wait for the next round.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # let mut pool = vec![MaybeUninit::uninit(); 65536];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let (mut place, mut pages) = (rlsf::IdlePlace::default(), Vec::new());
    /// while !heap.idle_step(&mut place, 4096, 8192, |bytes| pages.push(bytes)).is_complete {
    ///     // Something else.
    /// }
    /// assert!(pages.len() >= 7 && pages[0].len() == 8192);
    /// ```
    pub fn idle_step(
        &self,
        place: &mut IdlePlace,
        page: usize,
        most: usize,
        mut visit: impl FnMut(NonNull<[u8]>),
    ) -> TrimStep {
        let begin = *place;
        let most = most.max(page) & !(page - 1);
        let (mut bytes, mut looked_at) = (0, 0);
        for (at, block) in self.blocks_from(begin, page) {
            *place = at;
            if looked_at == LOOK_AT {
                return TrimStep {
                    bytes,
                    is_complete: false,
                };
            }
            looked_at += 1;
            let pages = whole_pages(block.idle_bytes(), begin.address, page, most - bytes);
            if pages.len == 0 {
                continue;
            }
            visit(pages.as_ptr());
            bytes += pages.len;
            if bytes == most {
                place.address = pages.end();
                return TrimStep {
                    bytes,
                    is_complete: false,
                };
            }
        }
        *place = IdlePlace::default();
        TrimStep {
            bytes,
            is_complete: true,
        }
    }

    /// The free blocks of at least `least` bytes from a place on, and the place of each.
    fn blocks_from(
        &self,
        begin: IdlePlace,
        least: usize,
    ) -> impl Iterator<Item = (IdlePlace, BlockInfo<'_>)> + '_ {
        let seal = self.seal(Site::of(Operation::Examine));
        let count = Binning::<FLLEN, SLLEN>::FILED;
        let bins = (begin.bins..count).map(move |bins| {
            // SAFETY: N1: the range's bound.
            (bins, unsafe { Bin::at_index::<SLLEN>(count - 1 - bins) })
        });
        let large = bins.take_while(move |(_, bin)| bin.reaches::<SLLEN>(least));
        let heads = large.filter_map(move |(bins, bin)| Some((bins, self.bins.head(bin, seal)?)));
        let listed = heads.flat_map(move |(bins, head)| {
            let done = if bins == begin.bins { begin.blocks } else { 0 };
            let list = successors(Some(head), FreeBlock::follow).take(DEEPEST);
            let rest = list.enumerate().skip(done);
            rest.map(move |(blocks, block)| {
                let place = IdlePlace {
                    bins,
                    blocks,
                    address: 0,
                };
                (place, block)
            })
        });
        let large = listed.filter(move |(_, block)| block.size().get() >= least);
        large.map(|(place, block)| (place, BlockInfo::of_free(&block)))
    }
}

/// Some pages of a block.
struct Pages {
    start: *mut u8,
    len: usize,
}

impl Pages {
    fn end(&self) -> usize {
        self.start as usize + self.len
    }

    fn as_ptr(&self) -> NonNull<[u8]> {
        // SAFETY: within a block, so not null.
        unsafe { NonNull::new_unchecked(slice_from_raw_parts_mut(self.start, self.len)) }
    }
}

/// The whole pages of some bytes, or of those from an address on if it is one of them; `most`
/// bytes at the most.
fn whole_pages(bytes: NonNull<[u8]>, from: usize, page: usize, most: usize) -> Pages {
    let (start, len) = (bytes.cast::<u8>().as_ptr(), region_len(bytes));
    let first = start as usize;
    let done = match from.checked_sub(first) {
        Some(done) if done <= len => done,
        _ => 0,
    };
    let lead = (first + done).wrapping_neg() & (page - 1);
    let len = len.saturating_sub(done + lead) & !(page - 1);
    Pages {
        start: start.wrapping_add(done + lead),
        len: len.min(most),
    }
}
