//! What a case is made of.

use crate::deed::Deed;

/// What kind of misuse it is: a row of the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    DoubleFree,
    InvalidFree,
    InvalidRealloc,
    InvalidUsableSize,
    OverflowByOne,
    OverflowByMore,
    Underflow,
    DamagedHeader,
    WriteAfterFree,
}

impl Class {
    /// As the tables name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DoubleFree => "double free",
            Self::InvalidFree => "invalid free",
            Self::InvalidRealloc => "invalid realloc",
            Self::InvalidUsableSize => "invalid usable size",
            Self::OverflowByOne => "overflow by 1 byte",
            Self::OverflowByMore => "overflow by more",
            Self::Underflow => "underflow",
            Self::DamagedHeader => "damaged header",
            Self::WriteAfterFree => "write after free",
        }
    }
}

/// How much the misused block and its neighbours are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// One byte.
    Tiny,
    /// No multiple of a word.
    Odd,
    /// A byte less than a multiple of a word.
    Tight,
    Small,
    /// More than `ThreadedTlsf` serves from slabs.
    Middle,
    Large,
    Huge,
    /// As many bytes as a block for `Small` has: it has no slack.
    SmallSnug,
    MiddleSnug,
    LargeSnug,
    HugeSnug,
}

impl Size {
    /// What is asked for, or the size whose block is filled.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Tiny => 1,
            Self::Odd => 21,
            Self::Tight => 23,
            Self::Small | Self::SmallSnug => 24,
            Self::Middle | Self::MiddleSnug => 3000,
            Self::Large | Self::LargeSnug => 200_000,
            Self::Huge | Self::HugeSnug => 4 << 20,
        }
    }

    /// Whether as much is asked for as the heap gives anyway.
    pub(crate) const fn is_snug(self) -> bool {
        matches!(
            self,
            Self::SmallSnug | Self::MiddleSnug | Self::LargeSnug | Self::HugeSnug
        )
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Odd => "odd",
            Self::Tight => "tight",
            Self::Small => "small",
            Self::Middle => "middle",
            Self::Large => "large",
            Self::Huge => "huge",
            Self::SmallSnug => "small-snug",
            Self::MiddleSnug => "middle-snug",
            Self::LargeSnug => "large-snug",
            Self::HugeSnug => "huge-snug",
        }
    }
}

/// Where the blocks come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Malloc,
    Calloc,
    /// Half as large first.
    Realloc,
    /// Aligned to 64.
    Line,
    /// Aligned to 4096.
    Page,
}

impl Origin {
    pub(crate) const fn align(self) -> usize {
        match self {
            Self::Malloc | Self::Calloc | Self::Realloc => 8,
            Self::Line => 64,
            Self::Page => 4096,
        }
    }

    /// Its part of a case's name.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Malloc => "",
            Self::Calloc => "-calloc",
            Self::Realloc => "-realloc",
            Self::Line => "-aligned-64",
            Self::Page => "-aligned-4096",
        }
    }
}

/// Which thread commits the misuse.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hands {
    /// That whose blocks they are.
    Own,
    /// One that has never used the heap before.
    Other,
}

impl Hands {
    /// Its part of a case's name.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Own => "",
            Self::Other => "-other-thread",
        }
    }
}

/// One misuse of one block.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) class: Class,
    pub(crate) deed: Deed,
    pub(crate) size: Size,
    pub(crate) origin: Origin,
    pub(crate) hands: Hands,
}
