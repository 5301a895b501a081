//! What a few threads do to the lock-free parts, and what must be true afterwards.

mod block;
mod gone;
mod inbox;
mod marks;
mod rest;
mod slab;
mod stack;

pub(crate) use gone::is_gone;
pub(crate) use inbox::inbox;
pub(crate) use marks::marks;
pub(crate) use rest::rest;
pub(crate) use slab::slab;
pub(crate) use stack::{stack, stack_in_which_a_value_comes_back};
