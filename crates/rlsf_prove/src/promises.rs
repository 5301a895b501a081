//! Which free blocks are sure to serve which requests.

use crate::setup::Setup;
use crate::spec::{granules_of, sure_granules, GRANULE};
use crate::subject::Subject;
use anyhow::{ensure, Result};
use rustc_hash::FxHashMap;

/// For each request of a setup the granules of the smallest free block that is sure to serve it.
#[derive(Debug)]
pub(crate) struct Promises(FxHashMap<(usize, usize), usize>);

impl Promises {
    /// Computes them by the definition.
    ///
    /// # Errors
    ///
    /// The heap's own arithmetic says otherwise.
    pub(crate) fn of<H: Subject>(setup: &Setup) -> Result<Self> {
        let mut promises = FxHashMap::default();
        for &payload in &setup.payloads {
            for &align in &setup.aligns {
                if granules_of(payload) * GRANULE > H::LARGEST_BLOCK {
                    continue;
                }
                let sure = sure_granules(payload, align, H::SLLEN);
                if sure * GRANULE <= H::LARGEST_BLOCK {
                    let said = H::sure_block_size(payload, align);
                    ensure!(
                        said == sure * GRANULE,
                        "sure_block_size({payload}, {align}) says {said} bytes, not {sure} granules"
                    );
                    promises.insert((payload, align), sure);
                }
            }
        }
        Ok(Self(promises))
    }

    /// The granules that are sure to serve; `None` if no block is.
    pub(crate) fn sure(&self, payload: usize, align: usize) -> Option<usize> {
        self.0.get(&(payload, align)).copied()
    }
}
