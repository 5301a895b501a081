//! Taking from an inbox block by block, whatever becomes of the threads that add to it.
//!
//! A thread may be stopped between putting its block into an inbox and linking it: for long, or for
//! ever, as in a child of `fork`, which has one thread only. The list that ends there for the
//! moment is set aside, and is looked at again in its turn.
//!
//! ```text
//! last set aside -> first set aside -> … -> last set aside     through the third word of each
//!                     | not linked yet                         list's first block
//! ```

use crate::link::{Chain, Inbox, Link};
use crate::sync::maker;
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// What stands in a free block that is taken in by itself: its link, what programs that are not
/// trusted have there, and the next list that is set aside.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Slot {
    link: Link,
    _mark: MaybeUninit<usize>,
    next_aside: Cell<NonNull<Slot>>,
}

impl Slot {
    /// The slot of a block that is in no inbox.
    pub(crate) fn new() -> Self {
        Self {
            link: Link::unwritten(),
            _mark: MaybeUninit::uninit(),
            next_aside: Cell::new(NonNull::dangling()),
        }
    }
}

/// What one thread takes in from an inbox.
///
/// **T1**: every block of the inbox has room for a [`Slot`].
#[derive(Debug)]
pub(crate) struct Intake {
    /// What has been taken out of the inbox.
    chain: Chain,
    /// The last of the ring of lists that are set aside.
    last_aside: Option<NonNull<Slot>>,
}

impl Intake {
    maker! {
        pub(crate) fn new() -> Self {
            Self {
                chain: Chain::empty(),
                last_aside: None,
            }
        }
    }

    /// Takes a block. Constant time; `None` may come while there still are some.
    ///
    /// # Safety
    ///
    /// T1; always the same inbox, which no other thread takes from.
    #[inline]
    pub(crate) unsafe fn take_one(&mut self, inbox: &Inbox) -> Option<NonNull<Link>> {
        // SAFETY: the caller's promise.
        unsafe { self.take_one_if(inbox, |_| true) }
    }

    /// The same, but leaves the block if it is not wanted: then nothing is taken. (Where another thread is, or was, in the
    /// midst of adding one, nobody is asked.)
    ///
    /// # Safety
    ///
    /// As for [`take_one`](Self::take_one).
    #[inline]
    pub(crate) unsafe fn take_one_if(
        &mut self,
        inbox: &Inbox,
        is_wanted: impl FnOnce(NonNull<Link>) -> bool,
    ) -> Option<NonNull<Link>> {
        if self.chain.is_empty() {
            if self.last_aside.is_some() {
                return self.take_one_later(inbox);
            }
            if inbox.is_empty() {
                return None;
            }
            self.chain = inbox.take();
        }
        match self.chain.split() {
            Some((first, rest)) => {
                if !is_wanted(first) {
                    return None;
                }
                self.chain = rest;
                Some(first)
            }
            None => self.take_one_later(inbox),
        }
    }

    /// Takes a block where another thread is, or was, in the midst of adding one.
    #[cold]
    #[inline(never)]
    fn take_one_later(&mut self, inbox: &Inbox) -> Option<NonNull<Link>> {
        self.turn(inbox);
        self.chain.pop()
    }

    /// Whether there may be a block to take, now or soon.
    pub(crate) fn has_some(&self, inbox: &Inbox) -> bool {
        !self.chain.is_empty() || self.last_aside.is_some() || !inbox.is_empty()
    }

    /// What has been taken out of the inbox, but for what is set aside.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = NonNull<Link>> {
        self.chain.blocks()
    }

    /// Turns to another list than the one that is empty or cannot be taken yet.
    fn turn(&mut self, inbox: &Inbox) {
        if !self.chain.is_empty() {
            self.set_aside();
        }
        self.chain = match self.take_aside() {
            Some(chain) => chain,
            None => inbox.take(),
        };
    }

    /// Makes the list the last of those that are set aside.
    fn set_aside(&mut self) {
        let slot = self.chain.first().cast::<Slot>();
        let last = self.last_aside.replace(slot).unwrap_or(slot);
        // SAFETY: T1.
        let first = unsafe { next_of(last) }.replace(slot);
        if last != slot {
            // SAFETY: T1.
            unsafe { next_of(slot) }.set(first);
        }
    }

    /// Takes the first list that was set aside, if it can be taken by now; or else makes it the
    /// last.
    fn take_aside(&mut self) -> Option<Chain> {
        let last = self.last_aside?;
        // SAFETY: T1.
        let first = unsafe { next_of(last) }.get();
        // SAFETY: it was taken out of the inbox, and set aside with its links.
        let chain = unsafe { Chain::starting_with(first.cast()) };
        if !chain.is_ready() {
            self.last_aside = Some(first);
            return None;
        }
        if first == last {
            self.last_aside = None;
        } else {
            // SAFETY: T1.
            let second = unsafe { next_of(first) }.get();
            // SAFETY: T1.
            unsafe { next_of(last) }.set(second);
        }
        Some(chain)
    }
}

/// Where the next list is noted; the thread that is to write the link does not touch this.
///
/// # Safety
///
/// The slot is the first of a list that is set aside.
unsafe fn next_of<'a>(slot: NonNull<Slot>) -> &'a Cell<NonNull<Slot>> {
    // SAFETY: the caller's promise.
    unsafe { &(*slot.as_ptr()).next_aside }
}
