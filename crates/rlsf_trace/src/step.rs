//! One operation of a program.

/// What a program asks of its heap. Blocks are numbered from zero as they are allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The next block comes.
    Allocate {
        /// In bytes; may be zero.
        size: u64,
        /// In bytes, a power of two.
        align: u64,
    },
    /// A block goes.
    Free {
        /// Its number.
        id: u32,
    },
    /// A block gets another size, and stays aligned as it was.
    Resize {
        /// Its number.
        id: u32,
        /// In bytes; may be zero.
        size: u64,
    },
}

/// An operation, and who asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The thread's number.
    pub thread: u32,
    /// What it does.
    pub operation: Operation,
}
