//! What a program did wrong, and who is told: [`Misuse`], [`Report`] and the handler.

use core::fmt;
use core::mem;
use core::panic::Location;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

/// What is wrong with a pointer that was handed in, or with the memory around it.
///
/// ```
/// assert_eq!(rlsf::Misuse::Free.to_string(), "the block is free already");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// No block has such an address.
    Misaligned,
    /// The address lies in none of the heap's memory.
    Foreign,
    /// The word before the address is no header of a block of the heap.
    Header,
    /// The block was freed before.
    Free,
    /// The block after it has another idea of it.
    Next,
    /// The free block before it is not what it should be.
    Previous,
    /// The bytes between what was asked for and the block's end were written to.
    Slack,
    /// The links of a free block were written to.
    Links,
    /// The heap's own tables disagree with its blocks.
    Tables,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Misaligned => "freed or resized pointer is not aligned to the granule",
            Self::Foreign => "freed or resized pointer is not from this heap",
            Self::Header => "the block's header is overwritten, or the pointer is not a payload's",
            Self::Free => "the block is free already",
            Self::Next => {
                "the next block's header is overwritten, or the pointer is not a payload's"
            }
            Self::Previous => "the free block before this one is overwritten",
            Self::Slack => "the bytes behind the allocation are overwritten",
            Self::Links => "a free block is overwritten: its links lead astray",
            Self::Tables => "the heap's own tables are overwritten",
        })
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Misuse {}

/// The operation that met a misuse.
///
/// ```
/// assert_eq!(rlsf::Operation::Deallocate.to_string(), "deallocate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Memory was asked for.
    Allocate,
    /// A block was given back.
    Deallocate,
    /// A block was to be resized, in place or by moving.
    Reallocate,
    /// A block was to grow where it stands.
    Grow,
    /// A block was to shrink where it stands.
    Shrink,
    /// A pool was given, made longer or taken back.
    Supply,
    /// The heap was looked at.
    Examine,
}

impl Operation {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 7] = [
        Self::Allocate,
        Self::Deallocate,
        Self::Reallocate,
        Self::Grow,
        Self::Shrink,
        Self::Supply,
        Self::Examine,
    ];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allocate => "allocate",
            Self::Deallocate => "deallocate",
            Self::Reallocate => "reallocate",
            Self::Grow => "grow in place",
            Self::Shrink => "shrink in place",
            Self::Supply => "supply",
            Self::Examine => "examine",
        })
    }
}

/// A misuse as a [`MisuseHandler`] gets it: what, where, and met by which operation.
///
/// ```
/// # use core::{alloc::Layout, mem::MaybeUninit, panic::AssertUnwindSafe};
/// fn log(report: &rlsf::Report) {
///     assert_eq!(report.misuse, rlsf::Misuse::Free);
///     eprintln!("{report}");
/// }
/// rlsf::set_misuse_handler(Some(log));
/// # let mut pool = [MaybeUninit::uninit(); 4096];
/// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
/// # heap.insert_free_block(&mut pool);
/// let block = heap.allocate(Layout::new::<u64>()).unwrap();
/// unsafe { heap.deallocate(block, 8) };
/// # if cfg!(feature = "hardened") {
/// let again = std::panic::catch_unwind(AssertUnwindSafe(|| unsafe { heap.deallocate(block, 8) }));
/// assert!(again.is_err());
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What is wrong.
    pub misuse: Misuse,
    /// The operation that met it.
    pub operation: Operation,
    /// The pointer that was handed in, or the block at which the damage was met.
    pub pointer: NonNull<u8>,
    /// The word before `pointer`, if that lies in the heap's memory.
    pub header: Option<usize>,
    /// The header of the block behind, if the first one leads to one.
    pub next_header: Option<usize>,
    /// Where the operation was called; with the feature `hardened` only.
    pub location: Option<&'static Location<'static>>,
}

impl Report {
    /// A report of what a layer above has met: the words around the pointer are not told.
    ///
    /// ```
    /// # use core::ptr::NonNull;
    /// use rlsf::{Misuse, Operation, Report};
    /// # let pointer = NonNull::<u8>::dangling();
    /// let report = Report::new(Misuse::Links, Operation::Allocate, pointer);
    /// assert!(report.to_string().starts_with("rlsf: a free block is overwritten"));
    /// ```
    #[must_use]
    pub const fn new(misuse: Misuse, operation: Operation, pointer: NonNull<u8>) -> Self {
        Self {
            misuse,
            operation,
            pointer,
            header: None,
            next_header: None,
            location: None,
        }
    }

    /// Calls the handler, if there is one; see [`set_misuse_handler`].
    ///
    /// ```
    /// # use core::ptr::NonNull;
    /// # use rlsf::{Misuse, Operation, Report};
    /// # let pointer = NonNull::<u8>::dangling();
    /// rlsf::set_misuse_handler(Some(|report| assert_eq!(report.misuse, Misuse::Links)));
    /// Report::new(Misuse::Links, Operation::Allocate, pointer).tell();
    /// ```
    pub fn tell(&self) {
        let handler = HANDLER.load(Ordering::Relaxed);
        // SAFETY: null or what was stored: a pointer to a function has the size of one to data
        // on every target that has these atomics, and null is `None`.
        let handler = unsafe { mem::transmute::<*mut (), Option<MisuseHandler>>(handler) };
        if let Some(handler) = handler {
            handler(self);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (misuse, operation) = (self.misuse, self.operation);
        write!(f, "rlsf: {misuse} ({operation}, {:p}", self.pointer)?;
        if let Some(header) = self.header {
            write!(f, ", header {header:#x}")?;
        }
        if let Some(next) = self.next_header {
            write!(f, ", next {next:#x}")?;
        }
        f.write_str(")")?;
        if let Some(location) = self.location {
            write!(f, ", called at {location}")?;
        }
        Ok(())
    }
}

/// A function that is told of a misuse before the program ends.
///
/// It runs in the middle of the operation: the heap is not to be used, nor is the memory
/// that it allocates from. It may end the program its own way. If it returns, the operation
/// panics.
pub type MisuseHandler = fn(&Report);

static HANDLER: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

/// Has `handler` called with every misuse from now on, or none, in all heaps of the program.
///
/// ```
/// fn log(report: &rlsf::Report) {
///     eprintln!("{report}");
/// }
/// rlsf::set_misuse_handler(Some(log));
/// rlsf::set_misuse_handler(None);
/// ```
pub fn set_misuse_handler(handler: Option<MisuseHandler>) {
    let handler = handler.map_or(ptr::null_mut(), |handler| handler as *mut ());
    HANDLER.store(handler, Ordering::Relaxed);
}

/// Ends an operation: tells the handler, and panics.
#[cold]
#[inline(never)]
pub(crate) fn refuse(report: &Report) -> ! {
    report.tell();
    panic!("{report}")
}
