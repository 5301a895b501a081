//! The regions of a growing heap: what its source gave, each with a record.
//!
//! ```text
//!   region
//!  +------+--------+------------------------------------------+------+
//!  | lead | record | pools                                    | rest |
//!  +------+--------+------------------------------------------+------+
//!  ^ start         ^ pools                                    ^ end of use
//! ```
//!
//! A record is four words. The lead has fewer bytes than two granules, and puts the first
//! payload at a multiple of two granules; the rest has too few for a pool. What a region
//! grows by begins with its rest.

#[cfg(unix)]
use crate::pool::FOOTER_BYTES;
use crate::pool::{region_len, POOL_OVERHEAD};
use crate::size::{BlockSize, GRANULARITY, WORD};
use core::mem::{align_of, size_of};
#[cfg(unix)]
use core::ops::Range;
use core::ptr::{slice_from_raw_parts_mut, NonNull};

/// The bytes that a region takes at the most beyond its blocks, wherever it lies.
pub(crate) const REGION_OVERHEAD: usize = size_of::<Record>() + POOL_OVERHEAD + 3 * GRANULARITY;

/// The bytes of a region that is sure to have a block.
pub(crate) const LEAST_REGION: usize = REGION_OVERHEAD + BlockSize::LEAST.get();

/// What stands at the start of a region.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Record {
    next: Option<RegionRef>,
    /// The region's first byte, with the source's pointer.
    start: NonNull<u8>,
    /// The region's bytes.
    len: usize,
    /// The bytes up to the end of the last pool.
    used: usize,
}

/// A region of a growing heap, known by its record.
///
/// **R1**: the address is that of a record, in memory that the heap has from its
/// source and has not given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct RegionRef(NonNull<Record>);

/// The slice of `len` bytes at `start`, which is not null.
pub(crate) fn slice(start: *mut u8, len: usize) -> NonNull<[u8]> {
    // SAFETY: the callers' addresses lie in a region, or at its end.
    unsafe { NonNull::new_unchecked(slice_from_raw_parts_mut(start, len)) }
}

/// Whether `part` begins where `region` ends.
pub(crate) fn continues(part: NonNull<[u8]>, region: NonNull<[u8]>) -> bool {
    let end = (region.as_ptr().cast::<u8>()).wrapping_add(region_len(region));
    end == part.as_ptr().cast()
}

impl RegionRef {
    /// Writes a record to the start of `memory`: the door for what a source gives.
    /// `None` if there is no room for it.
    ///
    /// # Safety
    ///
    /// The heap owns the memory from now on.
    pub(crate) unsafe fn format(memory: NonNull<[u8]>) -> Option<Self> {
        let (start, len) = (memory.cast::<u8>(), region_len(memory));
        let before_payload = size_of::<Record>() + WORD;
        let payload = (start.as_ptr() as usize).wrapping_add(before_payload);
        let lead = payload.wrapping_neg() & (2 * GRANULARITY - 1);
        let used = lead + size_of::<Record>();
        if len < used {
            return None;
        }
        let record = start.as_ptr().wrapping_add(lead);
        debug_assert_eq!(record as usize % align_of::<Record>(), 0);
        #[allow(clippy::cast_ptr_alignment)] // the lead makes it one
        // SAFETY: within the memory, so not null.
        let record = unsafe { NonNull::new_unchecked(record.cast::<Record>()) };
        let region = Self(record);
        region.set_record(Record {
            next: None,
            start,
            len,
            used,
        });
        Some(region)
    }

    fn record(self) -> Record {
        // SAFETY: R1.
        unsafe { self.0.as_ptr().read() }
    }

    fn set_record(self, record: Record) {
        // SAFETY: R1.
        unsafe { self.0.as_ptr().write(record) }
    }

    /// The memory as the source gave it, and grew it.
    pub(crate) fn memory(self) -> NonNull<[u8]> {
        let Record { start, len, .. } = self.record();
        slice(start.as_ptr(), len)
    }

    /// The region that was added before this one.
    pub(crate) fn next(self) -> Option<Self> {
        self.record().next
    }

    fn set_next(self, next: Option<Self>) {
        self.set_record(Record {
            next,
            ..self.record()
        });
    }

    /// The end of the last pool.
    pub(crate) fn end_of_use(self) -> NonNull<u8> {
        self.unused().cast()
    }

    /// The bytes from the end of the last pool on.
    pub(crate) fn unused(self) -> NonNull<[u8]> {
        let Record {
            start, len, used, ..
        } = self.record();
        slice(start.as_ptr().wrapping_add(used), len - used)
    }

    /// The addresses between which payloads lie: from the record on, up to the last
    /// sentinel.
    #[cfg(unix)]
    pub(crate) fn payloads(self) -> Range<usize> {
        let Record { start, used, .. } = self.record();
        let end = start.as_ptr() as usize + used - FOOTER_BYTES;
        self.0.as_ptr() as usize + size_of::<Record>()..end
    }

    /// Notes that `by` more of the bytes are in pools.
    pub(crate) fn use_more(self, by: usize) {
        let record = self.record();
        self.set_record(Record {
            used: record.used + by,
            ..record
        });
    }

    /// Notes that the source has grown the region by `by` bytes.
    pub(crate) fn lengthen(self, by: usize) {
        let record = self.record();
        self.set_record(Record {
            len: record.len + by,
            ..record
        });
    }
}

/// The regions of a heap, the newest first.
///
/// **R2**: the list links exactly the heap's regions.
#[derive(Debug)]
pub(crate) struct Regions {
    newest: Option<RegionRef>,
}

impl Regions {
    pub(crate) const EMPTY: Self = Self { newest: None };

    pub(crate) fn newest(&self) -> Option<RegionRef> {
        self.newest
    }

    /// The memory of each region.
    #[cfg(unix)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = NonNull<[u8]>> + '_ {
        core::iter::successors(self.newest, |region| region.next()).map(RegionRef::memory)
    }

    /// The addresses between which payloads lie in the region around `ptr`. Time linear
    /// in the number of regions, the newest first.
    #[cfg(unix)]
    #[inline]
    pub(crate) fn payloads_around(&self, ptr: NonNull<u8>) -> Option<Range<usize>> {
        let regions = core::iter::successors(self.newest, |region| region.next());
        let mut all = regions.map(RegionRef::payloads);
        all.find(|payloads| payloads.contains(&(ptr.as_ptr() as usize)))
    }

    pub(crate) fn push(&mut self, region: RegionRef) {
        region.set_next(self.newest);
        self.newest = Some(region);
    }

    /// Forgets the newest region; gives its memory.
    pub(crate) fn pop(&mut self) -> Option<NonNull<[u8]>> {
        let region = self.newest?;
        self.newest = region.next();
        Some(region.memory())
    }

    /// Takes out the regions that `chosen` names.
    pub(crate) fn take_out(&mut self, mut chosen: impl FnMut(RegionRef) -> bool) -> Self {
        let (mut taken, mut kept_before) = (Self::EMPTY, None::<RegionRef>);
        let mut cursor = self.newest;
        while let Some(region) = cursor {
            cursor = region.next();
            if !chosen(region) {
                kept_before = Some(region);
                continue;
            }
            match kept_before {
                Some(before) => before.set_next(cursor),
                None => self.newest = cursor,
            }
            taken.push(region);
        }
        taken
    }
}
