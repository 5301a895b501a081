//! The machine's atomics; the models put others in this module's place.

#[cfg(feature = "os")]
pub(crate) use core::sync::atomic::AtomicUsize;
pub(crate) use core::sync::atomic::{AtomicPtr, Ordering};

/// Defines a function that leads to a static of its own.
macro_rules! one_for_all {
    ($(#[$doc:meta])* $vis:vis fn $name:ident() -> &'static $type:ty = $value:expr;) => {
        $(#[$doc])*
        #[inline(always)]
        $vis const fn $name() -> &'static $type {
            static VALUE: $type = $value;
            &VALUE
        }
    };
}

/// Defines a function that makes a value, also for a static.
macro_rules! maker {
    ($(#[$doc:meta])* $vis:vis fn $name:ident() -> $type:ty $body:block) => {
        $(#[$doc])*
        $vis const fn $name() -> $type $body
    };
}

pub(crate) use {maker, one_for_all};
