//! A stack that any thread pushes to and pops from, with no lock.
//!
//! Its top is a pointer with a counter in the bits that a pointer does not use, so that what was
//! popped and has come back is not mistaken for what has stayed.

use crate::address;
use crate::sync::{maker, AtomicPtr, Ordering};
use core::mem::align_of;
use core::ptr::{null_mut, NonNull};

/// What can be in a stack.
///
/// # Safety
///
/// The same link each time.
pub(crate) unsafe trait Stacked: Sized {
    /// The link to the next one.
    fn next(&self) -> &AtomicPtr<Self>;
}

/// A stack of values that stay where they are for ever.
#[derive(Debug)]
pub(crate) struct Stack<T>(AtomicPtr<T>);

/// A top: the first value, and how often something was popped.
struct Top<T>(*mut T);

impl<T> Clone for Top<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Top<T> {}

impl<T> Top<T> {
    /// The bits of the counter below the pointer's, and above them.
    const LOW: usize = align_of::<T>() - 1;
    const HIGH: usize = !0 << address::BITS;

    /// The counter's bits, in their places.
    fn counter(self) -> usize {
        self.0 as usize & (Self::LOW | Self::HIGH)
    }

    fn first(self) -> *mut T {
        self.0.wrapping_byte_sub(self.counter())
    }

    /// The same counter beside another first value.
    fn with(self, first: *mut T) -> Self {
        Self(first.wrapping_byte_add(self.counter()))
    }

    /// The next counter beside another first value.
    fn popped_to(self, first: *mut T) -> Self {
        // With all of the pointer's bits set, a carry passes them.
        let between = !(Self::LOW | Self::HIGH);
        let counter = (self.counter() | between).wrapping_add(1) & !between;
        Self(first.wrapping_byte_add(counter))
    }
}

impl<T: Stacked> Stack<T> {
    maker! {
        /// A stack with nothing in it.
        pub(crate) fn new() -> Self {
            Self(AtomicPtr::new(null_mut()))
        }
    }

    /// Adds a value.
    ///
    /// # Safety
    ///
    /// It stays where it is for ever, is in no stack, and nobody else uses it.
    pub(crate) unsafe fn push(&self, value: NonNull<T>) {
        let mut top = Top(self.0.load(Ordering::Relaxed));
        loop {
            // SAFETY: the caller's promise.
            let next = unsafe { value.as_ref() }.next();
            next.store(top.first(), Ordering::Relaxed);
            match self.replace(top, top.with(value.as_ptr())) {
                Ok(()) => return,
                Err(other) => top = other,
            }
        }
    }

    /// Takes a value, and with it everything that was written to it before it was pushed.
    pub(crate) fn pop(&self) -> Option<NonNull<T>> {
        let mut top = Top(self.0.load(Ordering::Acquire));
        loop {
            let first = NonNull::new(top.first())?;
            // SAFETY: it stays for ever, although it may be popped and in use by now. Then the
            // counter has changed.
            let next = unsafe { first.as_ref() }.next();
            match self.replace(top, top.popped_to(next.load(Ordering::Relaxed))) {
                Ok(()) => return Some(first),
                Err(other) => top = other,
            }
        }
    }

    /// Puts a new top in the place of the one that was seen, or tells what is there.
    fn replace(&self, seen: Top<T>, new: Top<T>) -> Result<(), Top<T>> {
        let replaced =
            self.0
                .compare_exchange_weak(seen.0, new.0, Ordering::AcqRel, Ordering::Acquire);
        replaced.map(drop).map_err(Top)
    }
}
