//! States that are bad for a heap, found by search: random ones, and then the worst of them changed again and
//! again, where a change stays that makes the operation longer.
//!
//! The search runs on the processor itself: sizes of words and headers, and the machine code, are others than
//! on the host, and so are the states in which an operation takes longest.

mod counted;
mod live;
mod state;

use crate::Random;
use core::alloc::Layout;
use core::ptr::NonNull;

pub use counted::Counted;
pub use state::{State, Target};

/// The bytes of the memory in which states are tried: those of a thousand fragments have a place.
pub const ARENA: usize = 240 * 1024;

/// The states that are changed.
const PARENTS: usize = 4;

/// A live block.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Where it is.
    pub start: NonNull<u8>,
    /// As it was requested, or resized.
    pub layout: Layout,
}

/// A heap that counts the instructions of what it does.
pub trait Subject {
    /// Forgets every block: a heap as it was at first, in the same memory.
    fn renew(&mut self);

    /// Allocates.
    fn allocate(&mut self, layout: Layout) -> (Option<NonNull<u8>>, u32);

    /// Frees.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn deallocate(&mut self, block: Block) -> u32;

    /// Grows or shrinks in place, and says whether it did; a heap may not be able to.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn resize(&mut self, _block: Block, _size: usize) -> (bool, u32) {
        (false, 0)
    }
}

/// The longest operation of this kind in `tries` states with so many free fragments, and its instructions;
/// nothing if the heap came to none.
pub fn search(
    subject: &mut impl Subject,
    target: Target,
    fragments: usize,
    tries: usize,
) -> Option<(u32, State)> {
    let mut random = Random::new(0x1234_5689);
    let mut worst: [Option<(u32, State)>; PARENTS] = [None; PARENTS];
    for number in 0..tries {
        let parent = worst[random.below(PARENTS)].filter(|_| number >= tries / 3);
        let state = match parent {
            Some((_, state)) => state.mutated(target, &mut random),
            None => State::random(target, fragments, &mut random),
        };
        if let Some(count) = state.play(subject) {
            keep(&mut worst, (count, state));
        }
    }
    worst[0]
}

/// Puts `found` before all that are not longer, so that the search does not stand still among equals.
fn keep(worst: &mut [Option<(u32, State)>; PARENTS], found: (u32, State)) {
    let is_longer = |it: &&Option<(u32, State)>| it.is_some_and(|it| it.0 > found.0);
    let place = worst.iter().take_while(is_longer).count();
    if let Some(rest) = worst.get_mut(place..).filter(|rest| !rest.is_empty()) {
        rest.rotate_right(1);
        rest[0] = Some(found);
    }
}
