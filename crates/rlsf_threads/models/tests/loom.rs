//! Every order of the steps of a few threads.

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

/// loom's atomics in the place of the machine's, and what the scenes need besides.
mod sync {
    use crate::scenes::is_gone;
    use loom::cell::UnsafeCell;
    use loom::sync::atomic;
    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
    pub(crate) use loom::thread;

    /// A pointer whose memory may be used for something else in the end.
    #[derive(Debug)]
    pub(crate) struct AtomicPtr<T>(atomic::AtomicPtr<T>, UnsafeCell<()>);

    // SAFETY: as loom's own; the cell has nothing in it.
    unsafe impl<T> Sync for AtomicPtr<T> {}

    impl<T> AtomicPtr<T> {
        pub(crate) fn new(pointer: *mut T) -> Self {
            Self(atomic::AtomicPtr::new(pointer), UnsafeCell::new(()))
        }

        /// Notes that the thread uses the memory.
        fn used(&self) -> &atomic::AtomicPtr<T> {
            self.1.with(drop);
            &self.0
        }

        /// The memory is used for something else now; loom reports who is not known to be
        /// through with it.
        pub(crate) fn retire(&self) {
            self.1.with_mut(drop);
        }

        pub(crate) fn load(&self, order: Ordering) -> *mut T {
            self.used().load(order)
        }

        pub(crate) fn store(&self, pointer: *mut T, order: Ordering) {
            if !is_gone(core::ptr::from_ref(self).cast()) {
                self.used().store(pointer, order);
            }
        }

        pub(crate) fn swap(&self, pointer: *mut T, order: Ordering) -> *mut T {
            self.used().swap(pointer, order)
        }

        pub(crate) fn compare_exchange_weak(
            &self,
            seen: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            self.used()
                .compare_exchange_weak(seen, new, success, failure)
        }
    }

    /// Memory that no two threads may use at a time.
    #[derive(Debug)]
    pub(crate) struct Memory(UnsafeCell<usize>);

    // SAFETY: loom reports two threads that use it at a time.
    unsafe impl Sync for Memory {}

    impl Memory {
        pub(crate) fn new(value: usize) -> Self {
            Self(UnsafeCell::new(value))
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
    play(3, || scenes::inbox(2, 1, 0));
    play(2, || scenes::inbox(2, 2, 0));
}

#[test]
fn threads_that_are_gone_do_not_keep_others_from_an_inbox() {
    play(3, || scenes::inbox(2, 1, 1));
    play(3, || scenes::inbox(2, 1, 2));
}

#[test]
fn a_slab_is_given_away_when_all_is_back_and_nobody_has_it_in_hand() {
    play(3, || scenes::slab(2, 1, 0, 2));
    play(2, || scenes::slab(2, 2, 0, 2));
}

#[test]
fn what_comes_back_to_a_slab_in_use_is_found() {
    play(3, || scenes::slab(2, 1, 1, 0));
    play(3, || scenes::slab(2, 1, 2, 0));
    play(3, || scenes::slab(2, 1, 1, 1));
    play(2, || scenes::slab(2, 2, 1, 1));
}

#[test]
fn what_is_in_a_queue_is_found_by_its_mark() {
    play(3, || scenes::marks(1, 2));
    play(3, || scenes::marks(2, 2));
    play(2, || scenes::marks(3, 2));
}

#[test]
fn what_is_in_a_stack_has_one_owner() {
    play(3, scenes::stack_in_which_a_value_comes_back);
    play(3, || scenes::stack(2, 1));
    play(2, || scenes::stack(2, 2));
}

#[test]
fn a_heap_whose_thread_rests_has_one_thread_at_a_time() {
    play(3, || scenes::rest(1, 1, 1));
    play(2, || scenes::rest(1, 2, 2));
    play(2, || scenes::rest(2, 1, 1));
}
