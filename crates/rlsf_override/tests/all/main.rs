//! C and C++ programs on our heap: compiled here, with the library preloaded.
#![allow(clippy::unwrap_used)] // a test's way to fail

#[cfg(target_os = "linux")]
mod malloc;
