//! Heaps side by side in one run: exact instruction counts, memory utilisation and time.
//!
//! Reading order: `heap` is what a heap can do and [`heaps`] are the adapters; [`contestant`] puts
//! heaps of different types into one list and `open_heap` gives each a pool; `mix` draws requests.
//! On these stand the four commands, [`instructions`] (with the crate `rlsf_stepper`), [`utilisation`],
//! [`time`] and [`traces`], which all answer with [`table`]s. [`threads`] compares heaps that are the allocator of a
//! process of their own.

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!("the suite counts instructions of x86-64 Linux processes: build it there");

mod arena;
mod clock;
pub mod contestant;
mod fill;
mod heap;
pub mod heaps;
mod histogram;
pub mod instructions;
pub mod machine;
mod mix;
mod open_heap;
mod rng;
pub mod table;
pub mod threads;
pub mod time;
pub mod traces;
pub mod utilisation;
mod versions;
