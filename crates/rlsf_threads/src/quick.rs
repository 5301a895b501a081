//! Quick lists: middle blocks that were freed rest, unmerged, until one of their size is asked for
//! again.
//!
//! ```text
//! sizes              in the first segment      in the others
//! 2 KiB              block -> block            block
//! 2.25 KiB                                     block -> block -> block
//! …                  block
//! 32 KiB
//!                    which stays anyway        which go back when nothing is in them
//! ```
//!
//! What rests is bounded: a list by a part of what the heap's `Tlsf` has given, or in the first
//! segment by 33 KiB if that is more, and the lists of the other segments by a part of the blocks
//! in use, so that none rests there when none is in use, and keeps a segment from going back.
//!
//! Source: C. B. Weinstock and W. A. Wulf, "Quick Fit: an efficient algorithm for heap storage
//! allocation", SIGPLAN Notices 23 (10), 1988.

mod size;
mod validate;

use crate::link::Chain;
use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;
pub(crate) use size::{Size, SIZES};

/// A list rests at most this part of the bytes that the heap's `Tlsf` has given.
const PART_OF_BYTES: usize = 64;

/// In the segment that stays, a list rests so many bytes in any case: one block of the largest size.
const LEAST_AT_HOME: usize = 33 << 10;

/// In segments that may go back, at most this part of the blocks in use rest.
const PART_OF_BLOCKS: usize = 2;

/// So many blocks that the `Tlsf` gives are what an average is taken of.
const WINDOW: usize = 16;

/// How often blocks have to be freed for one that the `Tlsf` gives, so that it gives whole sizes.
const OFTEN: usize = 3;

/// Where a block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lies {
    /// In the segment that stays when it has no block.
    AtHome,
    /// In one that goes back then.
    Away,
}

/// The blocks of one size that rest.
#[derive(Debug)]
struct List {
    blocks: UnsafeCell<Chain>,
    /// As many as their size tells, times that.
    bytes: Cell<usize>,
}

impl List {
    const fn new() -> Self {
        Self {
            blocks: UnsafeCell::new(Chain::empty()),
            bytes: Cell::new(0),
        }
    }

    /// The blocks; the reference must not live beyond the expression.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)] // one thread, and never two at a time
    fn blocks(&self) -> &mut Chain {
        // SAFETY: a cell is used by one thread, and no other reference to it is alive.
        unsafe { &mut *self.blocks.get() }
    }

    fn is_empty(&self) -> bool {
        self.bytes.get() == 0
    }

    /// The block that is taken next, if there is one.
    fn first(&self) -> Option<NonNull<u8>> {
        (!self.is_empty()).then(|| self.blocks().first().cast())
    }

    #[inline(always)]
    fn pop(&self, size: Size) -> Option<NonNull<u8>> {
        let block = self.blocks().pop()?;
        self.bytes.set(self.bytes.get() - size.bytes());
        Some(block.cast())
    }
}

/// What rests of a heap, and what that is measured by.
///
/// **Q2**: a list has blocks of the heap's `Tlsf` which that has given, of at least the list's
/// size and of less than the next one, in segments where the list says; nobody uses them.
#[derive(Debug)]
pub(crate) struct Quick {
    at_home: [List; SIZES],
    away: [List; SIZES],
    /// Which of the lists away have a block: a bit a size.
    filled: Cell<u64>,
    /// How many blocks rest away.
    resting_away: Cell<usize>,
    /// Middle blocks in use, and those that others have freed and the heap does not know of.
    in_use: Cell<usize>,
    /// The bytes of all blocks that the `Tlsf` has given.
    given: Cell<usize>,
    /// [`WINDOW`] times the blocks of each size that are freed while the `Tlsf` gives one.
    freed: [Cell<usize>; SIZES],
}

impl Quick {
    pub(crate) const fn new() -> Self {
        Self {
            at_home: [const { List::new() }; SIZES],
            away: [const { List::new() }; SIZES],
            filled: Cell::new(0),
            resting_away: Cell::new(0),
            in_use: Cell::new(0),
            given: Cell::new(0),
            freed: [const { Cell::new(0) }; SIZES],
        }
    }

    /// Notes that the `Tlsf` has given so many bytes.
    pub(crate) fn on_given(&self, bytes: usize) {
        self.given.set(self.given.get() + bytes);
    }

    /// Notes that the `Tlsf` has so many bytes back.
    pub(crate) fn on_taken_back(&self, bytes: usize) {
        self.given.set(self.given.get() - bytes);
    }

