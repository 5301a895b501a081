//! Memory that a caller hands in.

use super::status::Status;
use core::ffi::c_void;
use core::ptr::{slice_from_raw_parts_mut, NonNull};

/// Bytes that begin at an address which is not null, and end within the address space.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    start: NonNull<u8>,
    len: usize,
}

impl Memory {
    /// Takes what C hands in.
    pub(super) fn new(start: *mut c_void, len: usize) -> Result<Self, Status> {
        let start = NonNull::new(start.cast::<u8>()).ok_or(Status::Null)?;
        if len > (start.as_ptr() as usize).wrapping_neg() {
            return Err(Status::Range);
        }
        Ok(Self { start, len })
    }

    /// Where it begins.
    pub(super) fn address(self) -> usize {
        self.start.as_ptr() as usize
    }

    pub(super) const fn len(self) -> usize {
        self.len
    }

    /// What is left behind the first `bytes`; `None` if that is nothing.
    pub(super) fn behind(self, bytes: usize) -> Option<Self> {
        let len = self.len.checked_sub(bytes).filter(|&len| len > 0)?;
        let start = NonNull::new(self.start.as_ptr().wrapping_add(bytes))?;
        Some(Self { start, len })
    }

    /// The first `len` bytes, or all if there are fewer.
    pub(super) fn first(self, len: usize) -> Self {
        Self {
            len: self.len.min(len),
            ..self
        }
    }

    /// The memory as the heap takes it.
    pub(super) fn region(self) -> NonNull<[u8]> {
        let region = slice_from_raw_parts_mut(self.start.as_ptr(), self.len);
        // SAFETY: it begins at the start, which is not null.
        unsafe { NonNull::new_unchecked(region) }
    }

    /// Whether it has a byte of `len` bytes at `address`.
    pub(super) fn overlaps(self, address: usize, len: usize) -> bool {
        let before = self.address().wrapping_sub(address) < len;
        let after = address.wrapping_sub(self.address()) < self.len;
        self.len > 0 && len > 0 && (before || after)
    }
}
