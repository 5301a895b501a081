//! The library as C and C++ programs meet it: compiled here, linked or with the library
//! preloaded.

#![allow(clippy::unwrap_used)] // a test's way to fail

#[cfg(target_os = "linux")]
mod malloc;
mod pool;
mod pool_firmware;
mod pool_install;
mod pool_symbols;
mod pool_toolchain;
