//! Heaps side by side in one run: exact instruction counts, efficiency and throughput.
//!
//! Reading order: `heap` is what a heap can do and [`heaps`] are the adapters; [`contestant`] puts
//! heaps of different types into one list and `open_heap` gives each a pool; [`check`] puts each to the test;
//! `mix` draws requests. On these stand [`instructions`] (with the crate `rlsf_stepper`), [`efficiency`],
//! [`throughput`] and [`traces`], which all answer with tables of `rlsf_bench_report`. [`threads`] compares heaps
//! that are the allocator of a process of their own.

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!("the suite counts instructions of x86-64 Linux processes: build it there");

mod arena;
pub mod check;
mod clock;
pub mod contestant;
pub mod efficiency;
mod fill;
mod heap;
pub mod heaps;
mod histogram;
pub mod instructions;
pub mod latency;
mod mix;
mod open_heap;
mod rng;
mod smallest;
pub mod threads;
pub mod throughput;
pub mod traces;
mod versions;
