//! Locks for heaps that several threads share: one file a lock.

pub(crate) mod futex;
