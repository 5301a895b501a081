//! Traces: what a program asked its heap for, to be replayed on any heap.
//!
//! Reading order: [`step`] is one operation; `encode` and `decode` have the format, `varint` its
//! numbers; [`mod@file`] the files, which are compressed; [`convert`] makes a trace of what the
//! preloaded library recorded.
//!
//! # The format
//!
//! ```text
//!   "rlsf-tr" | version 1 | number of steps | number of steps x word
//! ```
//!
//! All numbers are unsigned LEB128: seven bits a byte, the low ones first, the top bit set on all
//! bytes but the last, in no more bytes than the number takes. Blocks have numbers from zero in
//! the order in which they are allocated. A word's low bits tell what it is:
//!
//! | Low bits | Above them | Follows | What |
//! |---|---|---|---|
//! | `000` | size | | allocate, aligned to 16 |
//! | `100` | size | a byte: the alignment's logarithm | allocate, otherwise aligned |
//! | `01` | age | | free the block that is `age` allocations older than the latest |
//! | `10` | age | new size | resize that block |
//! | `011` | thread | | the next steps are this thread's; no step of its own |
//!
//! Threads are numbered from zero as they come; the first steps are thread 0's. Sizes are what
//! the program asked for, in bytes, zero included. Requests that failed are not in a trace.
//!
//! A trace has at most [`MOST_STEPS`] steps, and at no time more than [`MOST_LIVE_BYTES`] in live
//! blocks; alignments go up to 1 GiB. A file is a trace as it is, or compressed by gzip, which is
//! found out by its first bytes. `rlsf record` compresses.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod convert;
mod decode;
mod encode;
pub mod file;
pub mod step;
mod trace;
mod varint;

pub use decode::Fault;
pub use trace::{Figures, Trace};

/// The start of a trace, and the version of its format.
const MAGIC: [u8; 8] = *b"rlsf-tr\x01";

/// How many steps a trace has at most.
pub const MOST_STEPS: u64 = 1 << 26;

/// How many bytes are live in a trace at most: what a process of x86-64 can address.
pub const MOST_LIVE_BYTES: u64 = 1 << 47;

/// The alignment that C's `malloc` promises, which has no byte of its own.
const USUAL_ALIGN: u64 = 16;

/// The binary logarithm of the strongest alignment.
const LARGEST_ALIGN_LOG2: u8 = 30;