    /// Notes both: what it has given has so many bytes more than what it has back, modulo 2^64.
    #[inline(always)]
    pub(crate) fn on_exchanged(&self, by: usize) {
        self.given.set(self.given.get().wrapping_add(by));
    }

    /// Counts a middle block that is in use from now on.
    #[inline(always)]
    pub(crate) fn count_in(&self) {
        self.in_use.set(self.in_use.get() + 1);
    }

    /// Counts a middle block that is in use no more.
    #[inline(always)]
    pub(crate) fn count_out(&self) {
        self.in_use.set(self.in_use.get() - 1);
    }

    /// Takes a block of a size.
    #[inline(always)]
    pub(crate) fn pop(&self, size: Size) -> Option<NonNull<u8>> {
        let at_home = self.at_home[size.index()].pop(size);
        at_home.or_else(|| self.pop_away(size))
    }

    #[inline(always)]
    fn pop_away(&self, size: Size) -> Option<NonNull<u8>> {
        let list = &self.away[size.index()];
        let block = list.pop(size)?;
        if list.is_empty() {
            self.filled.set(self.filled.get() & !(1 << size.index()));
        }
        self.resting_away.set(self.resting_away.get() - 1);
        Some(block)
    }

    /// Takes a block that has a size's bytes nearly, if the next one of these is large enough.
    pub(crate) fn pop_below(
        &self,
        size: Size,
        is_enough: impl Fn(NonNull<u8>) -> bool,
    ) -> Option<NonNull<u8>> {
        let below = size.below()?;
        let at_home = &self.at_home[below.index()];
        if at_home.first().is_some_and(&is_enough) {
            return at_home.pop(below);
        }
        let away = &self.away[below.index()];
        away.first().filter(|first| is_enough(*first))?;
        self.pop_away(below)
    }

    /// Whether the `Tlsf`, which is about to give a block, had better give all bytes of a size to
    /// a request for some less: so it is when blocks like it come and go. Where they only come,
    /// none is to be wasted.
    pub(crate) fn rounds_up(&self, size: Size) -> bool {
        let below = size.below().map_or(0, |below| self.fade(below));
        self.fade(size) + below >= OFTEN * WINDOW * WINDOW
    }

    /// How often blocks of a size are freed; from now on a little less often.
    fn fade(&self, size: Size) -> usize {
        let freed = self.freed[size.index()].get();
        self.freed[size.index()].set(freed - freed / WINDOW);
        freed
    }

    /// Has a block rest, if there is room for it. Who calls has counted it out.
    ///
    /// # Safety
    ///
    /// Q2.
    #[inline(always)]
    pub(crate) unsafe fn push(&self, block: NonNull<u8>, size: Size, lies: Lies) -> bool {
        let freed = &self.freed[size.index()];
        freed.set(freed.get() + WINDOW);
        let part = self.given.get() / PART_OF_BYTES;
        let (list, most) = match lies {
            Lies::AtHome => (&self.at_home[size.index()], part.max(LEAST_AT_HOME)),
            Lies::Away => (&self.away[size.index()], part),
        };
        let bytes = list.bytes.get() + size.bytes();
        if bytes > most {
            return false;
        }
        if lies == Lies::Away {
            if self.resting_away.get() >= self.most_away() {
                return false;
            }
            self.filled.set(self.filled.get() | 1 << size.index());
            self.resting_away.set(self.resting_away.get() + 1);
        }
        list.bytes.set(bytes);
        // SAFETY: the caller's promise: it has room for a link.
        unsafe { list.blocks().push(block.cast()) };
        true
    }

    /// How many blocks may rest away.
    #[inline(always)]
    fn most_away(&self) -> usize {
        self.in_use.get() / PART_OF_BLOCKS
    }

    /// Whether more blocks rest away than may: by one at most, as blocks are counted out one by one.
    #[inline(always)]
    pub(crate) fn has_too_many(&self) -> bool {
        self.resting_away.get() > self.most_away()
    }

    /// Takes one of the largest blocks that rest away.
    pub(crate) fn pop_any_away(&self) -> Option<NonNull<u8>> {
        let largest = self.filled.get().checked_ilog2()?;
        self.pop_away(Size::at(largest as usize)?)
    }

    /// Takes one of the largest blocks that rest, and of those away if there are any.
    pub(crate) fn pop_any(&self) -> Option<NonNull<u8>> {
        let mut sizes = (0..SIZES).rev().filter_map(Size::at);
        let at_home = |size: Size| self.at_home[size.index()].pop(size);
        self.pop_any_away().or_else(|| sizes.find_map(at_home))
    }
}
