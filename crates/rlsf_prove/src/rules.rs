//! What must hold of a step: the model.
//!
//! Blocks lie end to end and two free ones are never neighbours, so the blocks in use say all of a layout:
//! it is enough to tell which of them there must be.

use crate::promises::Promises;
use crate::site::Site;
use crate::spec::{gap, granules_of, payload_of, GRANULE, LEAST};
use crate::state::{Cell, Occupied, State};
use crate::step::{appended_bytes, given_bytes, Answer, Step};
use anyhow::{bail, ensure, Context, Result};

/// A state and the bytes of its memory, to compare what came after with.
pub(crate) struct Before<'s> {
    pub(crate) site: &'s Site,
    pub(crate) state: &'s State,
    pub(crate) memory: &'s [u8],
    pub(crate) promises: &'s Promises,
    /// What the heap said of the largest size that it has.
    pub(crate) largest_allocatable: usize,
}

impl Before<'_> {
    /// Checks what a step that was taken has led to.
    pub(crate) fn check(&self, step: Step, answer: Answer, after: &State) -> Result<()> {
        let start = match step {
            Step::Insert { .. } | Step::Append { .. } | Step::Remove { .. } => {
                return self.check_supply(step, answer, after);
            }
            Step::Allocate { payload, align } => {
                let Answer::Block(new) = answer else {
                    bail!("no such answer")
                };
                self.check_block(after, new, payload, align)?;
                return self.check_others(after, None, Some(new));
            }
            Step::Free { start } | Step::FreeSized { start } => {
                return self.check_others(after, Some(start), None);
            }
            Step::Grow { start, .. }
            | Step::Shrink { start, .. }
            | Step::Reallocate { start, .. } => start,
        };
        let old = self.state.used_at(start).context("a live block")?;
        let (new, payload, align) = match (step, answer) {
            (Step::Reallocate { payload, align, .. }, Answer::Block(new)) => (new, payload, align),
            (Step::Grow { payload, .. } | Step::Shrink { payload, .. }, Answer::Done) => {
                (start, payload, GRANULE)
            }
            _ => bail!("no such answer"),
        };
        self.check_resized(step, old, new, payload)?;
        if matches!(step, Step::Grow { .. }) && payload <= payload_of(old.size) {
            ensure!(after == self.state, "growing to less changed something");
            return Ok(());
        }
        self.check_block(after, new, payload, align)?;
        let kept = payload.min(payload_of(old.size));
        ensure!(
            self.site.has_contents(new, self.memory, start, kept),
            "the contents are lost"
        );
        self.check_others(after, Some(start), Some(new))
    }

    /// A block in use at a place has the size that it needs, at its alignment.
    fn check_block(&self, after: &State, start: u8, payload: usize, align: usize) -> Result<()> {
        let cell = after.used_at(start).context("no block in use is there")?;
        let need = granules_of(payload);
        let size = usize::from(cell.size);
        ensure!(
            size >= need && size < need + usize::from(LEAST),
            "{need} granules are asked for, the block has {size}"
        );
        ensure!(
            self.site.address(start).is_multiple_of(align),
            "the block is not at a multiple of {align}"
        );
        Ok(())
    }

    /// The blocks in use are those of before, with their contents, but for the one that went and the one
    /// that came; the pools are as they were.
    fn check_others(&self, after: &State, went: Option<u8>, came: Option<u8>) -> Result<()> {
        ensure!(after.pools == self.state.pools, "the pools are others");
        let kept = || self.state.used().filter(|cell| Some(cell.start) != went);
        for cell in kept() {
            ensure!(
                after.used_at(cell.start) == Some(*cell),
                "the block at {} is another",
                cell.start
            );
            let bytes = payload_of(cell.size);
            ensure!(
                self.site
                    .has_contents(cell.start, self.memory, cell.start, bytes),
                "the contents of the block at {} are overwritten",
                cell.start
            );
        }
        let count = kept().count() + usize::from(came.is_some());
        ensure!(
            after.used().count() == count,
            "there are more or fewer blocks than were asked for"
        );
        Ok(())
    }

    /// Resizing stays in place where it can.
    fn check_resized(&self, step: Step, old: Cell, new: u8, payload: usize) -> Result<()> {
        let need = granules_of(payload);
        let in_place = need <= usize::from(old.size + self.free_behind(old));
        ensure!(
            !in_place || new == old.start,
            "a block is moved that fits where it is"
        );
        match step {
            Step::Shrink { .. } => ensure!(need <= usize::from(old.size), "shrinking grows"),
            Step::Grow { .. } => ensure!(in_place, "there is no room to grow"),
            _ => {}
        }
        Ok(())
    }

    /// The granules of the free block behind a cell, and before it.
    fn free_behind(&self, cell: Cell) -> u8 {
        let behind = self.state.free().find(|free| free.start == cell.end());
        behind.map_or(0, |free| free.size)
    }

    fn free_before(&self, cell: Cell) -> u8 {
        let before = self.state.free().find(|free| free.end() == cell.start);
        before.map_or(0, |free| free.size)
    }

    fn check_supply(&self, step: Step, answer: Answer, after: &State) -> Result<()> {
        let mut pools = self.state.pools.clone();
        let bytes = match step {
            Step::Insert { pool } => {
                pools.insert(0, pool);
                Answer::Bytes(given_bytes(self.site, pool))
            }
            Step::Append { pool, by } => {
                let longer = Occupied {
                    size: pool.size + by,
                    ..pool
                };
                pools
                    .iter_mut()
                    .filter(|it| **it == pool)
                    .for_each(|it| *it = longer);
                Answer::Bytes(appended_bytes(by))
            }
            Step::Remove { pool } => {
                pools.retain(|it| *it != pool);
                Answer::Done
            }
            _ => bail!("no such step"),
        };
        ensure!(answer == bytes, "{bytes:?} was to be the answer");
        ensure!(after.pools == pools, "the pools are to be {pools:?}");
        let as_before = State {
            pools: self.state.pools.clone(),
            ..after.clone()
        };
        self.check_others(&as_before, None, None)
    }

    /// Checks that a refusal was right: nobody had promised the request.
    pub(crate) fn check_refusal(&self, step: Step, answer: Answer) -> Result<()> {
        match step {
            Step::Allocate { payload, align } => self.check_unserved(payload, align),
            Step::Free { .. } | Step::FreeSized { .. } | Step::Insert { .. } => {
                bail!("it cannot be refused")
            }
            Step::Grow { start, payload }
            | Step::Shrink { start, payload }
            | Step::Reallocate { start, payload, .. } => {
                let cell = self.state.used_at(start).context("a live block")?;
                self.check_not_resized(step, cell, payload)
            }
            Step::Append { by, .. } => {
                ensure!(appended_bytes(by) == 0, "the piece is large enough");
                Ok(())
            }
            Step::Remove { pool } => self.check_not_removed(pool, answer),
        }
    }

    fn check_not_removed(&self, pool: Occupied, answer: Answer) -> Result<()> {
        let first = self.site.first(pool.slot);
        let mut used = self.state.used().map(|cell| cell.start);
        let in_use = used.any(|start| start >= first && start < first + pool.size);
        if self.state.pools.contains(&pool) {
            ensure!(answer == Answer::InUse && in_use, "the pool is wholly free");
        } else {
            ensure!(answer == Answer::NotFound, "there is no such pool");
        }
        Ok(())
    }

    /// A block could not be given that size: neither where it is, nor, where it may move, otherwise.
    fn check_not_resized(&self, step: Step, cell: Cell, payload: usize) -> Result<()> {
        let need = granules_of(payload);
        let room = usize::from(cell.size + self.free_behind(cell));
        match step {
            Step::Shrink { .. } => {
                ensure!(payload > payload_of(cell.size), "it can shrink to that");
            }
            Step::Reallocate { align, .. } => {
                ensure!(need > room, "it fits where it is");
                self.check_not_moved(cell, payload, align)?;
            }
            _ => ensure!(need > room, "there is room to grow"),
        }
        Ok(())
    }

    /// A block did not fit into its free neighbours, nor was any other free block sure to do.
    fn check_not_moved(&self, cell: Cell, payload: usize, align: usize) -> Result<()> {
        let (before, behind) = (self.free_before(cell), self.free_behind(cell));
        if before > 0 {
            let gap = gap(self.site.address(cell.start - before), align) / GRANULE;
            let room = usize::from(before + cell.size + behind);
            ensure!(
                granules_of(payload) + gap > room,
                "it fits with both neighbours"
            );
        }
        self.check_unserved(payload, align)
    }

    /// No free block is there of which the documentation says that it serves the request.
    fn check_unserved(&self, payload: usize, align: usize) -> Result<()> {
        let largest = usize::from(self.state.largest_free());
        if let Some(sure) = self.promises.sure(payload, align) {
            ensure!(
                sure > largest,
                "a free block of {sure} granules is sure to do"
            );
        }
        ensure!(
            align > GRANULE || payload > self.largest_allocatable || self.state.free().count() == 0,
            "largest_allocatable says {}",
            self.largest_allocatable
        );
        Ok(())
    }
}
