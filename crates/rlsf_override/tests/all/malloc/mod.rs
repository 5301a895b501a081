//! The malloc family.

mod calls;
mod faults;
mod misuse;
mod operators;
mod program;
mod promises;
mod recording;
mod settings;
mod statically;
