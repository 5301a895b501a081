extern crate std;

use super::*;
use std::vec;

/// Blocks of these sizes are sealed with every number of bytes of slack that they can have.
const BYTES: [usize; 9] = [16, 17, 48, 127, 128, 129, 256, 257, 1024];

/// The first block of a buffer at a multiple of 16.
fn block_in(buffer: &mut [u128]) -> NonNull<u8> {
    crate::secret::settle();
    NonNull::new(buffer.as_mut_ptr().cast()).unwrap()
}

/// What was asked for of a block in a buffer, whatever is there.
fn opened(block: NonNull<u8>, usable: usize) -> Result<usize, Misuse> {
    // SAFETY: within the buffer.
    unsafe { open(block, secret::of(block.as_ptr()), usable) }
}

fn sealed(check: impl Fn(NonNull<u8>, usize, usize)) {
    for usable in BYTES {
        for size in 0..usable {
            let mut buffer = vec![0; usable.div_ceil(16) + 1];
            let block = block_in(&mut buffer);
            // SAFETY: the buffer is larger.
            unsafe { seal(block, secret::of(block.as_ptr()), usable, size) };
            check(block, usable, size);
        }
    }
}

#[test]
fn what_was_asked_for_comes_back_whatever_it_holds() {
    sealed(|block, usable, size| {
        for byte in [0, 1, 0x7f, 0xff] {
            // SAFETY: the request's bytes.
            unsafe { block.write_bytes(byte, size) };
            assert_eq!(opened(block, usable), Ok(size), "{usable} {size}");
        }
    });
}

#[test]
fn any_other_value_of_the_byte_behind_is_found() {
    sealed(|block, usable, size| {
        let place = at(block, size);
        // SAFETY: within the buffer.
        let right = unsafe { place.read() };
        for change in 1..=u8::MAX {
            // SAFETY: as above.
            unsafe { place.write(right ^ change) };
            let opened = opened(block, usable);
            assert!(opened.is_err(), "{usable} {size} {change}: {opened:?}");
        }
    });
}

#[test]
fn a_freed_block_tells_so() {
    sealed(|block, usable, _| {
        // SAFETY: nobody uses it.
        unsafe { close(block, secret::of(block.as_ptr()), usable) }.unwrap();
        assert_eq!(opened(block, usable), Err(Misuse::Free));
    });
}

#[test]
fn no_last_byte_leads_out_of_the_block() {
    for usable in BYTES {
        for last in 0..=u8::MAX {
            for fill in [0, 0x80, 0xff] {
                let mut buffer = vec![0; usable.div_ceil(16) + 1];
                let block = block_in(&mut buffer);
                // SAFETY: within the buffer.
                unsafe { block.write_bytes(fill, usable) };
                // SAFETY: as above.
                unsafe { at(block, usable - 1).write(last) };
                if let Ok(size) = opened(block, usable) {
                    assert!(size < usable);
                }
            }
        }
    }
}

#[test]
fn a_canary_is_no_text_and_no_zero() {
    let mut buffer = vec![0; 1000];
    let first = block_in(&mut buffer);
    for offset in (0..16_000).step_by(16) {
        let number = crate::secret::of(at(first, offset).as_ptr());
        assert!(canary(number) >= HIGH);
    }
}
