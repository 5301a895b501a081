#![no_std]
// The operations are straight-line code that is meant to be one piece.
#![allow(clippy::inline_always)]
//! A memory allocator whose worst case is known: two-level segregated fit (TLSF).
//!
//! Allocation, deallocation and resizing in place take constant time, whatever the
//! heap has been through. [`Tlsf`] serves requests from memory that you give it, a
//! `static` array on a microcontroller or pages on a server; [`GlobalTlsf`] takes
//! pages from the system by itself and is a program's `#[global_allocator]`.
//!
//! # The algorithm on one page
//!
//! Memory is cut into **blocks** that lie end to end in **pools**. A block costs one
//! word beyond its payload; sizes and payload addresses are multiples of
//! [`GRANULARITY`]. Free blocks are kept in **bins** by size, each a linked list,
//! and two levels of bitmaps tell which bins have a block:
//!
//! ```text
//!  request of n bytes
//!      |  size   = n + one word, rounded up                       size
//!      |  bin    = a small float of the size                      bin
//!      v
//!  first level   0 1 0 1    a bit a row (an octave of sizes)      bins
//!  second level  0 0 1 0    a bit a bin
//!      |         find the first set bit at or above the bin
//!      v
//!  free block ---> split: the front is used, the rest is filed    block
//! ```
//!
//! Freeing looks at the two neighbours in memory: the next block's header, and the
//! word before this block's own header, in which a free block leaves its size (the
//! boundary tag). Free neighbours are merged at once, so two free blocks are never
//! neighbours, and the block is filed in its bin. Nothing in either direction is a
//! search or a loop.
//!
//! Three things are different from the paper (Masmano, Ripoll, Crespo, Real, "TLSF: a
//! new dynamic memory allocator for real-time systems", ECRTS 2004): a used block has
//! no second word, a request looks into the bin of its own size before it goes to the
//! next (so what was freed can always be had again), and an over-aligned block leaves
//! the gap before it free.
//!
//! # A pool that never fails
//!
//! [`Tlsf::sufficient_pool_size`] computes at compile time the pool in which a program
//! that keeps to a [`Demand`] never sees a request fail, and [`Demand::is_kept`] checks
//! the promise against the heap's high-water marks.
//!
//! # Checks
//!
//! [`Tlsf::validate`] checks every invariant of the heap. With debug assertions, every
//! operation that takes a pointer checks it in constant time (and in time linear in the
//! number of pools): a double free, a foreign pointer or an overwritten header ends in a
//! panic with a message.
//!
//! With the feature `hardened` the checks are in every build and take constant time. Every
//! header is sealed with a key of the heap, the links of free blocks are hidden by it, and
//! the bytes of a block that nobody asked for hold a pattern. Whatever an operation reads of
//! the heap's own words it checks before it follows from it; what it meets it tells
//! [`set_misuse_handler`]'s function in a [`Report`], and panics. See `set_key` of
//! [`Tlsf`] for the key.
//!
//! # Features
//!
//! - `stats` (default): exact counters in constant time, `Tlsf::statistics`.
//! - `hardened`: sealed headers, and checks of every operation in release builds.
//! - `std`: `std::error::Error` for the error types.
//! - `const-default`: `ConstDefault` for the heaps.
//! - `critical-section`: `CriticalSection`, a lock for [`Locked`].
//! - `lock_api`: every `lock_api::RawMutex` is a lock for [`Locked`].
//! - `allocator-api2`: `Allocator` (of `allocator-api2` 0.2) for `&Locked`.
//! - `unstable`: accepted and empty.
//!
//! # Reading order
//!
//! `size`, `bin` (arithmetic); `header`, `block` (memory); `bins`, `pool`;
//! `tlsf`, `deallocate`, `align`, `realloc`, `supply`; then what looks on: `walk`, `validate`,
//! `figures`, `stats`, `demand`, `stride`, `check`; and `slabs`, `locked`, `global` on top.

#[cfg(feature = "std")]
extern crate std;

mod align;
#[cfg(feature = "allocator-api2")]
mod allocator_api;
mod bin;
mod bins;
mod block;
mod check;
#[cfg(any(test, target_arch = "wasm32"))]
mod compact;
mod deallocate;
mod demand;
mod exchange;
mod figures;
mod flex;
#[cfg(unix)]
mod global;
#[cfg(target_arch = "wasm32")]
#[path = "global/wasm32.rs"]
mod global;
mod growth;
mod header;
mod heap;
mod idle;
pub mod int;
mod lock;
mod locked;
mod log2;
mod memory;
mod misuse;
mod oom;
mod pool;
mod realloc;
mod region;
mod seal;
mod size;
mod slabs;
mod source;
mod stats;
mod stride;
mod supply;
mod tlsf;
mod validate;
mod walk;
mod watch;

pub use demand::Demand;
pub use flex::FlexTlsf;
#[cfg(unix)]
pub use global::ReserveError;
#[cfg(any(unix, target_arch = "wasm32"))]
pub use global::{CAlloc, GlobalTlsf, GlobalTlsfOptions, SmallGlobalTlsf, SmallGlobalTlsfOptions};
pub use heap::Heap;
pub use idle::{IdlePlace, TrimStep};
#[cfg(feature = "critical-section")]
pub use lock::CriticalSection;
pub use lock::{Lock, NoLock};
pub use locked::{InitError, Locked};
pub use memory::Region;
pub use misuse::{set_misuse_handler, Misuse, MisuseHandler, Operation, Report};
pub use oom::{OutOfMemory, OutOfMemoryHook};
pub use size::GRANULARITY;
pub use slabs::SlabTlsf;
pub use source::{FlexSource, GlobalAllocAsFlexSource};
pub use stats::Statistics;
pub use stride::Stride;
pub use supply::RemovePoolError;
pub use tlsf::Tlsf;
pub use validate::Violation;
pub use walk::{BlockInfo, PoolInfo};
#[cfg(feature = "fill")]
pub use watch::{set_fills, Fills};

/// The examples of the project's front page, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct ReadMe;
