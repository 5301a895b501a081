//! Every invariant of a process's heaps as code.

use crate::heap::HeapRef;
use crate::heaps;
use crate::supply::SUPPLY;
use crate::threaded::ThreadedTlsf;
use core::fmt;

/// The first broken invariant that [`ThreadedTlsf::validate`] met.
///
/// ```
/// let violation = rlsf_threads::Violation::Slab { address: 0x4000 };
/// assert_eq!(violation.to_string(), "the blocks of the slab at 0x4000 are not each in one place");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// One of a heap's `Tlsf`, or of the heap behind all others.
    Blocks(rlsf::Violation),
    /// A heap's segments are not the pools of its `Tlsf`.
    Segments {
        /// The heap.
        heap: usize,
    },
    /// A heap does not know how many of its slabs have no block in use.
    Resting {
        /// The heap.
        heap: usize,
    },
    /// A segment is another heap's, or does not know what is in use, or where slabs are.
    Segment {
        /// The segment.
        address: usize,
    },
    /// A block of a slab is not just one of: in use, free, given back by another thread, or never
    /// used; or the slab is not where its blocks say.
    Slab {
        /// The slab.
        address: usize,
    },
    /// A block does not rest in the list where it belongs, or the heap has counted otherwise.
    Rest {
        /// The block, or the heap.
        address: usize,
    },
    /// What waits in an inbox is not the heap's, or something is missing there.
    Inbox {
        /// The block, or the heap.
        address: usize,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Blocks(violation) => violation.fmt(f),
            Self::Segments { heap } => {
                write!(f, "the segments of the heap at {heap:#x} are not its pools")
            }
            Self::Resting { heap } => {
                write!(
                    f,
                    "the heap at {heap:#x} does not know its slabs without blocks"
                )
            }
            Self::Segment { address } => {
                write!(f, "the segment at {address:#x} does not know its blocks")
            }
            Self::Slab { address } => write!(
                f,
                "the blocks of the slab at {address:#x} are not each in one place"
            ),
            Self::Rest { address } => {
                write!(f, "what rests is wrong at {address:#x}")
            }
            Self::Inbox { address } => {
                write!(f, "what waits in an inbox is wrong at {address:#x}")
            }
        }
    }
}

/// The violation, unless what it denies holds.
pub(crate) fn demand(holds: bool, otherwise: Violation) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(otherwise)
    }
}

impl ThreadedTlsf {
    /// Checks every invariant of all heaps of the process: that every byte of a segment is in
    /// just one place, and that each place is found.
    ///
    /// Takes time linear in the number of blocks.
    ///
    /// ```
    /// # let heap = rlsf_threads::ThreadedTlsf::new();
    /// // SAFETY: no other thread runs.
    /// assert_eq!(unsafe { heap.validate() }, Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    ///
    /// # Safety
    ///
    /// Meanwhile no other thread allocates, frees, begins to or ends. In a child of `fork`, none
    /// did so when it was made.
    pub unsafe fn validate(&self) -> Result<(), Violation> {
        SUPPLY.validate().map_err(Violation::Blocks)?;
        heaps::all().try_for_each(HeapRef::validate)
    }
}
