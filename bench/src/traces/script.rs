//! A trace made ready to be replayed: blocks have slots, and what is left is freed at the end.

use rlsf_trace::step::Operation;
use rlsf_trace::{Figures, Trace};

use super::replay::Action;

/// The most bytes that may be live: several times as many have to fit into memory.
const MOST_LIVE_BYTES: u64 = 1 << 30;

/// The actions of a trace. They keep these rules: a slot that gets a block is empty, one whose block
/// is freed or resized has one, sizes are not zero, and in the end all slots are empty.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) figures: Figures,
    /// How many slots the actions use.
    pub(crate) slots: usize,
    pub(crate) actions: Vec<Action>,
}

impl Script {
    /// Makes a script of a trace. A block of no bytes becomes one of one byte, since heaps over a
    /// pool are asked for nothing less.
    ///
    /// # Errors
    /// There is too much in the trace to be replayed.
    pub(crate) fn new(name: String, trace: &Trace) -> Result<Self, String> {
        let figures = trace.figures();
        if figures.peak_bytes > MOST_LIVE_BYTES {
            return Err("more than 1 GiB is live at a time: too much to be replayed".to_owned());
        }
        if figures.allocations == 0 {
            return Err("nothing is allocated in it".to_owned());
        }
        let mut places = Places::default();
        let mut actions: Vec<_> = trace
            .steps()
            .iter()
            .map(|step| places.action(step.operation))
            .collect();
        let left = places.taken();
        actions.extend(left.into_iter().map(|slot| Action::Free { slot }));
        Ok(Self {
            name,
            figures,
            slots: places.slots as usize,
            actions,
        })
    }

    /// The most bytes that were live at a time.
    pub(crate) fn peak(&self) -> usize {
        usize::try_from(self.figures.peak_bytes).expect("less than a gibibyte")
    }
}

/// Which slot a block has; the latest one that became empty is the next to be used.
#[derive(Debug, Default)]
struct Places {
    /// The slot of every block that ever was, and whether it lives.
    of_block: Vec<(u32, bool)>,
    empty: Vec<u32>,
    slots: u32,
}

impl Places {
    fn action(&mut self, operation: Operation) -> Action {
        match operation {
            Operation::Allocate { size, align } => Action::Allocate {
                slot: self.take(),
                size: bytes(size),
                align: u32::try_from(align).expect("a trace aligns to a gibibyte at most"),
            },
            Operation::Free { id } => {
                let (slot, lives) = &mut self.of_block[id as usize];
                *lives = false;
                self.empty.push(*slot);
                Action::Free { slot: *slot }
            }
            Operation::Resize { id, size } => Action::Resize {
                slot: self.of_block[id as usize].0,
                size: bytes(size),
            },
        }
    }

    fn take(&mut self) -> u32 {
        let slot = self.empty.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        self.of_block.push((slot, true));
        slot
    }

    /// The slots that have a block, the latest one first.
    fn taken(&self) -> Vec<u32> {
        let live = self.of_block.iter().rev().filter(|(_, lives)| *lives);
        live.map(|&(slot, _)| slot).collect()
    }
}

/// A size as a heap is asked for it.
fn bytes(size: u64) -> u32 {
    u32::try_from(size.max(1)).expect("less than a gibibyte is live")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rlsf_trace::step::Step;

    fn script(operations: &[Operation]) -> Result<Script, String> {
        let step = |&operation: &Operation| Step {
            thread: 0,
            operation,
        };
        let trace = Trace::new(operations.iter().map(step).collect()).unwrap();
        Script::new("test".to_owned(), &trace)
    }

    #[test]
    fn slots_are_used_again_and_what_is_left_is_freed() {
        let allocate = |size| Operation::Allocate { size, align: 16 };
        let script = script(&[
            allocate(5),
            allocate(6),
            Operation::Free { id: 0 },
            allocate(0),
            Operation::Resize { id: 1, size: 0 },
        ]);
        let script = script.unwrap();
        let allocate = |slot, size| Action::Allocate {
            slot,
            size,
            align: 16,
        };
        let expected = [
            allocate(0, 5),
            allocate(1, 6),
            Action::Free { slot: 0 },
            allocate(0, 1),
            Action::Resize { slot: 1, size: 1 },
            Action::Free { slot: 0 },
            Action::Free { slot: 1 },
        ];
        assert_eq!(script.actions, expected);
        assert_eq!((script.slots, script.peak()), (2, 11));
    }

    #[test]
    fn what_cannot_be_replayed_is_refused() {
        assert!(script(&[]).is_err());
        let size = MOST_LIVE_BYTES + 1;
        let told = script(&[Operation::Allocate { size, align: 16 }]).unwrap_err();
        assert!(told.contains("1 GiB"), "{told}");
    }
}
