//! A heap's invariants as code.

use super::middle::bytes;
use super::HeapRef;
use crate::intake::Intake;
use crate::link::{Inbox, Link};
use crate::map;
use crate::quick::{Lies, Size};
use crate::segment::SegmentRef;
use crate::slab::{self, Place, SlabRef};
use crate::validate::{demand, Violation};
use core::cell::UnsafeCell;
use core::iter::successors;
use core::ptr::NonNull;

/// The address that a violation names.
fn address<T>(of: NonNull<T>) -> usize {
    of.as_ptr() as usize
}

/// The blocks that wait in an inbox, and those that were taken out of it.
fn waiting<'a>(
    intake: &'a UnsafeCell<Intake>,
    inbox: &Inbox,
) -> impl Iterator<Item = NonNull<Link>> + 'a {
    // SAFETY: nobody uses the heap meanwhile.
    let intake = unsafe { &*intake.get() };
    intake.blocks().chain(inbox.chain().blocks())
}

/// What has been met in a heap's segments.
#[derive(Default)]
struct Met {
    slabs: usize,
    /// Slabs of which others have freed blocks.
    queued: usize,
    /// Other blocks in use of the `Tlsf`.
    blocks: usize,
    /// The bytes of these and of the slabs.
    bytes: usize,
}

impl HeapRef {
    /// Checks every invariant of the heap. Nobody uses it meanwhile.
    pub(crate) fn validate(self) -> Result<(), Violation> {
        self.blocks().validate().map_err(Violation::Blocks)?;
        let mut met = Met::default();
        let mut segments = 0;
        for segment in successors(self.own().segments.get(), |it| it.next()) {
            self.validate_segment(segment, &mut met)?;
            segments += 1;
        }
        let heap = address(self.0);
        let pools = self.blocks().pools().count();
        demand(pools == segments, Violation::Segments { heap })?;
        self.validate_lists(met.slabs)?;
        let in_use = self.validate_resting(&met)?;
        self.validate_inboxes(in_use, met.queued)
    }

    /// Checks the blocks that rest; how many of the others that are no slabs are in use.
    fn validate_resting(self, met: &Met) -> Result<usize, Violation> {
        let mut in_use = met.blocks;
        for (block, size, lies) in self.front().quick.resting() {
            let address = address(block);
            demand(
                in_use > 0 && self.rests_at(block, size, lies),
                Violation::Rest { address },
            )?;
            in_use -= 1;
        }
        let address = address(self.0);
        let is_counted = self.front().quick.is_counted(in_use, met.bytes);
        demand(is_counted, Violation::Rest { address })?;
        Ok(in_use)
    }

    /// Whether a block that rests belongs into its list.
    fn rests_at(self, block: NonNull<u8>, size: Size, lies: Lies) -> bool {
        if !self.has_segment_around(block) {
            return false;
        }
        // SAFETY: the map says so.
        let segment = unsafe { SegmentRef::around(block) };
        !segment.is_slab(block)
            && self.examine(segment, block).is_ok()
            && Size::at_most(bytes(block)) == Some(size)
            && self.lies(segment) == lies
    }

    /// Checks the lists, in which at most so many slabs can be.
    fn validate_lists(self, mut slabs: usize) -> Result<(), Violation> {
        let mut resting = 0;
        for list in &self.own().listed {
            let mut is_end = false;
            for slab in SlabRef::of_list(list) {
                let address = address(slab.memory());
                // A list that leads in a circle ends here, too.
                demand(slabs > 0, Violation::Slab { address })?;
                slabs -= 1;
                let is_listed = slab.place() == Place::Listed && (slab.is_idle() || !is_end);
                demand(is_listed, Violation::Slab { address })?;
                is_end = slab.is_idle();
                resting += usize::from(is_end);
            }
        }
        let heap = address(self.0);
        let is_counted = resting == self.own().resting.get();
        demand(is_counted, Violation::Resting { heap })
    }

    /// Checks a segment, and counts what is in it.
    fn validate_segment(self, segment: SegmentRef, met: &mut Met) -> Result<(), Violation> {
        let memory = segment.memory();
        let address = address(memory);
        let is_own = segment.heap() == self && map::has(memory);
        demand(is_own, Violation::Segment { address })?;
        let (mut used, mut slabs) = (0, 0);
        // SAFETY: the segment's pool.
        for block in unsafe { self.blocks().iter_blocks(segment.pool()) } {
            if !block.is_occupied() {
                continue;
            }
            used += 1;
            let payload = block.as_ptr().as_ptr().cast::<u8>();
            let payload = payload.wrapping_add(size_of::<usize>());
            // SAFETY: within the segment.
            let payload = unsafe { NonNull::new_unchecked(payload) };
            met.bytes += bytes(payload);
            if segment.is_slab(payload) {
                let is_slab = block.max_payload_size() >= slab::BYTES;
                demand(is_slab, Violation::Segment { address })?;
                slabs += 1;
                met.queued += usize::from(self.validate_slab(payload)?);
            }
        }
        let is_counted = (segment.used(), segment.slabs()) == (used, slabs);
        demand(is_counted, Violation::Segment { address })?;
        met.slabs += slabs;
        met.blocks += used - slabs;
        Ok(())
    }

    /// Checks a slab; whether it is queued.
    fn validate_slab(self, memory: NonNull<u8>) -> Result<bool, Violation> {
        let address = address(memory);
        demand(
            address.is_multiple_of(slab::STEP),
            Violation::Slab { address },
        )?;
        // SAFETY: a slab's memory.
        let slab = unsafe { SlabRef::around(memory) };
        let is_current = self.current(slab.class()).get() == slab;
        let is_placed = match slab.place() {
            Place::Current => is_current,
            Place::Listed => !is_current && slab.is_linked(),
            // A block that was not linked yet when its owner last looked: the queue tells of it.
            Place::Full => !is_current && !slab.is_idle() && (!slab.has_free() || slab.is_queued()),
        };
        let is_intact = is_placed && slab.is_intact();
        demand(is_intact, Violation::Slab { address })?;
        Ok(slab.is_queued())
    }

    /// Checks what other threads have freed: at most so many blocks, and just so many slabs.
    fn validate_inboxes(self, blocks: usize, queued: usize) -> Result<(), Violation> {
        let mut left = blocks;
        for block in waiting(&self.own().freed, &self.others().freed) {
            let address = address(block);
            // A list that leads in a circle ends here, too.
            demand(left > 0, Violation::Inbox { address })?;
            left -= 1;
            let is_own = self.has_segment_around(block.cast());
            demand(is_own, Violation::Inbox { address })?;
        }
        let mut left = queued;
        let inboxes = self.own().queued.iter().zip(&self.others().queues);
        for link in inboxes.flat_map(|(intake, queue)| waiting(intake, queue)) {
            let address = address(link);
            demand(left > 0, Violation::Inbox { address })?;
            left -= 1;
            // SAFETY: nobody takes it out; it is only looked at.
            let slab = unsafe { SlabRef::from_queue(link) };
            let is_own = slab.is_queued() && self.has_segment_around(slab.memory());
            demand(is_own, Violation::Inbox { address })?;
        }
        let address = address(self.0);
        demand(left == 0, Violation::Inbox { address })
    }

    /// Whether an address lies in a segment of this heap.
    fn has_segment_around(self, block: NonNull<u8>) -> bool {
        // SAFETY: the map says so.
        map::has(block) && unsafe { SegmentRef::around(block) }.heap() == self
    }
}
