#![no_std]
//! The C side of `rlsf`.
//!
//! - `malloc`: the C library's allocation functions, for programs that know nothing of us.

#[cfg(all(feature = "malloc", not(feature = "pool-only")))]
extern crate std;

#[cfg(all(feature = "malloc", not(feature = "pool-only")))]
mod malloc;
