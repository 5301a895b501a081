//! All tests of the crate's public face; one file a subject.

mod alignment;
mod bad_input;
mod bound;
mod corruption;
mod examples;
mod global;
mod int;
mod layouts;
mod parameters;
mod pools;
mod random;
mod refit;
mod resizing;
mod statistics;
