//! The heaps of a process's threads, as programs use them.

#![allow(clippy::unwrap_used)] // a test's way to fail

mod contents;
mod process;
mod upkeep;
