//! Each different stack once.

use super::stack::{Stack, DEPTH};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// How many there can be.
const MOST: usize = 1 << 16;

/// How many places a stack may have.
const TRIES: usize = 16;

/// Which stack: its place and one, zero for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::malloc) struct Number(u32);

impl Number {
    pub(in crate::malloc) const UNKNOWN: Self = Self(0);

    /// The bits of a number.
    pub(super) const BITS: u32 = MOST.trailing_zeros() + 1;

    pub(super) fn of_bits(bits: u64) -> Self {
        #[allow(clippy::cast_possible_truncation)] // that is what is asked for
        Self(bits as u32 & ((1 << Self::BITS) - 1))
    }

    pub(super) fn bits(self) -> u64 {
        self.0.into()
    }
}

/// A stack, and what it was found by: zero as long as the place is nobody's.
struct Kept {
    hash: AtomicU64,
    frames: [AtomicUsize; DEPTH],
}

/// The stacks that have been met. None is ever dropped: when there is no place, a new one gets no
/// number.
pub(super) struct Stacks([Kept; MOST]);

impl Stacks {
    /// The number of a stack. Two of one hash, of 64 bits, are one.
    pub(super) fn number(&self, stack: &Stack) -> Number {
        let hash = hash(stack);
        for place in places(hash) {
            let kept = &self.0[place];
            match kept.hash.compare_exchange(0, hash, Relaxed, Relaxed) {
                Ok(_) => kept.fill(stack),
                Err(found) if found == hash => {}
                Err(_) => continue,
            }
            return u32::try_from(place + 1).map_or(Number::UNKNOWN, Number);
        }
        Number::UNKNOWN
    }

    /// The stack of a number. While another thread writes it, some of its frames may be missing.
    pub(super) fn stack(&self, number: Number) -> Option<Stack> {
        let place = usize::try_from(number.0).ok()?.checked_sub(1)?;
        let frames = &self.0.get(place)?.frames;
        Some(frames.each_ref().map(|frame| frame.load(Relaxed)))
    }
}

impl Kept {
    fn fill(&self, stack: &Stack) {
        for (place, &frame) in self.frames.iter().zip(stack) {
            place.store(frame, Relaxed);
        }
    }
}

fn hash(stack: &Stack) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, &frame: &usize| (hash.rotate_left(29) ^ frame as u64).wrapping_mul(ODD);
    stack.iter().fold(0, mix).max(1)
}

/// The places that a hash may have.
fn places(hash: u64) -> impl Iterator<Item = usize> {
    #[allow(clippy::cast_possible_truncation)] // of 64 bits, the highest 16
    let first = (hash >> (u64::BITS - MOST.trailing_zeros())) as usize;
    (0..TRIES).map(move |offset| (first + offset) % MOST)
}
