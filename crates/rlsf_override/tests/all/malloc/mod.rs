//! The malloc family.

mod misuse;
mod operators;
mod program;
mod promises;
mod settings;
mod statically;
