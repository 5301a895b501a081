//! What a certificate needs to know of one instruction, whatever the processor.

use core::fmt;

/// One instruction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) address: u64,
    /// Its bytes.
    pub(super) length: u64,
    /// Whether it means this only when it is reached from the one before it in memory.
    pub(super) bound: bool,
    pub(super) flow: Flow,
    pub(super) cycles: Cycles,
}

impl Instruction {
    /// What stands at `address` and is no instruction that we know.
    pub(super) fn unknown(address: u64) -> Self {
        Self {
            address,
            length: 1,
            bound: false,
            flow: Flow::Stop(Fault::Unknown(address)),
            cycles: Cycles::default(),
        }
    }

    /// Where the next one in memory begins.
    pub(super) fn end(&self) -> u64 {
        self.address + self.length
    }
}

/// Where the processor goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// At the next instruction in memory.
    Next,
    /// At another address; if conditional, there or at the next instruction.
    Jump { to: u64, conditional: bool },
    /// At the function's caller; if conditional, there or at the next instruction.
    Return { conditional: bool },
    /// In another function, and then at the next instruction.
    Call { to: u64 },
    /// Where no run in question goes.
    Excluded,
    /// Where nobody can say, or not at all.
    Stop(Fault),
}

/// The most cycles that an instruction takes; 0 where no documented figure is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cycles {
    /// When the processor goes on at the next instruction.
    pub(super) next: u64,
    /// When it goes on elsewhere.
    pub(super) taken: u64,
}

/// What no certified operation may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A call of a function that is not among those allowed.
    Call(String),
    /// A way to what panics.
    Panic(String),
    /// A jump to where a register or memory says.
    IndirectJump,
    /// A jump to where the file has no code.
    Outside,
    /// An instruction that stops the program.
    Trap,
    /// A way back to where the code has been.
    Loop,
    /// Bytes that are no instruction that we know.
    Unknown(u64),
    /// An instruction without a documented timing.
    NoTiming(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(name) => write!(f, "calls {name}"),
            Self::Panic(name) => write!(f, "can panic: {name}"),
            Self::IndirectJump => write!(f, "jumps to a computed address"),
            Self::Outside => write!(f, "jumps to where there is no code"),
            Self::Trap => write!(f, "traps"),
            Self::Loop => write!(f, "loops"),
            Self::Unknown(address) => write!(f, "has no known instruction at {address:#x}"),
            Self::NoTiming(text) => write!(f, "has no documented timing for `{text}`"),
        }
    }
}
