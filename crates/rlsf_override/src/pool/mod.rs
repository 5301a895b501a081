//! Heaps in memory of the caller's, for C: what `include/rlsf.h` and `include/tlsf.h` declare.
//!
//! ```text
//!   memory of the caller's
//!  +---------------+-----------------------------------+
//!  | control block | pool                              |      further pools anywhere
//!  +---------------+-----------------------------------+
//!   kind | bins
//! ```
//!
//! Nothing here knows an operating system, a lock or another allocator. Whatever C may hand in by mistake and
//! can be told apart from what is right (null, a range that wraps, memory that the heap has already) has a
//! defined answer; the rest is the caller's promise, as the headers say.

mod blocks;
mod control;
mod demand;
mod heap;
mod kind;
mod memory;
mod operations;
mod pools;
mod request;
mod status;
mod supply;
mod survey;
mod tlsf;
