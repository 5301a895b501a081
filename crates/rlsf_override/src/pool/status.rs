//! What a function answers that can fail or finds fault: a code, and a sentence for it.

use core::ffi::{c_char, c_int, CStr};
use core::ptr::{null, with_exposed_provenance};
use rlsf::{RemovePoolError, Violation};

/// The codes of `rlsf.h`, which has them under the same numbers.
#[derive(Clone, Copy)]
#[repr(i32)]
pub(super) enum Status {
    Ok = 0,
    Null = 1,
    Range = 2,
    TooSmall = 3,
    Overlap = 4,
    NoPool = 5,
    InUse = 6,
    BrokenPoolEnd = 16,
    BrokenSize = 17,
    BrokenPrevFlag = 18,
    BrokenTag = 19,
    FreeNeighbours = 20,
    BrokenList = 21,
    BrokenBitmap = 22,
    BrokenSums = 23,
    BrokenStatistics = 24,
    Broken = 25,
}

/// Every code but that of success, with its sentence.
const SENTENCES: [(Status, &CStr); 16] = [
    (Status::Null, c"a pointer is null"),
    (
        Status::Range,
        c"the memory passes the end of the address space",
    ),
    (Status::TooSmall, c"the memory is too small"),
    (
        Status::Overlap,
        c"the memory overlaps the heap's control block or one of its pools",
    ),
    (
        Status::NoPool,
        c"no pool of this heap begins in the memory, or ends where it begins",
    ),
    (Status::InUse, c"the pool holds blocks that are in use"),
    (
        Status::BrokenPoolEnd,
        c"the words that end a pool are overwritten",
    ),
    (Status::BrokenSize, c"a block's header is overwritten"),
    (
        Status::BrokenPrevFlag,
        c"a block's header is wrong about the block before",
    ),
    (
        Status::BrokenTag,
        c"the last word of a free block is overwritten",
    ),
    (Status::FreeNeighbours, c"two free blocks are neighbours"),
    (
        Status::BrokenList,
        c"the list of free blocks of a size is broken",
    ),
    (
        Status::BrokenBitmap,
        c"a bit of the control block does not tell whether its list has a block",
    ),
    (
        Status::BrokenSums,
        c"the free blocks in the lists are not those in the pools",
    ),
    (
        Status::BrokenStatistics,
        c"the statistics differ from what the pools hold",
    ),
    (Status::Broken, c"the heap is broken"),
];

impl Status {
    /// As C gets it.
    pub(super) const fn code(self) -> c_int {
        self as c_int
    }

    /// Success, or why not.
    pub(super) fn of<T>(result: Result<T, Self>) -> c_int {
        result.err().unwrap_or(Self::Ok).code()
    }
}

impl From<RemovePoolError> for Status {
    fn from(error: RemovePoolError) -> Self {
        match error {
            RemovePoolError::InUse => Self::InUse,
            _ => Self::NoPool,
        }
    }
}

impl From<Violation> for Status {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::PoolList { .. } => Self::BrokenPoolEnd,
            Violation::Size { .. } => Self::BrokenSize,
            Violation::PrevFlag { .. } => Self::BrokenPrevFlag,
            Violation::Tag { .. } => Self::BrokenTag,
            Violation::FreeNeighbours { .. } => Self::FreeNeighbours,
            Violation::List { .. } => Self::BrokenList,
            Violation::Bitmap { .. } => Self::BrokenBitmap,
            Violation::Sums => Self::BrokenSums,
            Violation::Statistics => Self::BrokenStatistics,
            _ => Self::Broken,
        }
    }
}

/// Where the fault is, if it has a place.
pub(super) fn place(violation: Violation) -> *const u8 {
    match violation {
        Violation::PoolList { address }
        | Violation::Size { address }
        | Violation::PrevFlag { address }
        | Violation::Tag { address }
        | Violation::FreeNeighbours { address }
        | Violation::Seal { address }
        | Violation::Slack { address }
        | Violation::List { address } => with_exposed_provenance(address),
        _ => null(),
    }
}

/// `rlsf_strerror` of `rlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn rlsf_strerror(status: c_int) -> *const c_char {
    if status == Status::Ok.code() {
        return c"success".as_ptr();
    }
    let mut known = SENTENCES.iter();
    known
        .find(|(known, _)| known.code() == status)
        .map_or(c"no status of rlsf".as_ptr(), |(_, sentence)| {
            sentence.as_ptr()
        })
}
