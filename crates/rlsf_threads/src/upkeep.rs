//! What is done apart from the real-time path: memory taken in advance, and given back.

use crate::current;
use crate::heap::{HeapRef, Stage};
use crate::orphans::Visit;
use crate::segment::STEP;
use crate::supply::{self, SUPPLY};
use crate::threaded::ThreadedTlsf;
use rlsf::{ReserveError, TrimStep};

/// How many freed blocks a trim looks at in each heap.
const LOOK_AT: usize = 1 << 20;

impl ThreadedTlsf {
    /// Takes memory for `bytes` bytes of the calling thread's blocks of up to 256 KiB, and as many
    /// of larger ones, and makes it resident: requests that it serves cost no page fault and no
    /// system call. Freed memory stays resident from then on, until a [`trim`](Self::trim), and serves
    /// any size: no block rests.
    ///
    /// Takes time linear in the pages.
    ///
    /// ```
    /// rlsf_threads::ThreadedTlsf::new().reserve(1 << 20).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReserveError::NoPages`] if there is no address space,
    /// [`ReserveError::NotResident`] if the system refuses to make the pages resident.
    pub fn reserve(&self, bytes: usize) -> Result<(), ReserveError> {
        supply::with_reserve(|| {
            SUPPLY.reserve(room(bytes))?;
            take_segments(bytes)
        })
    }

    /// As [`reserve`](Self::reserve), and has the system keep the pages in memory (`mlock`).
    ///
    /// ```
    /// if let Err(error) = rlsf_threads::ThreadedTlsf::new().reserve_locked(1 << 16) {
    ///     eprintln!("not real-time: {error}");
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As for `reserve`; most systems limit what a user may lock.
    pub fn reserve_locked(&self, bytes: usize) -> Result<(), ReserveError> {
        supply::with_reserve(|| {
            SUPPLY.reserve_locked(room(bytes))?;
            take_segments(bytes)
        })
    }

    /// Gives memory that holds no block back to the system: of the calling thread's heap, of
    /// heaps whose thread has ended, and of what no thread has; the bytes of its addresses. What
    /// [`reserve`](Self::reserve) has made resident goes back, too.
    ///
    /// Takes time linear in what is free.
    ///
    /// ```
    /// let block = vec![0_u8; 3 << 20];
    /// drop(block);
    /// rlsf_threads::ThreadedTlsf::new().trim();
    /// ```
    pub fn trim(&self) -> usize {
        supply::end_reserve();
        let mut bytes = current::known().map_or(0, trim_heap);
        let mut visit = Visit::begin();
        while let Some(more) = visit.look(|heap| (trim_heap(heap), true)) {
            bytes += more;
        }
        bytes + SUPPLY.trim()
    }

    /// Leaves what the calling thread has free to others, for a thread that is about to wait for
    /// long. Its blocks stay as they are.
    ///
    /// A heap has one thread, and nobody else can tell when it is not in use: what is free in it,
    /// and what others free of it, waits there for its thread. After this call any thread that
    /// needs memory may have it, and a [`trim`](Self::trim) finds it. The next allocation of the
    /// calling thread gets a heap that is left then, which is its own if nobody has begun to use that.
    ///
    /// Constant time: it looks at 256 blocks and slabs that others have freed. Gives no pages to
    /// the system but those of idle segments.
    ///
    /// ```
    /// let (send, receive) = std::sync::mpsc::channel::<Vec<u8>>();
    /// let thread = std::thread::spawn(move || {
    ///     let mut bytes = 0;
    ///     loop {
    ///         rlsf_threads::ThreadedTlsf::new().park();
    ///         match receive.recv() {
    ///             Ok(work) => bytes += work.len(),
    ///             Err(_) => return bytes,
    ///         }
    ///     }
    /// });
    /// send.send(vec![0; 100]).unwrap();
    /// drop(send);
    /// assert_eq!(thread.join().unwrap(), 100);
    /// ```
    pub fn park(&self) {
        current::park();
    }

    /// Gives a slice of what a [`trim`](Self::trim) gives back to the system, and goes on at the thread's next call where it
    /// stopped: for the idle time of a real-time program.
    ///
    /// A call gives back about `budget` bytes at the most, but a page at the least if there is
    /// one left, and segments of 4 MiB as a whole when the last block of one is found to have been
    /// freed by another thread. It looks at 64 free blocks or at 64 that other threads have
    /// freed; and passes those that are done in a list of free blocks of nearly the same size,
    /// the first 4096 of which are ever looked at. Pages count whether or not they were resident: when a
    /// round is complete, another one is of use after something was freed. Each thread has its own
    /// round. Address space stays with the process until a [`trim`](Self::trim); a reserve is gone.
    ///
    /// ```
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// while !heap.trim_step(64 << 10).is_complete {
    ///     // Something else.
    /// }
    /// ```
    pub fn trim_step(&self, budget: usize) -> TrimStep {
        supply::end_reserve();
        let Some(heap) = current::get_or_begin() else {
            return SUPPLY.trim_step(budget);
        };
        let (step, next) = match heap.stage() {
            Stage::Own => (heap.trim_step(budget), Stage::Orphans(Visit::begin())),
            Stage::Orphans(visit) => (trim_orphan(heap, visit, budget), Stage::Supply),
            Stage::Supply => (SUPPLY.trim_step(budget), Stage::Own),
        };
        if step.is_complete {
            heap.set_stage(next);
        }
        let is_complete = step.is_complete && next == Stage::Own;
        TrimStep {
            is_complete,
            ..step
        }
    }
}

/// A step in a heap that has no thread, if one is left to be looked at.
fn trim_orphan(own: HeapRef, mut visit: Visit, budget: usize) -> TrimStep {
    let step = visit.look(|heap| {
        let step = heap.trim_step(budget);
        (step, step.is_complete)
    });
    own.set_stage(Stage::Orphans(visit));
    TrimStep {
        bytes: step.map_or(0, |step| step.bytes),
        is_complete: step.is_none(),
    }
}

fn trim_heap(heap: HeapRef) -> usize {
    heap.empty_inboxes(LOOK_AT);
    heap.give_resting_blocks(LOOK_AT);
    heap.give_idle_slabs();
    let pages = heap.release_free_pages();
    heap.give_idle_segment();
    pages
}

/// What the supply needs for so many bytes of each kind.
fn room(bytes: usize) -> usize {
    bytes.saturating_add(segments(bytes).saturating_add(1).saturating_mul(STEP))
}

/// The segments that so many bytes take.
fn segments(bytes: usize) -> usize {
    // A segment's header, and what a slab or a block of a class leaves.
    bytes / (STEP / 8 * 7) + 1
}

fn take_segments(bytes: usize) -> Result<(), ReserveError> {
    let heap = current::get_or_begin();
    let heap = heap.ok_or(ReserveError::NoPages)?;
    heap.give_resting_blocks(LOOK_AT);
    for _ in 0..segments(bytes) {
        heap.add_segment().ok_or(ReserveError::NoPages)?;
    }
    Ok(())
}
