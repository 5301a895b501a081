#![no_std]
//! What the preloaded library writes while it records, and `rlsf record` reads afterwards.
//!
//! ```text
//!   Header | Event | Event | ... | Event | zeros up to the end of the file
//! ```
//!
//! All have 32 bytes, in the machine's own byte order: the file goes from one process of a
//! machine to another, and is turned into a trace at once. An event holds addresses as they are.
//! To give each block a number takes a table, and a table takes memory, which the program that
//! is recorded is not to lend: so that is left to the reader.
//!
//! Events stand in an order in which the heap may have done them: a block's end is written before
//! the heap takes it, its beginning after the heap gave it. The kind of an event is written last.

use core::mem::size_of;

/// What a recording begins with: also tells this layout from later ones.
pub const MAGIC: u64 = u64::from_le_bytes(*b"rlsfrec1");

/// The bytes of a header, and of an event.
pub const EVENT_BYTES: usize = 32;

/// A block came: address, size and alignment.
pub const ALLOCATED: u64 = 1;
/// A block goes: address.
pub const FREEING: u64 = 2;
/// A block is about to be resized: address. The thread's next event is [`RESIZED`].
pub const RESIZING: u64 = 3;
/// It was resized: the new address and size; address zero if it stayed as it was.
pub const RESIZED: u64 = 4;

/// Bits of an event's first word that hold its kind; above them is the alignment's logarithm.
pub const KIND_BITS: u32 = 8;

/// The start of a recording.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// [`MAGIC`], or zero when nobody has claimed the file.
    pub magic: u64,
    /// The process that writes.
    pub process: u64,
    /// Zero.
    pub reserved: [u64; 2],
}

/// One thing that happened to a heap.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The kind, and the alignment's binary logarithm; zero if there is no event.
    pub kind: u64,
    /// What tells the living threads of a process apart.
    pub thread: u64,
    /// A block's address.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
}

const _: () = assert!(size_of::<Header>() == EVENT_BYTES && size_of::<Event>() == EVENT_BYTES);

impl Event {
    /// Reads an event.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; EVENT_BYTES]) -> Self {
        let [kind, thread, address, size] = words(bytes);
        Self {
            kind,
            thread,
            address,
            size,
        }
    }

    /// The event's bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; EVENT_BYTES] {
        bytes([self.kind, self.thread, self.address, self.size])
    }
}

impl Header {
    /// Reads a header.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; EVENT_BYTES]) -> Self {
        let [magic, process, first, second] = words(bytes);
        Self {
            magic,
            process,
            reserved: [first, second],
        }
    }

    /// The header's bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; EVENT_BYTES] {
        let [first, second] = self.reserved;
        bytes([self.magic, self.process, first, second])
    }
}

fn words(bytes: &[u8; EVENT_BYTES]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    core::array::from_fn(|index| u64::from_ne_bytes(words[index]))
}

fn bytes(words: [u64; 4]) -> [u8; EVENT_BYTES] {
    let mut bytes = [0; EVENT_BYTES];
    let (places, _) = bytes.as_chunks_mut::<8>();
    for (place, word) in places.iter_mut().zip(words) {
        *place = word.to_ne_bytes();
    }
    bytes
}
