//! Every step that can be taken in a state.

use crate::setup::Setup;
use crate::site::Site;
use crate::spec::{payload_of, GRANULE, LEAST};
use crate::state::{Occupied, State};
use crate::subject::Subject;
use anyhow::{Context, Result};
use core::alloc::Layout;
use rlsf::RemovePoolError;

/// A step. Blocks are named by their places, sizes are in bytes of payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Allocate {
        payload: usize,
        align: usize,
    },
    Free {
        start: u8,
    },
    FreeSized {
        start: u8,
    },
    Grow {
        start: u8,
        payload: usize,
    },
    Shrink {
        start: u8,
        payload: usize,
    },
    Reallocate {
        start: u8,
        payload: usize,
        align: usize,
    },
    Insert {
        pool: Occupied,
    },
    Append {
        pool: Occupied,
        by: u8,
    },
    Remove {
        pool: Occupied,
    },
}

/// What the heap answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The block at this place.
    Block(u8),
    Done,
    /// The bytes used of a region.
    Bytes(usize),
    Refused,
    InUse,
    NotFound,
}

impl Answer {
    /// Whether the step was not taken, so that everything must be as it was.
    pub(crate) const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::InUse | Self::NotFound | Self::Bytes(0)
        )
    }

    fn block(site: &Site, block: Option<core::ptr::NonNull<u8>>) -> Result<Self> {
        block.map_or(Ok(Self::Refused), |block| {
            Ok(Self::Block(site.start_of(block)?))
        })
    }

    const fn done(done: Option<()>) -> Self {
        match done {
            Some(()) => Self::Done,
            None => Self::Refused,
        }
    }
}

impl Step {
    /// Takes the step; `state` is that of the heap.
    pub(crate) fn take<H: Subject>(
        self,
        site: &Site,
        state: &State,
        heap: &mut H,
    ) -> Result<Answer> {
        let layout = |payload, align| Layout::from_size_align(payload, align).context("a layout");
        // SAFETY: in this and in the steps below, `start` is a live block of the state, and the regions are
        // slots that no pool has, or what lies behind a pool.
        Ok(match self {
            Self::Allocate { payload, align } => {
                Answer::block(site, heap.allocate(layout(payload, align)?))?
            }
            Self::Free { start } => {
                // SAFETY: as above.
                unsafe { heap.free(site.payload(start)) };
                Answer::Done
            }
            Self::FreeSized { start } => {
                let cell = state.used_at(start).context("a live block")?;
                let layout = layout(payload_of(cell.size), 1)?;
                // SAFETY: as above.
                unsafe { heap.free_sized(site.payload(start), layout) };
                Answer::Done
            }
            Self::Grow { start, payload } => {
                // SAFETY: as above.
                Answer::done(unsafe { heap.grow(site.payload(start), payload) })
            }
            Self::Shrink { start, payload } => {
                // SAFETY: as above.
                Answer::done(unsafe { heap.shrink(site.payload(start), payload) })
            }
            Self::Reallocate {
                start,
                payload,
                align,
            } => {
                let layout = layout(payload, align)?;
                // SAFETY: as above.
                Answer::block(site, unsafe {
                    heap.reallocate(site.payload(start), layout)
                })?
            }
            _ => self.supply(site, heap),
        })
    }

    /// Takes a step that gives or takes back memory.
    fn supply<H: Subject>(self, site: &Site, heap: &mut H) -> Answer {
        match self {
            Self::Insert { pool } => {
                // SAFETY: a slot that no pool has.
                Answer::Bytes(unsafe { heap.insert(site.region(pool)) })
            }
            Self::Append { pool, by } => {
                // SAFETY: what lies behind a pool, in its slot.
                Answer::Bytes(unsafe { heap.append(site.region_behind(pool, by)) })
            }
            Self::Remove { pool } => {
                // SAFETY: the region that was given, or one of which the heap knows nothing.
                match unsafe { heap.remove(site.region(pool)) } {
                    Ok(()) => Answer::Done,
                    Err(RemovePoolError::NotFound) => Answer::NotFound,
                    Err(_) => Answer::InUse,
                }
            }
            _ => unreachable!("the other steps are taken above"),
        }
    }

    /// Adds every step of `state` to `steps`.
    pub(crate) fn all(setup: &Setup, site: &Site, state: &State, steps: &mut Vec<Self>) {
        for &payload in &setup.payloads {
            for &align in &setup.aligns {
                steps.push(Self::Allocate { payload, align });
            }
        }
        for cell in state.used() {
            let start = cell.start;
            steps.extend([Self::Free { start }, Self::FreeSized { start }]);
            for &payload in &setup.payloads {
                steps.push(Self::Grow { start, payload });
                steps.push(Self::Shrink { start, payload });
                let aligns = setup.aligns.iter().copied();
                let holding = aligns.filter(|&align| site.address(start).is_multiple_of(align));
                steps.extend(holding.map(|align| Self::Reallocate {
                    start,
                    payload,
                    align,
                }));
            }
        }
        Self::supplies(setup, site, state, steps);
    }

    /// Adds the steps that give or take back memory.
    fn supplies(setup: &Setup, site: &Site, state: &State, steps: &mut Vec<Self>) {
        for (slot, size) in (0_u8..).zip(site.slots()) {
            let least = Occupied {
                slot,
                size: size.least,
            };
            let Some(&pool) = state.pools.iter().find(|pool| pool.slot == slot) else {
                steps.extend([Self::Insert { pool: least }, Self::Remove { pool: least }]);
                continue;
            };
            steps.push(Self::Remove { pool });
            let pieces = 1..=size.most - pool.size;
            let pieces = pieces.filter(|by| *by < LEAST || by.is_multiple_of(setup.stride));
            steps.extend(pieces.map(|by| Self::Append { pool, by }));
        }
    }
}

/// The bytes that a pool of a slot takes when it is given.
pub(crate) fn given_bytes(site: &Site, pool: Occupied) -> usize {
    site.region(pool).len()
}

/// The bytes that an appended piece takes: none if it is smaller than the least block.
pub(crate) fn appended_bytes(by: u8) -> usize {
    if by < LEAST {
        0
    } else {
        usize::from(by) * GRANULE
    }
}
