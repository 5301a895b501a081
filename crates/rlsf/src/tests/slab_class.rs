//! Every layout up to the largest, and a few above.

use super::{Class, CLASSES, LARGEST, STEP};
use core::alloc::Layout;

fn class(size: usize, align: usize) -> Option<Class> {
    Class::of(Layout::from_size_align(size, align).unwrap())
}

#[test]
fn a_small_layout_has_the_least_class_that_holds_it_at_its_alignment() {
    for size in 0..=LARGEST {
        for align in (0..=6).map(|log| 1 << log) {
            let class = class(size, align).unwrap();
            assert!(class.index() < CLASSES);
            assert!(class.bytes() >= size.max(1));
            assert_eq!(class.align() % align, 0);
            let waste = class.bytes() - size.max(1);
            assert!(waste < align.max(4), "{size} {align}");
        }
    }
}

#[test]
fn what_is_larger_or_more_aligned_is_not_small() {
    for align in (0..=6).map(|log| 1 << log) {
        assert_eq!(class(LARGEST + 1, align), None);
    }
    for size in 0..=LARGEST {
        assert_eq!(class(size, 2 * LARGEST), None);
    }
}

#[test]
fn classes_are_numbered_by_their_bytes() {
    for index in 0..CLASSES {
        let class = class((index + 1) * STEP, 1).unwrap();
        assert_eq!((class.index(), class.bytes()), (index, 4 * (index + 1)));
        assert!(class.bytes() % class.align() == 0 && class.bytes() / class.align() % 2 == 1);
    }
}
