//! Seals: what a hardened heap writes beside its own words, and asks for before it
//! trusts them. Without the feature `hardened` all of this is empty.
//!
//! ```text
//!   header in memory, 64 bits              slack: bytes that nobody asked for
//!  +----------+-----------------+-----+   +-----------------+-------+-------+
//!  | checksum | size            |flags|   | payload …       | keyed | count |
//!  +----------+-----------------+-----+   +-----------------+-------+-------+
//!    16         45                3        what was asked for       ^ next header
//! ```
//!
//! The doors of `block` read and write every header through its heap's [`Seal`]: a header
//! that is not sealed for its address and the heap's key ends the operation with a
//! [`Report`] before anything follows from it.

#[cfg(feature = "hardened")]
mod hardened;
#[cfg(not(feature = "hardened"))]
mod plain;

#[cfg(feature = "hardened")]
pub(crate) use hardened::{Key, Request, Seal};
#[cfg(not(feature = "hardened"))]
pub(crate) use plain::{Key, Request, Seal};

use crate::misuse::{refuse, Misuse, Operation, Report};
use crate::size::{BlockSize, GRANULARITY, WORD};
use core::ops::Range;
use core::panic::Location;
use core::ptr::NonNull;

/// Which call is at work, for its report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    /// The operation's number among `Operation::ALL`: of a number any value is one, so that no
    /// `Option` of what has a site is told by it rather than by a pointer.
    operation: u8,
    location: Option<&'static Location<'static>>,
}

impl Site {
    /// A call whose place is not known.
    #[inline(always)]
    pub(crate) const fn of(operation: Operation) -> Self {
        Self {
            operation: operation as u8,
            location: None,
        }
    }

    /// The call that leads here, if its place is known.
    #[inline(always)]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub(crate) fn here(operation: Operation) -> Self {
        Self {
            operation: operation as u8,
            location: if cfg!(feature = "hardened") {
                Some(Location::caller())
            } else {
                None
            },
        }
    }

    /// Ends the call. Of the words around `pointer` the report has those within
    /// `payloads`, the addresses from a first payload to a sentinel's, a header's size
    /// being what `size_bits` leave of it.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse(
        self,
        misuse: Misuse,
        pointer: NonNull<u8>,
        payloads: Range<usize>,
        size_bits: usize,
    ) -> ! {
        let known = |address: usize| {
            address % GRANULARITY == 0 && payloads.start <= address && address <= payloads.end
        };
        let word = |address: *mut u8| {
            if !known(address as usize) {
                return None;
            }
            #[allow(clippy::cast_ptr_alignment)] // a granule's multiple
            let header = address.wrapping_sub(WORD).cast::<usize>();
            // SAFETY: a word of the heap's memory.
            Some(unsafe { header.read() })
        };
        let header = word(pointer.as_ptr());
        let size = header.map(|header| header & size_bits);
        let next = size.filter(|size| (BlockSize::LEAST.get()..payloads.end).contains(size));
        refuse(&Report {
            misuse,
            operation: Operation::ALL[usize::from(self.operation)],
            pointer,
            header,
            next_header: next.and_then(|size| word(pointer.as_ptr().wrapping_add(size))),
            location: self.location,
        })
    }
}
