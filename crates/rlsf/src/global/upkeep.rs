//! What a [`GlobalTlsf`] does apart from the real-time path: memory taken in advance, and
//! given back.

use super::{GlobalTlsf, GlobalTlsfOptions, Heap};
use crate::flex::give_back;
use crate::pool::region_len;
use crate::source::{page_size, prefault, release_inner_pages, System};
use crate::{IdlePlace, TrimStep};
use core::alloc::Layout;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Where a round of [`GlobalTlsf::trim_step`] stands. Any place is one at which a step may begin,
/// also one that two threads have written to at a time.
#[derive(Debug)]
pub(super) struct Round {
    bins: AtomicUsize,
    blocks: AtomicUsize,
    address: AtomicUsize,
}

impl Round {
    pub(super) const fn begin() -> Self {
        Self {
            bins: AtomicUsize::new(0),
            blocks: AtomicUsize::new(0),
            address: AtomicUsize::new(0),
        }
    }

    fn place(&self) -> IdlePlace {
        IdlePlace {
            bins: self.bins.load(Ordering::Relaxed),
            blocks: self.blocks.load(Ordering::Relaxed),
            address: self.address.load(Ordering::Relaxed),
        }
    }

    fn set_place(&self, place: IdlePlace) {
        self.bins.store(place.bins, Ordering::Relaxed);
        self.blocks.store(place.blocks, Ordering::Relaxed);
        self.address.store(place.address, Ordering::Relaxed);
    }
}

/// Why [`GlobalTlsf::reserve`] did not do what it should.
///
/// ```
/// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
/// let error = heap.reserve(isize::MAX as usize).unwrap_err();
/// assert_eq!(error.to_string(), "the system has no address space for the reserve");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReserveError {
    /// The system does not give that many bytes of address space.
    NoPages,
    /// The system does not make the pages resident, or keep them so; the number of its
    /// error. The heap has the pages all the same.
    NotResident {
        /// As in `errno`.
        error: i32,
    },
}

impl fmt::Display for ReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPages => f.write_str("the system has no address space for the reserve"),
            Self::NotResident { error } => write!(
                f,
                "the system does not keep the reserve in memory (error {error}): \
                 there is too little, or RLIMIT_MEMLOCK is too low"
            ),
        }
    }
}

#[cfg(feature = "std")]
impl std::error::Error for ReserveError {}

/// Gives back the inner pages of every free block; their bytes.
fn release_free_blocks(heap: &mut Heap) -> usize {
    // A smaller block has no whole page.
    let pages = heap.as_tlsf().free_blocks(page_size()).map(|block| {
        let idle = block.idle_bytes();
        // SAFETY: the bytes of a free block that the heap does not use.
        unsafe { release_inner_pages(idle.cast(), region_len(idle)) }
    });
    pages.sum()
}

impl<Options: GlobalTlsfOptions> GlobalTlsf<Options> {
    /// Takes pages for a block of `bytes` bytes, and makes every page of the heap
    /// resident, so that no request that the heap can serve costs a page fault or a
    /// system call.
    ///
    /// A thread's very first use of any heap costs one system call, which asks for the
    /// thread's number; `reserve` is such a use. Zeroed blocks are written to, whatever
    /// their size. Takes time linear in the heap's pages, while the lock is free.
    ///
    /// ```
    /// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// HEAP.reserve(1 << 20).unwrap();
    /// # #[cfg(feature = "stats")]
    /// assert!(HEAP.statistics().free_bytes >= 1 << 20);
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReserveError::NoPages`] if there is no address space; then nothing has changed.
    /// [`ReserveError::NotResident`] if the system refuses to make the pages resident.
    pub fn reserve(&self, bytes: usize) -> Result<(), ReserveError> {
        self.reserve_pages(bytes, false)
    }

    /// As [`reserve`](Self::reserve), and has the system keep the pages in memory
    /// (`mlock`).
    ///
    /// ```
    /// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// if let Err(error) = HEAP.reserve_locked(1 << 16) {
    ///     eprintln!("not real-time: {error}");
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As for `reserve`; most systems limit what a user may lock.
    pub fn reserve_locked(&self, bytes: usize) -> Result<(), ReserveError> {
        self.reserve_pages(bytes, true)
    }

