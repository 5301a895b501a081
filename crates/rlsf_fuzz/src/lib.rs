//! What the fuzz targets do with an input.
//!
//! A target is an ordinary function: it takes any bytes, reads a program of operations from them, plays it
//! on a heap beside a model, and returns how many operations it did. It panics if the heap and the model
//! disagree. The programs of `fuzz` hand it what libFuzzer makes up; the tests here replay the corpus.
//!
//! Reading order: [`input`] is a program in bytes; [`model`] what every heap must do, and [`Subject`] what
//! it is asked of; then one file a target.

#![allow(clippy::missing_panics_doc)] // all of it panics at a fault: that is what it is for

#[cfg(unix)]
pub mod c_abi;
pub mod core;
pub mod flex;
#[cfg(unix)]
pub mod global;
pub mod input;
pub mod model;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64"
))]
pub mod threads;
pub mod trace;

// The functions of `rlsf.h`, in this very program: the library that has them ends the process where it should panic.
#[path = "../../rlsf_override/src/pool/mod.rs"]
mod pool;

pub use input::Input;
pub use model::{Faithful, Subject, Wrap};

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]) -> usize);

/// Every target.
pub const TARGETS: &[Target] = &[
    ("core", core::run::<Faithful>),
    ("flex", flex::run::<Faithful>),
    #[cfg(unix)]
    ("global", global::run::<Faithful>),
    #[cfg(unix)]
    ("c_abi", c_abi::run::<Faithful>),
    ("trace", trace::run),
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64"
    ))]
    ("threads", threads::run::<Faithful>),
];
