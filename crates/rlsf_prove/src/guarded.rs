//! Pages with nothing around them: a read outside is a fault that ends the process.

use anyhow::{ensure, Result};
use core::ptr::{null_mut, slice_from_raw_parts_mut, NonNull};

/// The bytes of a page.
pub(crate) const PAGE: usize = 4096;

/// Pages that can be used, each between pages that cannot, in the middle of as much address space as a wild
/// link is likely to reach.
#[derive(Debug)]
pub(crate) struct Guarded {
    start: NonNull<u8>,
}

/// The address space on either side.
const MARGIN: usize = if usize::BITS == 64 { 1 << 33 } else { 1 << 26 };

impl Guarded {
    /// `count` pages that a child shares with its parent only if `shared`.
    ///
    /// # Errors
    ///
    /// The system has no address space left.
    pub(crate) fn pages(count: usize, shared: bool) -> Result<Self> {
        let kind = if shared {
            libc::MAP_SHARED
        } else {
            libc::MAP_PRIVATE | libc::MAP_NORESERVE
        };
        let flags = kind | libc::MAP_ANONYMOUS;
        let margin = if shared { 0 } else { MARGIN };
        let len = 2 * margin + 2 * count * PAGE;
        // SAFETY: it asks for fresh addresses.
        let all = unsafe { libc::mmap(null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        ensure!(all != libc::MAP_FAILED, "no address space is left");
        let start = all.cast::<u8>().wrapping_add(margin);
        for page in 0..count {
            let usable = libc::PROT_READ | libc::PROT_WRITE;
            let page = start.wrapping_add(2 * page * PAGE).cast();
            // SAFETY: a page of the mapping.
            let done = unsafe { libc::mprotect(page, PAGE, usable) };
            ensure!(done == 0, "no memory is left");
        }
        let start = NonNull::new(start).expect("a mapping is not at null");
        Ok(Self { start })
    }

    /// The page of a number. It stays mapped until the process ends.
    pub(crate) fn page(&self, number: usize) -> NonNull<[u8]> {
        let start = self.start.as_ptr().wrapping_add(2 * number * PAGE);
        NonNull::new(slice_from_raw_parts_mut(start, PAGE)).expect("not null")
    }
}
