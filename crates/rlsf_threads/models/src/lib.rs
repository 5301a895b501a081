//! Models of the lock-free parts of `rlsf_threads`; all of it is in the tests.
//!
//! `tests/loom.rs` and `tests/shuttle.rs` compile the very files of `rlsf_threads`, with the
//! atomics of the one and of the other in the place of the machine's. The scenes that both play
//! are in `tests/scenes`.
//!
//! loom goes through every order of the steps of two or three threads with at most three
//! preemptions each, and through what each load may see under C11's orderings; and it reports
//! every access that is not ordered after what it depends on. shuttle tries random orders of
//! longer scenes.
#![no_std]
