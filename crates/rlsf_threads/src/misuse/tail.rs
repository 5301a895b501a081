//! What stands behind the bytes that a program asked for, up to the block's end.
//!
//! ```text
//! | the request's bytes | canary |   slack bytes, at random   | canary ^ slack |
//! | the request's bytes | canary |  | number ^ slack |        | canary ^ LONG  |    127 slack bytes or more
//! | the request's bytes | canary |                                                none
//! ```
//!
//! The canary is a byte that the block's number tells: never zero, and no letter. What a program
//! writes just behind its bytes is found, unless it happens to be that very byte: it is one of 128.

use crate::secret;
use core::mem::size_of;
use core::ptr::NonNull;
use rlsf::Misuse;

/// The bytes of the least tail.
pub(super) const LEAST: usize = 1;

/// The code of a block that was freed: so many bytes of slack have the long form.
const FREED: usize = 126;

/// The code of the long form.
const LONG: u8 = 127;

/// The bit of every canary, so that no text has it, nor a zero.
const HIGH: u8 = 1 << 7;

/// The canary behind a block of a number.
#[inline(always)]
fn canary(number: usize) -> u8 {
    number.to_be_bytes()[0] | HIGH
}

#[inline(always)]
fn at(block: NonNull<u8>, place: usize) -> NonNull<u8> {
    let place = block.as_ptr().wrapping_add(place);
    // SAFETY: no block reaches the end of the address space.
    unsafe { NonNull::new_unchecked(place) }
}

/// Where the long form has its slack.
fn word(block: NonNull<u8>, usable: usize) -> NonNull<usize> {
    at(block, usable - 2 * size_of::<usize>()).cast()
}

/// Writes the tail of a block of this number and of `usable` bytes of which `size` are the request's; the
/// block.
///
/// # Safety
///
/// The block is in use, and has more than `size` bytes.
#[inline(always)]
pub(super) unsafe fn seal(
    block: NonNull<u8>,
    number: usize,
    usable: usize,
    size: usize,
) -> NonNull<u8> {
    let slack = usable - LEAST - size;
    let code = match u8::try_from(slack) {
        Ok(code) if slack < FREED => code,
        // SAFETY: the caller's promise.
        _ => return unsafe { seal_long(block, usable, size) },
    };
    // SAFETY: the caller's promise.
    unsafe { write(block, number, usable, size, code) };
    block
}

#[inline(always)]
unsafe fn write(block: NonNull<u8>, number: usize, usable: usize, size: usize, code: u8) {
    let canary = canary(number);
    // SAFETY: the caller's promise.
    unsafe { at(block, size).write(canary) };
    // SAFETY: the caller's promise.
    unsafe { at(block, usable - LEAST).write(canary ^ code) };
}

/// Writes the long form: all of it, so that the caller has nothing to keep meanwhile.
#[cold]
#[inline(never)]
unsafe fn seal_long(block: NonNull<u8>, usable: usize, size: usize) -> NonNull<u8> {
    let slack = usable - LEAST - size;
    let number = secret::of(block.as_ptr());
    // SAFETY: there is more slack than that.
    unsafe { word(block, usable).write_unaligned(slack ^ number) };
    // SAFETY: the caller's promise.
    unsafe { write(block, number, usable, size, LONG) };
    block
}

/// Whether a block's tail is of the short form, and as it was written: then [`open`] succeeds.
///
/// # Safety
///
/// As for [`open`].
#[inline(always)]
pub(super) unsafe fn is_short(block: NonNull<u8>, number: usize, usable: usize) -> bool {
    let canary = canary(number);
    // SAFETY: the caller's promise.
    let slack = usize::from(unsafe { at(block, usable - LEAST).read() } ^ canary);
    // SAFETY: within the block.
    slack < FREED && slack < usable && unsafe { at(block, usable - LEAST - slack).read() } == canary
}

/// The bytes of the request; `Err` if what was behind them has changed.
///
/// # Safety
///
/// So many bytes may be read, and those of a segment or of the supply before them.
#[inline(always)]
pub(super) unsafe fn open(
    block: NonNull<u8>,
    number: usize,
    usable: usize,
) -> Result<usize, Misuse> {
    // SAFETY: the caller's promise.
    let code = unsafe { at(block, usable - LEAST).read() } ^ canary(number);
    let mut slack = usize::from(code);
    if slack >= FREED || slack >= usable {
        // SAFETY: the caller's promise.
        slack = unsafe { open_long(block, usable, number, code) }?;
    }
    let size = usable - LEAST - slack;
    // SAFETY: within the block.
    if unsafe { at(block, size).read() } != canary(number) {
        return Err(Misuse::Slack);
    }
    Ok(size)
}

/// The slack of the long form.
#[cold]
#[inline(never)]
unsafe fn open_long(
    block: NonNull<u8>,
    usable: usize,
    number: usize,
    code: u8,
) -> Result<usize, Misuse> {
    if usize::from(code) == FREED {
        return Err(Misuse::Free);
    }
    if code != LONG || usable <= FREED {
        return Err(Misuse::Slack);
    }
    // SAFETY: within the block.
    let slack = unsafe { word(block, usable).read_unaligned() } ^ number;
    if (FREED..usable).contains(&slack) {
        Ok(slack)
    } else {
        Err(Misuse::Slack)
    }
}

/// Looks what was behind the request, and notes that the block is freed.
///
/// # Safety
///
/// As for [`open`]; if that succeeds, nobody uses the block.
#[inline(always)]
pub(super) unsafe fn close(block: NonNull<u8>, number: usize, usable: usize) -> Result<(), Misuse> {
    // SAFETY: the caller's promise.
    unsafe { open(block, number, usable) }?;
    #[allow(clippy::cast_possible_truncation)] // it is a code
    let code = FREED as u8;
    // SAFETY: the caller's promise.
    unsafe { at(block, usable - LEAST).write(canary(number) ^ code) };
    Ok(())
}

#[cfg(test)]
#[path = "../tests/tail.rs"]
mod tests;
