extern crate std;

use super::*;
use crate::disguise;
use crate::stack::{Stack, Stacked};
use crate::sync::AtomicPtr;
use core::ptr::{null_mut, NonNull};
use std::fs;

#[test]
fn no_address_of_the_process_has_more_bits() {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let ends = maps.lines().filter_map(|line| {
        let (_, end) = line.split(' ').next()?.split_once('-')?;
        usize::from_str_radix(end, 16).ok()
    });
    // What is above belongs to the system, which shows a page of it.
    let own = ends.filter(|&end| isize::try_from(end).is_ok());
    assert_eq!(own.max().unwrap().wrapping_sub(1) >> BITS, 0);
}

/// A value of a stack.
#[repr(align(64))]
struct Value(AtomicPtr<Value>);

// SAFETY: it has one link.
unsafe impl Stacked for Value {
    fn next(&self) -> &AtomicPtr<Self> {
        &self.0
    }
}

#[test]
fn a_value_at_a_thread_s_addresses_comes_back_from_a_stack() {
    let stack = Stack::new();
    let values = [(); 100].map(|()| Value(AtomicPtr::new(null_mut())));
    for value in values.iter().chain(&values) {
        // SAFETY: it stays as long as the stack, which is empty.
        unsafe { stack.push(NonNull::from(value)) };
        assert_eq!(stack.pop(), Some(NonNull::from(value)));
    }
}

#[test]
fn a_link_to_a_thread_s_address_is_shown_as_it_was_hidden() {
    disguise::settle();
    let mut values = [0_u64; 2];
    let next: *mut u64 = &raw mut values[1];
    let place: *const u64 = &raw const values[0];
    assert_eq!(disguise::show(place, disguise::hide(place, next)), next);
}
