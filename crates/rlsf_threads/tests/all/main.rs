//! The heaps of a process's threads, as programs use them.

#![allow(clippy::unwrap_used)] // a test's way to fail

mod alone;
mod block;
mod contents;
mod cores;
mod crowd;
mod forks;
mod idle;
mod lives;
mod noted;
mod process;
mod queue;
mod quick;
mod reserved;
mod sizes;
mod slices;
mod upkeep;
