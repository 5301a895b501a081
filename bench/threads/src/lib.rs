//! Multithreaded workloads that run on the allocator of their process.
//!
//! Each program of this package has another `#[global_allocator]` and nothing else of its own:
//! [`program`] runs one of the [`workload`]s, or measures [`latency`], and prints what it took as
//! lines of JSON. `rlsf-bench threads` and `rlsf-bench latency` start these programs.

mod block;
pub mod latency;
pub mod program;
mod usage;
pub mod workload;
