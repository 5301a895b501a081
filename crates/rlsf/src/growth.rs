//! What a heap must get from its source so that a request succeeds.

use crate::pool::region_len;
use crate::region::{continues, slice, LEAST_REGION};
use crate::source::FlexSource;
use core::ptr::NonNull;

/// How often a source is asked for one request: for a piece that continues the newest
/// region but turns out not to, for one that continues this, and for a region.
pub(crate) const ROUNDS: usize = 3;

/// What a failed request needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    /// The newest region and the bytes by which it has to grow, if that would do.
    pub(crate) growth: Option<(NonNull<[u8]>, usize)>,
    /// The length of a new region that would do.
    pub(crate) region: usize,
}

/// Memory that a source gave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// It continues a region, and can be given back with it only.
    Continuation(NonNull<[u8]>),
    /// A region of its own.
    Region(NonNull<[u8]>),
}

#[cfg(unix)]
impl Part {
    /// The length of the memory.
    pub(crate) fn bytes(self) -> usize {
        let (Self::Continuation(memory) | Self::Region(memory)) = self;
        region_len(memory)
    }
}

impl Want {
    /// Wants `bytes` at least.
    #[cfg(unix)]
    pub(crate) fn at_least(self, bytes: usize) -> Self {
        Self {
            growth: self.growth.map(|(region, by)| (region, by.max(bytes))),
            region: self.region.max(bytes),
        }
    }

    /// What to ask for in one of the rounds: in the last one, for a region.
    pub(crate) fn for_round(self, round: usize) -> Self {
        let growth = self.growth.filter(|_| round + 1 < ROUNDS);
        Self { growth, ..self }
    }

    /// Asks the source: to grow the newest region, for a piece that continues it, or
    /// for a region. `None` if it gives nothing.
    ///
    /// A piece that turns out to lie elsewhere is a region of its own; then the
    /// request may need another.
    pub(crate) fn obtain<S: FlexSource>(&self, source: &mut S) -> Option<Part> {
        match self.growth {
            Some((region, by)) if source.supports_realloc_inplace_grow() => {
                if let Some(part) = grow(source, region, by) {
                    return Some(part);
                }
            }
            // Two pieces become one only where nobody will have to tell them apart.
            Some((region, by)) if source.is_contiguous_growable() && !source.supports_dealloc() => {
                return take_next(source, region, by);
            }
            _ => {}
        }
        take(source, self.region).map(Part::Region)
    }
}

/// Has a region grown where it stands.
fn grow<S: FlexSource>(source: &mut S, region: NonNull<[u8]>, by: usize) -> Option<Part> {
    let len = region_len(region);
    let least = len.checked_add(by)?;
    // No object is larger than half the address space.
    isize::try_from(least).ok()?;
    // SAFETY: a region of this source, and no shrinking.
    let longer = unsafe { source.realloc_inplace_grow(region, least) }?;
    // What is no longer than before has not grown, whatever the source says.
    let added = longer.checked_sub(len).filter(|&added| added > 0)?;
    let end = region.as_ptr().cast::<u8>().wrapping_add(len);
    Some(Part::Continuation(slice(end, added)))
}

/// Takes a piece that should continue `region`.
fn take_next<S: FlexSource>(source: &mut S, region: NonNull<[u8]>, by: usize) -> Option<Part> {
    let part = take(source, by.max(LEAST_REGION))?;
    Some(if continues(part, region) {
        Part::Continuation(part)
    } else {
        Part::Region(part)
    })
}

/// Takes a region. A shorter one than asked for goes back if the source takes it.
fn take<S: FlexSource>(source: &mut S, len: usize) -> Option<NonNull<[u8]>> {
    // SAFETY: a region has at least its record.
    let memory = unsafe { source.alloc(len) }?;
    if region_len(memory) < len && source.supports_dealloc() {
        // SAFETY: it has just been given, and nothing is in it.
        unsafe { source.dealloc(memory) };
        return None;
    }
    Some(memory)
}
