//! From what the preloaded library recorded to a trace: addresses become blocks' numbers.

use crate::step::{Operation, Step};
use crate::{Fault, Trace};
use core::error::Error;
use core::fmt;
use rlsf_recording::{
    Event, Header, ALLOCATED, EVENT_BYTES, FREEING, KIND_BITS, MAGIC, RESIZED, RESIZING,
};
use std::collections::HashMap;
use std::io::{self, Read};

/// A trace, and what of the recording is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The trace.
    pub trace: Trace,
    /// The process that was recorded.
    pub process: u64,
    /// Operations on blocks that came before the recording began.
    pub unknown: u64,
}

/// Why a recording gives no trace.
#[derive(Debug)]
pub enum Unusable {
    /// It cannot be read.
    Read(io::Error),
    /// Nobody recorded.
    Empty,
    /// It is no recording: the offset of what is wrong.
    Malformed(u64),
    /// There is more in it than a trace may have.
    Large(Fault),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Empty => f.write_str("nothing was recorded"),
            Self::Malformed(offset) => write!(f, "no recording: at byte {offset}"),
            Self::Large(fault) => write!(f, "no trace can hold it: {}", fault.what()),
        }
    }
}

impl Error for Unusable {}

/// Makes a trace of a recording.
///
/// # Errors
/// It cannot be read, or is none.
pub fn convert(recording: &mut impl Read) -> Result<Converted, Unusable> {
    let header = next(recording)?.ok_or(Unusable::Empty)?;
    let header = Header::from_bytes(&header);
    match header.magic {
        MAGIC => {}
        0 => return Err(Unusable::Empty),
        _ => return Err(Unusable::Malformed(0)),
    }
    let mut book = Book::default();
    let mut offset = EVENT_BYTES as u64;
    while let Some(bytes) = next(recording)? {
        let event = Event::from_bytes(&bytes);
        if event.kind == 0 {
            break;
        }
        book.enter(&event).ok_or(Unusable::Malformed(offset))?;
        offset += EVENT_BYTES as u64;
    }
    let Book { steps, unknown, .. } = book;
    Ok(Converted {
        trace: Trace::new(steps).map_err(Unusable::Large)?,
        process: header.process,
        unknown,
    })
}

/// The next event's bytes; `None` if there are not so many.
fn next(recording: &mut impl Read) -> Result<Option<[u8; EVENT_BYTES]>, Unusable> {
    let mut bytes = [0; EVENT_BYTES];
    match recording.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(Unusable::Read(error)),
    }
}

/// Which block is at an address, and what has been done.
#[derive(Default)]
struct Book {
    steps: Vec<Step>,
    allocated: u32,
    live: HashMap<u64, u32>,
    /// Blocks that threads are resizing, and their addresses; none is known of an older block.
    resizing: HashMap<u64, (u64, Option<u32>)>,
    threads: HashMap<u64, u32>,
    unknown: u64,
}

impl Book {
    /// Takes an event; `None` if it is none.
    fn enter(&mut self, event: &Event) -> Option<()> {
        let address = event.address;
        match event.kind & ((1 << KIND_BITS) - 1) {
            ALLOCATED => self.allocate(event)?,
            FREEING => match self.live.remove(&address) {
                Some(id) => self.push(event, Operation::Free { id }),
                None => self.unknown += 1,
            },
            RESIZING => {
                let id = self.live.remove(&address);
                self.resizing.insert(event.thread, (address, id));
            }
            RESIZED => self.resize(event)?,
            _ => return None,
        }
        Some(())
    }

    fn allocate(&mut self, event: &Event) -> Option<()> {
        let align = u32::try_from(event.kind >> KIND_BITS).ok()?;
        let align = 1u64.checked_shl(align)?;
        // The end of the block that was there was not seen.
        if let Some(id) = self.live.remove(&event.address) {
            self.push(event, Operation::Free { id });
        }
        self.live.insert(event.address, self.allocated);
        self.allocated = self.allocated.checked_add(1)?;
        let size = event.size;
        self.push(event, Operation::Allocate { size, align });
        Some(())
    }

    fn resize(&mut self, event: &Event) -> Option<()> {
        let (old_address, id) = self.resizing.remove(&event.thread)?;
        let Some(id) = id else {
            self.unknown += 1;
            return Some(());
        };
        if event.address == 0 {
            self.live.insert(old_address, id);
            return Some(());
        }
        self.live.insert(event.address, id);
        let size = event.size;
        self.push(event, Operation::Resize { id, size });
        Some(())
    }

    fn push(&mut self, event: &Event, operation: Operation) {
        let next = u32::try_from(self.threads.len()).unwrap_or(u32::MAX);
        let thread = *self.threads.entry(event.thread).or_insert(next);
        self.steps.push(Step { thread, operation });
    }
}
