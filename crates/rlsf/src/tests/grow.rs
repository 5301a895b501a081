//! Memory that continues a region, and memory that does not any more.

extern crate std;

use super::{FlexTlsf, Part};
use crate::source::FlexSource;
use core::ptr::NonNull;
use std::vec;

struct Nothing;

// SAFETY: it gives no memory.
unsafe impl FlexSource for Nothing {}

const BYTES: usize = 4096;

/// What a region has behind it that is not the heap's.
const OTHERS: u8 = 0x5a;

#[test]
fn what_does_not_continue_the_newest_region_becomes_one_of_its_own() {
    let mut memory = vec![OTHERS; 4 * BYTES];
    let start = NonNull::from(&mut memory[..]).cast::<u8>();
    let part = |number: usize| {
        let first = start.as_ptr().wrapping_add(number * BYTES);
        NonNull::new(core::ptr::slice_from_raw_parts_mut(first, BYTES)).unwrap()
    };
    let mut heap: FlexTlsf<Nothing, u16, u16, 12, 16> = FlexTlsf::new(Nothing);
    let (first, second, third) = (part(0), part(1), part(3));
    for (part, pools) in [
        (Part::Region(first), 1),
        (Part::Continuation(second), 1),
        // Another thread's, between the source's answer and this.
        (Part::Continuation(third), 2),
    ] {
        // SAFETY: memory that nobody uses, and that stays as long as the heap does.
        unsafe { heap.adopt(part) };
        assert_eq!(heap.as_tlsf().validate(), Ok(()));
        assert_eq!(heap.as_tlsf().pools().count(), pools);
    }
    assert_eq!(heap.source_bytes(), 3 * BYTES);
    drop(heap);
    let between = &memory[2 * BYTES..3 * BYTES];
    assert!(between.iter().all(|&byte| byte == OTHERS));
}
