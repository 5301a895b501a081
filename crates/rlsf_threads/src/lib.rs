#![no_std]
// The operations are straight-line code that is meant to be one piece.
#![allow(clippy::inline_always)]
// What only threads use of the modules that cores use, too.
#![cfg_attr(not(feature = "os"), allow(dead_code))]
//! A heap a thread: as fast as allocators with size classes, and every operation bounded.
//!
//! ```text
//! a thread's heap                                         found through one variable of the thread
//!   small    slabs of one size class, 16 KiB              pop, push
//!   middle   `rlsf::Tlsf`: larger blocks, and the slabs   constant time
//!   inboxes  what other threads freed                     one swap and one store to put in
//! segment    4 MiB, of one heap: a pool of its `Tlsf`
//! supply     one `rlsf::GlobalTlsf`: the segments, and requests above 256 KiB
//! ```
//!
//! A block is freed into the heap that it came from. Another thread than the owner puts it into
//! an inbox, with no lock and no loop; the owner takes a bounded number out again in each of its
//! own operations. A thread that ends leaves its heap to the next one that begins.
//!
//! Without an operating system, [`PerCore`] is the same for cores and interrupt handlers.
//!
//! # Features
//!
//! - `os` (default): [`ThreadedTlsf`], for Linux on x86-64 and 64-bit Arm. Without it the crate is for any
//!   target that has an atomic swap of pointers.
//! - `stats` (default): counters in O(1).
//! - `hardened`: the checked operations find what is written behind a block, and to a free one.
//!
//! # Reading order
//!
//! `class`, `link`, `stock`, `slab` (small blocks, no thread in them); `segment`, `map`, `supply`
//! (memory); `quick`, `intake`, `heap` (a thread's); `heaps`, `stack`, `orphans`, `current` (which thread);
//! `threaded` (the allocator), `misuse` (for programs that are not trusted); `upkeep`,
//! `statistics`, `validate`; `per_core` (without an operating system). `sync` is what the models of `link`, `intake`, `stock` and `stack` replace.

#[cfg(all(
    feature = "os",
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64"
    ))
))]
compile_error!("the feature `os` is for Linux on x86-64 and 64-bit Arm; `PerCore` does without it");

#[cfg(feature = "os")]
mod address;
#[cfg(feature = "os")]
mod class;
#[cfg(feature = "os")]
mod current;
#[cfg(feature = "hardened")]
mod damage;
#[cfg_attr(not(feature = "hardened"), path = "disguise/plain.rs")]
#[cfg_attr(feature = "hardened", path = "disguise/keyed.rs")]
mod disguise;
#[cfg(feature = "os")]
mod heap;
#[cfg(feature = "os")]
mod heaps;
mod intake;
mod link;
#[cfg(feature = "os")]
mod map;
#[cfg(feature = "os")]
mod marks;
#[cfg(feature = "os")]
mod misuse;
#[cfg(feature = "os")]
mod orphans;
mod per_core;
#[cfg(feature = "os")]
mod places;
#[cfg(feature = "os")]
mod quick;
#[cfg(feature = "os")]
mod reserved;
#[cfg(feature = "hardened")]
mod secret;
#[cfg(feature = "os")]
mod segment;
#[cfg(feature = "os")]
mod slab;
#[cfg(feature = "os")]
mod stack;
#[cfg(feature = "os")]
mod statistics;
#[cfg(feature = "os")]
mod stock;
#[cfg(feature = "os")]
mod supply;
mod sync;
#[cfg(feature = "os")]
mod tally;
#[cfg(feature = "os")]
mod threaded;
#[cfg(feature = "os")]
mod upkeep;
#[cfg(feature = "os")]
mod vacant;
#[cfg(feature = "os")]
mod validate;

pub use per_core::{Cores, PerCore};
#[cfg(feature = "os")]
pub use rlsf::TrimStep;
#[cfg(feature = "os")]
pub use statistics::Statistics;
#[cfg(feature = "os")]
pub use threaded::ThreadedTlsf;
#[cfg(feature = "os")]
pub use validate::Violation;
