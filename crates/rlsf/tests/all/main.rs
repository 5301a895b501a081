//! All tests of the crate's public face; one file a subject.
//!
//! The program that runs them allocates from `GlobalTlsf` itself.
#![allow(clippy::unwrap_used)] // a test's way to fail

#[cfg(target_os = "linux")]
#[global_allocator]
static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();

mod alignment;
#[cfg(feature = "allocator-api2")]
mod allocator_api;
mod bad_input;
mod bound;
#[cfg(any(debug_assertions, feature = "hardened"))]
mod checks;
#[cfg(target_os = "linux")]
mod child;
mod corruption;
mod exact;
mod examples;
mod exchange;
#[cfg(feature = "fill")]
mod fills;
mod flex;
#[cfg(target_os = "linux")]
mod glances;
mod global;
#[cfg(feature = "hardened")]
mod hardened;
mod idle;
mod int;
#[cfg(all(target_os = "linux", feature = "hardened"))]
mod keys;
mod layouts;
mod locked;
mod parameters;
mod pools;
mod published;
mod random;
mod refit;
#[cfg(any(debug_assertions, feature = "hardened"))]
mod reports;
mod resizing;
mod search;
#[cfg(target_os = "linux")]
mod sharing;
mod slabs;
#[cfg(feature = "stats")]
mod statistics;
#[cfg(feature = "hardened")]
mod steps;
#[cfg(target_os = "linux")]
mod untrusted;
#[cfg(target_os = "linux")]
mod upkeep;
mod verbs;
