//! The library as a C program meets it.

#![allow(clippy::unwrap_used)] // a test's way to fail

mod pool;
mod pool_firmware;
mod pool_install;
mod pool_symbols;
mod pool_toolchain;
