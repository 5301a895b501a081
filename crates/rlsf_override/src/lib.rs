#![no_std]
//! The C side of `rlsf`.
//!
//! - `malloc`: the C library's allocation functions, for programs that know nothing of us. On
//!   Linux.
//! - `pool`: heaps in memory of the caller's, without std, for firmware, too.

// Only where panics unwind, which takes `std`: in tests and debug builds.
#[cfg(all(feature = "malloc", not(feature = "pool-only"), panic = "unwind"))]
extern crate std;

#[cfg(all(feature = "malloc", not(feature = "pool-only"), target_os = "linux"))]
mod malloc;
#[cfg(any(
    not(all(feature = "malloc", not(feature = "pool-only"))),
    all(not(target_os = "linux"), panic = "abort")
))]
mod panic;
mod pool;
