#![no_std]
// The operations are straight-line code that is meant to be one piece.
#![allow(clippy::inline_always)]
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
//! # Reading order
//!
//! `class`, `link`, `stock`, `slab` (small blocks, no thread in them); `segment`, `map`, `supply`
//! (memory); `intake`, `heap` (a thread's); `heaps`, `stack`, `orphans`, `current` (which thread);
//! `threaded` (the allocator), `misuse` (for programs that are not trusted); `upkeep`,
//! `statistics`, `validate`. `sync` is what the models of `link`, `intake`, `stock` and `stack` replace.

mod class;
mod current;
mod heap;
mod heaps;
mod intake;
mod link;
mod map;
mod misuse;
mod orphans;
mod places;
mod segment;
mod slab;
mod stack;
mod statistics;
mod stock;
mod supply;
mod sync;
mod tally;
mod threaded;
mod upkeep;
mod validate;

pub use statistics::Statistics;
pub use threaded::ThreadedTlsf;
pub use validate::Violation;
