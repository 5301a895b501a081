//! Reading the format: whatever the bytes are, a trace or a fault comes of them.

use crate::step::{Operation, Step};
use crate::trace::Ledger;
use crate::varint::{take, NoNumber};
use crate::{LARGEST_ALIGN_LOG2, MAGIC, MOST_STEPS, USUAL_ALIGN};
use core::error::Error;
use core::fmt;

/// Why bytes are no trace, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    offset: u64,
    what: &'static str,
}

impl Fault {
    pub(crate) const fn new(offset: u64, what: &'static str) -> Self {
        Self { offset, what }
    }

    /// Where: bytes from the start of the trace, before compression.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub const fn what(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no trace: {} (at byte {})", self.what, self.offset)
    }
}

impl Error for Fault {}

/// The steps that the bytes stand for.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Step>, Fault> {
    let mut reader = Reader::after_magic(bytes)?;
    let count = reader.number()?;
    if count > MOST_STEPS {
        return Err(reader.fault("too many steps"));
    }
    // A step has a byte at least: no more is reserved than the bytes can hold.
    let room = count.min(reader.rest.len() as u64);
    let mut steps = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
    let mut ledger = Ledger::default();
    for _ in 0..count {
        let step = reader.step(ledger.next_id())?;
        ledger.apply(&step).map_err(|what| reader.fault(what))?;
        steps.push(step);
    }
    reader.start_step();
    if reader.rest.is_empty() {
        Ok(steps)
    } else {
        Err(reader.fault("there is more after the last step"))
    }
}

/// The bytes that are still to be read.
struct Reader<'bytes> {
    rest: &'bytes [u8],
    length: usize,
    thread: u32,
    /// Where the step begins that is being read.
    start: usize,
}

impl<'bytes> Reader<'bytes> {
    fn after_magic(bytes: &'bytes [u8]) -> Result<Self, Fault> {
        let magic = bytes.len().min(MAGIC.len());
        let differs = |index: &usize| bytes[*index] != MAGIC[*index];
        match (0..magic).find(differs) {
            Some(7) => return Err(Fault::new(7, "a version that this program does not know")),
            Some(index) => return Err(Fault::new(index as u64, "it does not begin as one")),
            None => {}
        }
        let mut reader = Self {
            rest: bytes,
            length: bytes.len(),
            thread: 0,
            start: 0,
        };
        reader.rest = bytes
            .get(MAGIC.len()..)
            .ok_or_else(|| Fault::new(reader.length as u64, ENDED))?;
        reader.start_step();
        Ok(reader)
    }

    /// What is wrong with the step that is being read.
    fn fault(&self, what: &'static str) -> Fault {
        Fault::new(self.start as u64, what)
    }

    fn start_step(&mut self) {
        self.start = self.length - self.rest.len();
    }

    fn number(&mut self) -> Result<u64, Fault> {
        take(&mut self.rest).map_err(|error| match error {
            NoNumber::Ended => Fault::new(self.length as u64, ENDED),
            NoNumber::Malformed => self.fault("a malformed number"),
        })
    }

    /// The next step, when `next_id` is the next block's number.
    fn step(&mut self, next_id: u64) -> Result<Step, Fault> {
        self.start_step();
        let mut word = self.number()?;
        while word & 0b111 == 0b011 {
            self.thread = u32::try_from(word >> 3)
                .ok()
                .filter(|&thread| thread < u32::MAX)
                .ok_or_else(|| self.fault("too many threads"))?;
            self.start_step();
            word = self.number()?;
        }
        let operation = match word & 0b11 {
            0b00 => Operation::Allocate {
                size: word >> 3,
                align: self.align(word)?,
            },
            0b01 => Operation::Free {
                id: self.id(word, next_id)?,
            },
            0b10 => Operation::Resize {
                id: self.id(word, next_id)?,
                size: self.number()?,
            },
            _ => return Err(self.fault("an unknown operation")),
        };
        let thread = self.thread;
        Ok(Step { thread, operation })
    }

    /// The alignment of an allocation.
    fn align(&mut self, word: u64) -> Result<u64, Fault> {
        if word & 0b100 == 0 {
            return Ok(USUAL_ALIGN);
        }
        let log2 = self.number()?;
        if log2 > LARGEST_ALIGN_LOG2.into() {
            return Err(self.fault("no such alignment"));
        }
        Ok(1 << log2)
    }

    /// The number of the block of an age.
    fn id(&self, word: u64, next_id: u64) -> Result<u32, Fault> {
        let id = next_id.checked_sub(1 + (word >> 2));
        id.and_then(|id| u32::try_from(id).ok())
            .ok_or_else(|| self.fault("a block is used that was never allocated"))
    }
}

const ENDED: &str = "it ends too early";
