//! The slack of a used block: the bytes of its payload beyond what was asked for.
//!
//! ```text
//!   payload
//!  +----------------------+---------------------+-------+
//!  | what was asked for   | pattern             | count |
//!  +----------------------+---------------------+-------+
//!                         |<--- slack: `count` bytes -->| next header
//! ```
//!
//! A hardened heap fills it, and looks whether it is as it was when the block is freed or
//! resized. One byte of slack is of the pattern alone, as the header tells. The count has no
//! key, so that a block's usable bytes can be told without its heap.

use super::{word, Block};
use crate::header::{Header, Slack};
use crate::seal::{Request, Seal};
use crate::size::{BlockSize, GRANULARITY, WORD};
use crate::watch;
use core::ptr::NonNull;

/// The most bytes that a request leaves: of none in a block of the least size, and of a
/// rest behind it that is no block.
const MOST: usize = BlockSize::LEAST.payload() + BlockSize::LEAST.get() - GRANULARITY;

/// What the last byte of more than one is, less their number: so it is never zero.
const COUNT: usize = 0x80;

/// The bits of a word's last byte in memory, in a word that is read as little-endian.
const LAST_BYTE: u32 = usize::BITS - 8;

/// Whether a payload can have so many bytes of slack, of more than one.
#[inline(always)]
fn can_be_slack(bytes: usize, payload: usize) -> bool {
    (2..=MOST).contains(&bytes) && bytes <= payload
}

/// The slack's class.
#[inline(always)]
const fn class(bytes: usize) -> Slack {
    match bytes {
        0 => Slack::None,
        1 => Slack::One,
        _ => Slack::More,
    }
}

/// The last word of a payload with so many bytes of slack.
#[inline(always)]
const fn last_word(pattern: usize, bytes: usize) -> usize {
    if bytes == 1 {
        return pattern;
    }
    pattern & !(0xff << LAST_BYTE) | (COUNT | bytes) << LAST_BYTE
}

impl Block {
    /// Notes what is asked for of the block as it is.
    #[inline(always)]
    pub(crate) fn use_just(&self, request: Request) {
        if Seal::ON {
            self.resize(self.size(), request);
        }
    }

    /// Notes what is asked for of the block as it is, if that is more than before.
    #[inline(always)]
    pub(crate) fn use_at_least(&self, request: Request) {
        if Seal::ON {
            let slack = self.slack_bytes(self.header()).unwrap_or(0);
            self.use_just(request.or_usable(self.size(), slack));
        }
    }

    /// Fills the slack of a new block, and what is asked for in the same words, too.
    #[inline(always)]
    pub(super) fn fill_slack(&self, size: BlockSize, request: Request) -> Slack {
        let bytes = request.slack_in(size);
        if bytes != 0 {
            let pattern = self.seal().pattern(self.payload());
            if bytes > WORD {
                fill_words(self.payload(), size, bytes, pattern);
            }
            let last = last_word(pattern, bytes).to_le();
            // SAFETY: B2: the payload's last word.
            unsafe { watch::write(word_before_end(self.payload(), size, WORD), last) };
        }
        class(bytes)
    }

    /// Fills the slack of a block that is to have `size`, the rest of which is in use.
    #[inline(always)]
    pub(super) fn refill_slack(&self, size: BlockSize, request: Request) -> Slack {
        let bytes = request.slack_in(size);
        if bytes != 0 {
            let pattern = self.seal().pattern(self.payload());
            fill_bytes(self.payload(), size.payload(), bytes, pattern);
        }
        class(bytes)
    }

    /// The slack's bytes, as header and last byte tell; `None` if no slack has so many.
    #[inline(always)]
    pub(crate) fn slack_bytes(&self, header: Header) -> Option<usize> {
        match header.slack() {
            Slack::None => Some(0),
            Slack::One => Some(1),
            Slack::More => {
                let end = header.bytes() - WORD;
                // SAFETY: B2: the payload's last byte, which is the slack's.
                let last = unsafe { watch::read(word::<u8>(self.payload(), end - 1)) };
                let bytes = usize::from(last) ^ COUNT;
                Some(bytes).filter(|&bytes| can_be_slack(bytes, end))
            }
        }
    }

