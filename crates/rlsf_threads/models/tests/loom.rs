//! Every order of the steps of a few threads.

#![allow(clippy::unwrap_used)] // a test's way to fail

#[path = "../../src/intake.rs"]
#[allow(dead_code)] // `rlsf_threads` uses all of it
mod intake;
#[path = "../../src/link.rs"]
#[allow(dead_code)]
mod link;
mod scenes;
#[path = "../../src/stack.rs"]
mod stack;
#[path = "../../src/stock.rs"]
#[allow(dead_code)]
mod stock;

/// loom's atomics in the place of the machine's, and what the scenes need besides.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
    pub(crate) use loom::thread;

    /// Memory that no two threads may use at a time.
    #[derive(Debug)]
    pub(crate) struct Memory(loom::cell::UnsafeCell<usize>);

    // SAFETY: loom reports two threads that use it at a time.
    unsafe impl Sync for Memory {}

    impl Memory {
        pub(crate) fn new(value: usize) -> Self {
            Self(loom::cell::UnsafeCell::new(value))
        }

        pub(crate) fn replace(&self, value: usize) -> usize {
            // SAFETY: loom has checked that nobody else uses it.
            self.0.with_mut(|memory| unsafe { memory.replace(value) })
        }
    }

    macro_rules! one_for_all {
        ($(#[$doc:meta])* $vis:vis fn $name:ident() -> &'static $type:ty = $value:expr;) => {
            $(#[$doc])*
            $vis fn $name() -> &'static $type {
                loom::lazy_static! { static ref VALUE: $type = $value; }
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

/// Plays a scene in every order with at most so many preemptions.
fn play(preemptions: usize, scene: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(scene);
}

#[test]
fn what_is_put_into_an_inbox_arrives_once() {
    play(3, || scenes::inbox(2, 1));
    play(2, || scenes::inbox(2, 2));
}

#[test]
fn a_slab_is_given_away_when_all_is_back_and_nobody_has_it_in_hand() {
    play(3, || scenes::slab(2, 1, 1));
    play(2, || scenes::slab(2, 2, 2));
}

#[test]
fn what_is_in_a_stack_has_one_owner() {
    play(3, || scenes::stack_in_which_a_value_comes_back());
    play(3, || scenes::stack(2, 1));
    play(2, || scenes::stack(2, 2));
}
