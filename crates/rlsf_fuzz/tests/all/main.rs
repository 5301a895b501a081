//! The corpus, replayed; and whether it finds what it is for.

#![allow(clippy::unwrap_used)] // a test's way to fail

mod planted;
mod replay;
