//! What rlsf's tests share.
//!
//! - [`Arena`]: memory for pools, at any offset, with guard bytes around it.
//! - [`Op`]: one step of a random or fuzzed test.
//! - [`Live`]: a live block, and the contents that it must keep.
//! - [`Checked`]: a heap beside a naive model; every step checks the answer, the
//!   contents of every live block and every invariant of the heap.
//! - [`picture`]: a heap's layout as a line of text.

mod arena;
mod checked;
mod live;
mod op;
mod picture;

pub use arena::Arena;
pub use checked::Checked;
pub use live::Live;
pub use op::Op;
pub use picture::picture;