    /// The bytes of a used block's payload that are the program's.
    #[inline(always)]
    pub(crate) fn usable(&self, header: Header) -> usize {
        header.size().payload() - self.slack_bytes(header).unwrap_or(0)
    }

    /// Whether the slack of a used block is as the heap filled it.
    pub(crate) fn slack_is_intact(&self, header: Header) -> bool {
        if self.slack_is_plain(header) {
            return true;
        }
        let (payload, size) = (self.payload(), header.size());
        let pattern = self.seal().pattern(payload);
        header.slack() == Slack::More && words_are_intact(payload, size, pattern)
    }

    /// Whether the slack of a used block is as the heap filled it, and of a word at most.
    #[inline(always)]
    pub(crate) fn slack_is_plain(&self, header: Header) -> bool {
        if header.slack() == Slack::None {
            return true;
        }
        let size = header.size();
        let pattern = self.seal().pattern(self.payload());
        let last = usize::from_le(read_partly(self.payload(), size, WORD));
        if header.slack() == Slack::One {
            return (last ^ pattern) >> LAST_BYTE == 0;
        }
        let bytes = last >> LAST_BYTE ^ COUNT;
        if !(2..=WORD).contains(&bytes) {
            return false;
        }
        // Without the count, and without what is the user's.
        (last ^ pattern) << 8 >> (8 * (WORD + 1 - bytes)) == 0
    }
}

/// Whether slack of more than a word is as the heap filled it.
#[cold]
#[inline(never)]
fn words_are_intact(payload: NonNull<u8>, size: BlockSize, pattern: usize) -> bool {
    let bytes = usize::from_le(read_partly(payload, size, WORD)) >> LAST_BYTE ^ COUNT;
    if !can_be_slack(bytes, size.payload()) {
        return false;
    }
    let last = last_word(pattern, bytes);
    let words = (2 * WORD..bytes + WORD).step_by(WORD);
    let before = words.map(|offset| (offset, pattern));
    before.chain([(WORD, last)]).all(|(offset, right)| {
        let of_user = offset.saturating_sub(bytes);
        let word = usize::from_le(read_partly(payload, size, offset));
        (word ^ right) >> (8 * of_user) == 0
    })
}

/// A word of a payload, `offset` bytes before its end.
#[inline(always)]
fn word_before_end(payload: NonNull<u8>, size: BlockSize, offset: usize) -> *mut usize {
    word(payload, size.payload() - offset)
}

/// Reads a word whose first bytes may be the user's, who need not have written them: what they
/// hold changes no result.
#[inline(always)]
fn read_partly(payload: NonNull<u8>, size: BlockSize, offset: usize) -> usize {
    // SAFETY: B2: a word of the payload; volatile, so that nothing is concluded from what has
    // been written there.
    unsafe { watch::read_volatile(word_before_end(payload, size, offset)) }
}

/// Fills the words before the last one.
#[cold]
#[inline(never)]
fn fill_words(payload: NonNull<u8>, size: BlockSize, bytes: usize, pattern: usize) {
    for offset in (2 * WORD..bytes + WORD).step_by(WORD) {
        // SAFETY: B2: words of the payload.
        unsafe { watch::write(word_before_end(payload, size, offset), pattern.to_le()) };
    }
}

/// Fills the last bytes of a payload one by one.
#[cold]
fn fill_bytes(payload: NonNull<u8>, len: usize, bytes: usize, pattern: usize) {
    let pattern = pattern.to_le_bytes();
    for offset in len - bytes..len {
        // SAFETY: B2: a byte of the payload.
        unsafe { watch::write(word::<u8>(payload, offset), pattern[offset % WORD]) };
    }
    if bytes > 1 {
        #[allow(clippy::cast_possible_truncation)] // at most `MOST`
        let count = (COUNT | bytes) as u8;
        // SAFETY: as above.
        unsafe { watch::write(word::<u8>(payload, len - 1), count) };
    }
}
