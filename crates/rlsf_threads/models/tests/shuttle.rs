//! Random orders of the steps of more threads.

#![allow(clippy::unwrap_used)] // a test's way to fail
#![allow(clippy::inline_always)] // as in the crate whose files these are

mod address {
    pub(crate) const BITS: u32 = 47;
}
#[path = "../../src/disguise/plain.rs"]
#[allow(dead_code)] // as below
mod disguise;
#[path = "../../src/intake.rs"]
#[allow(dead_code)] // `rlsf_threads` uses all of it
mod intake;
#[path = "../../src/link.rs"]
#[allow(dead_code)]
mod link;
#[path = "../../src/marks.rs"]
mod marks;
mod scenes;
#[path = "../../src/stack.rs"]
mod stack;
#[path = "../../src/stock.rs"]
#[allow(dead_code)]
mod stock;

/// shuttle's atomics in the place of the machine's, and what the scenes need besides.
mod sync {
    use crate::scenes::is_gone;
    use core::ops::Deref;
    use shuttle::sync::atomic;
    pub(crate) use shuttle::sync::atomic::{AtomicUsize, Ordering};
    pub(crate) use shuttle::thread;
    use std::sync::Mutex;

    /// A pointer that threads may be gone before they write.
    #[derive(Debug)]
    pub(crate) struct AtomicPtr<T>(atomic::AtomicPtr<T>);

    impl<T> AtomicPtr<T> {
        pub(crate) fn new(pointer: *mut T) -> Self {
            Self(atomic::AtomicPtr::new(pointer))
        }

        /// The memory is used for something else now.
        pub(crate) fn retire(&self) {
            let _ = self;
        }

        pub(crate) fn store(&self, pointer: *mut T, order: Ordering) {
            if !is_gone(core::ptr::from_ref(self).cast()) {
                self.0.store(pointer, order);
            }
        }
    }

    impl<T> Deref for AtomicPtr<T> {
        type Target = atomic::AtomicPtr<T>;

        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }

    /// Memory that no two threads may use at a time.
    #[derive(Debug)]
    pub(crate) struct Memory(Mutex<usize>);

    impl Memory {
        pub(crate) fn new(value: usize) -> Self {
            Self(Mutex::new(value))
        }

        /// In a model one thread runs at a time, up to its next atomic operation.
        pub(crate) fn replace(&self, value: usize) -> usize {
            core::mem::replace(&mut self.0.try_lock().unwrap(), value)
        }
    }

    macro_rules! one_for_all {
        ($(#[$doc:meta])* $vis:vis fn $name:ident() -> &'static $type:ty = $value:expr;) => {
            $(#[$doc])*
            $vis fn $name() -> &'static $type {
                shuttle::lazy_static! { static ref VALUE: $type = $value; }
                &VALUE
            }
        };
    }

    macro_rules! maker {
        ($(#[$doc:meta])* $vis:vis fn $name:ident() -> $type:ty $body:block) => {
            $(#[$doc])*
            $vis fn $name() -> $type $body
        };
    }

    pub(crate) use {maker, one_for_all};
}

/// How many orders of each kind are tried.
const ORDERS: usize = 3000;

/// Plays a scene in random orders, in half of them with few preemptions.
fn play(orders: usize, scene: impl Fn() + Copy + Send + Sync + 'static) {
    shuttle::check_random(scene, orders);
    shuttle::check_pct(scene, orders, 4);
}

#[test]
fn what_is_put_into_an_inbox_arrives_once() {
    play(ORDERS, || scenes::inbox(6, 8, 0));
}

#[test]
fn threads_that_are_gone_do_not_keep_others_from_an_inbox() {
    play(ORDERS, || scenes::inbox(6, 8, 3));
}

#[test]
fn a_slab_is_given_away_when_all_is_back_and_nobody_has_it_in_hand() {
    play(ORDERS, || scenes::slab(6, 8, 0, 20));
}

#[test]
fn what_comes_back_to_a_slab_in_use_is_found() {
    play(ORDERS, || scenes::slab(6, 8, 3, 20));
    play(ORDERS, || scenes::slab(3, 1, 3, 0));
}

#[test]
fn what_is_in_a_queue_is_found_by_its_mark() {
    play(ORDERS, || scenes::marks(8, 12));
}

#[test]
fn what_is_in_a_stack_has_one_owner() {
    play(ORDERS, scenes::stack_in_which_a_value_comes_back);
    play(ORDERS, || scenes::stack(6, 8));
}

#[test]
fn a_heap_whose_thread_rests_has_one_thread_at_a_time() {
    play(ORDERS, || scenes::rest(4, 6, 8));
}
