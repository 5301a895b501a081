//! What is searched: pools, requests and alignments.

use crate::site::Slot;
use crate::spec::{payload_of, GRANULE, LEAST};

/// One search's world.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The heap's parameters, for people.
    pub(crate) name: &'static str,
    pub(crate) slots: Vec<Slot>,
    /// The arena's distance from a multiple of 64 Ki, in bytes.
    pub(crate) offset: usize,
    /// The granules of which every block's size is a multiple: 1, or the least block's.
    pub(crate) stride: u8,
    pub(crate) aligns: Vec<usize>,
    /// What is asked for, in bytes: one of each block's size, and some that nothing serves. Filled in by
    /// `for_largest_block`.
    pub(crate) payloads: Vec<usize>,
}

impl Setup {
    /// Every size, and alignments of 1 to 8 granules and one that no pool has. The pools' sizes are those when
    /// they are given and when nothing more can be appended, in least blocks.
    pub(crate) fn every_size(name: &'static str, pools: &[(u8, u8)], offset: usize) -> Self {
        let aligns = [1, 2, 4, 8, 512].map(|granules| granules * GRANULE);
        Self::new(name, pools, offset, 1, &aligns)
    }

    /// Multiples of the least block only, at a granule's alignment: pools of more blocks.
    pub(crate) fn multiples_of_the_least(name: &'static str, pools: &[(u8, u8)]) -> Self {
        Self::new(name, pools, 0, LEAST, &[GRANULE])
    }

    fn new(
        name: &'static str,
        pools: &[(u8, u8)],
        offset: usize,
        stride: u8,
        aligns: &[usize],
    ) -> Self {
        let slots = pools.iter().map(|&(least, most)| Slot {
            least: least * LEAST,
            most: most * LEAST,
        });
        Self {
            name,
            slots: slots.collect(),
            offset,
            stride,
            aligns: aligns.to_vec(),
            payloads: Vec::new(),
        }
    }

    /// The setup for a heap whose largest block has `bytes`: no pool has more.
    pub(crate) fn for_largest_block(&self, bytes: usize) -> Self {
        let most = u8::try_from(bytes / GRANULE).unwrap_or(u8::MAX);
        let slots = self.slots.iter().map(|slot| Slot {
            least: slot.least.min(most),
            most: slot.most.min(most),
        });
        let slots: Vec<Slot> = slots.collect();
        let largest = slots.iter().map(|slot| slot.most).max().unwrap_or(0);
        let sizes = (LEAST..=largest + self.stride).filter(|size| size.is_multiple_of(self.stride));
        let mut payloads: Vec<usize> = sizes.map(payload_of).collect();
        // The least that can be asked for, and what no heap has.
        payloads.extend([0, isize::MAX as usize / 2]);
        Self {
            slots,
            payloads,
            ..self.clone()
        }
    }

    /// The parameters, and the pools' sizes in granules.
    pub(crate) fn title(&self) -> String {
        let pools = self.slots.iter().map(|slot| match slot.most - slot.least {
            0 => slot.least.to_string(),
            _ => format!("{}..{}", slot.least, slot.most),
        });
        let stride = if self.stride == 1 {
            "every size"
        } else {
            "multiples of the least block"
        };
        format!(
            "{} pools of {} granules, {stride}",
            self.name,
            pools.collect::<Vec<_>>().join(" and ")
        )
    }
}