    fn reserve_pages(&self, bytes: usize, locked: bool) -> Result<(), ReserveError> {
        self.grow_for(bytes).ok_or(ReserveError::NoPages)?;
        let place = self.heap.place();
        let region = |index| self.heap.with(|heap| heap.region(index)).flatten();
        for memory in place.into_iter().chain((0..).map_while(region)) {
            prefault(memory, locked).map_err(|error| ReserveError::NotResident { error })?;
        }
        self.resident.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Sees to it that there is a free block of `bytes` bytes.
    fn grow_for(&self, bytes: usize) -> Option<()> {
        let layout = Self::inner(Layout::from_size_align(bytes, 1).ok()?);
        let lacks = |heap: &mut Heap| {
            if heap.as_tlsf().largest_allocatable() >= bytes && bytes != 0 {
                return Some(None);
            }
            heap.want(layout).map(Some)
        };
        if let Some(want) = self.heap.with(lacks)?? {
            let part = self.obtain(want, 0)?;
            self.heap.with(|heap| {
                Self::choose_key(heap);
                // SAFETY: the system has just given it, and takes any part back.
                unsafe { heap.adopt(part) };
            })?;
        }
        Some(())
    }

    /// Gives back memory that holds no allocation: regions as a whole, and the pages
    /// inside of free blocks; the bytes of their addresses.
    ///
    /// A reserve is gone with it. Takes time linear in the number of free blocks that have
    /// a page, and of the pages, partly under the lock: not for a real-time thread.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// let layout = Layout::new::<[u8; 1 << 20]>();
    /// let block = unsafe { heap.alloc(layout) };
    /// unsafe { heap.dealloc(block, layout) };
    /// assert!(heap.trim() >= 1 << 20);
    /// ```
    pub fn trim(&self) -> usize {
        self.resident.store(false, Ordering::Relaxed);
        let trimmed = self.heap.with(|heap| {
            let regions = heap.detach_free_regions();
            (regions, release_free_blocks(heap))
        });
        let bytes = trimmed.map_or(0, |(mut regions, bytes)| {
            bytes + give_back(&mut regions, &mut System)
        });
        self.traffic.on_give_back(bytes);
        bytes
    }

    /// Gives back some of the pages that hold no allocation, at most about `budget` bytes of
    /// them, and goes on at the next call where it stopped: for the idle time of a real-time
    /// program.
    ///
    /// A call gives at least one page back if there is one left, and looks at 64 free blocks, and
    /// those before them in one list: [`Tlsf::idle_step`](crate::Tlsf::idle_step). The lock is
    /// taken once, and held meanwhile. Address space stays with the heap until a
    /// [`trim`](Self::trim); a reserve is gone. Pages count whether or not they were resident: when
    /// a round is complete, another one is of use after something was freed.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// let layout = Layout::new::<[u8; 1 << 20]>();
    /// let block = unsafe { heap.alloc(layout) };
    /// unsafe { heap.dealloc(block, layout) };
    /// let first = heap.trim_step(64 << 10);
    /// assert!(first.bytes == 64 << 10 && !first.is_complete);
    /// while !heap.trim_step(64 << 10).is_complete {
    ///     // Something else.
    /// }
    /// ```
    pub fn trim_step(&self, budget: usize) -> TrimStep {
        self.resident.store(false, Ordering::Relaxed);
        let mut place = self.round.place();
        let step = self.heap.with(|heap| {
            heap.as_tlsf()
                .idle_step(&mut place, page_size(), budget, |pages| {
                    // SAFETY: the bytes of a free block that the heap does not use.
                    unsafe { release_inner_pages(pages.cast(), region_len(pages)) };
                })
        });
        self.round.set_place(place);
        let step = step.unwrap_or(TrimStep {
            bytes: 0,
            is_complete: true,
        });
        self.traffic.on_give_back(step.bytes);
        step
    }
}
