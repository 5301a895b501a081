//! The C library's allocation functions, as its manual pages have them, and C++'s
//! operators.
//!
//! ```text
//!   plain  aligned  glibc  operators  introspect  trim  what programs call
//!     |       |       |        |          |        |
//!     +-------+-------+--------+----------+--------+--> heap --> rlsf::GlobalTlsf
//!                                               |
//!   start --> settings, observe                 +--> observe, misuse
//!                                                       |      |
//!              counters, recorder, faults, callers <----+      +--> callers
//!   start, exit --> report
//! ```
//!
//! Nothing here allocates, and nothing calls what might: a message is a buffer on the stack
//! and one `write`.

// A function that does one thing is meant to be one piece.
#![allow(clippy::inline_always)]

mod aligned;
#[cfg_attr(
    not(all(feature = "hardened", target_env = "gnu", target_pointer_width = "64")),
    path = "callers/none.rs"
)]
mod callers;
mod counters;
mod errno;
#[cfg(target_os = "linux")]
mod exit;
mod faults;
#[cfg_attr(not(feature = "hardened"), path = "form/plain.rs")]
#[cfg_attr(feature = "hardened", path = "form/hardened.rs")]
mod form;
#[cfg(target_env = "gnu")]
mod glibc;
mod heap;
mod introspect;
mod message;
mod misuse;
mod observe;
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
mod operators;
#[cfg(panic = "abort")]
mod panic;
mod plain;
mod recorder;
mod report;
mod settings;
mod start;
mod trim;
