//! A whole trace, and what can be said of it.

use crate::decode::{decode, Fault};
use crate::encode::encode;
use crate::step::{Operation, Step};
use std::collections::HashMap;

/// What a program asked its heap for: every block that is freed or resized is live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    steps: Vec<Step>,
}

/// What can be said of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Steps of each kind.
    pub allocations: u64,
    /// Blocks that were freed.
    pub frees: u64,
    /// Blocks that got another size.
    pub resizes: u64,
    /// Threads that did any of it.
    pub threads: u32,
    /// The most bytes that were live at a time, as they were requested.
    pub peak_bytes: u64,
    /// The most blocks that were live at a time.
    pub peak_blocks: u64,
    /// The blocks that nobody freed.
    pub left_blocks: u64,
}

impl Figures {
    /// All steps.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.allocations + self.frees + self.resizes
    }
}

impl Trace {
    /// The trace of these steps.
    ///
    /// # Errors
    /// The steps break a rule of the format: a block is used that is not live, or there is too
    /// much of something. The fault's offset is the number of the step.
    pub fn new(steps: Vec<Step>) -> Result<Self, Fault> {
        let mut ledger = Ledger::default();
        for (index, step) in steps.iter().enumerate() {
            ledger
                .apply(step)
                .map_err(|what| Fault::new(index as u64, what))?;
        }
        Ok(Self { steps })
    }

    /// Reads a trace, as it stands in a file that is not compressed.
    ///
    /// # Errors
    /// The bytes are no trace: what is wrong, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(Self {
            steps: decode(bytes)?,
        })
    }

    /// The trace's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(&self.steps)
    }

    /// What the program did, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What can be said of it. Time linear in the steps.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut ledger = Ledger::default();
        for step in &self.steps {
            // Whoever made the trace has applied it.
            let applied = ledger.apply(step);
            debug_assert!(applied.is_ok(), "a trace keeps its rules");
        }
        ledger.figures()
    }
}

/// The live blocks of a trace at a step, and the rules that a step keeps.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    live: HashMap<u32, u64>,
    live_bytes: u64,
    figures: Figures,
}

impl Ledger {
    /// The number of the next block.
    pub(crate) fn next_id(&self) -> u64 {
        self.figures.allocations
    }

    /// Does a step, or says which rule it breaks.
    pub(crate) fn apply(&mut self, step: &Step) -> Result<(), &'static str> {
        if self.figures.steps() >= crate::MOST_STEPS {
            return Err("too many steps");
        }
        match step.operation {
            Operation::Allocate { size, align } => self.allocate(size, align)?,
            Operation::Free { id } => {
                self.live_bytes -= self.live.remove(&id).ok_or(NOT_LIVE)?;
                self.figures.frees += 1;
            }
            Operation::Resize { id, size } => {
                let old = self.live.get_mut(&id).ok_or(NOT_LIVE)?;
                let others = self.live_bytes - *old;
                self.live_bytes = sum(others, size)?;
                *old = size;
                self.figures.resizes += 1;
            }
        }
        let figures = &mut self.figures;
        figures.threads = figures.threads.max(step.thread.saturating_add(1));
        figures.peak_bytes = figures.peak_bytes.max(self.live_bytes);
        figures.peak_blocks = figures.peak_blocks.max(self.live.len() as u64);
        Ok(())
    }

    fn allocate(&mut self, size: u64, align: u64) -> Result<(), &'static str> {
        if !align.is_power_of_two() || align > 1 << crate::LARGEST_ALIGN_LOG2 {
            return Err("no such alignment");
        }
        let id = u32::try_from(self.next_id()).map_err(|_| "too many steps")?;
        self.live_bytes = sum(self.live_bytes, size)?;
        self.live.insert(id, size);
        self.figures.allocations += 1;
        Ok(())
    }

    fn figures(&self) -> Figures {
        Figures {
            left_blocks: self.live.len() as u64,
            ..self.figures
        }
    }
}

const NOT_LIVE: &str = "a block is used that is not live";

fn sum(others: u64, size: u64) -> Result<u64, &'static str> {
    others
        .checked_add(size)
        .filter(|&sum| sum <= crate::MOST_LIVE_BYTES)
        .ok_or("more bytes are live than can be addressed")
}
