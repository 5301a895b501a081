//! Traces in files.

use crate::{Fault, Trace};
use core::error::Error;
use core::fmt;
use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

/// What a file that is compressed begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most bytes of a trace before compression.
const MOST_BYTES: u64 = 1 << 29;

/// Why a file gives no trace.
#[derive(Debug)]
pub enum Unreadable {
    /// It cannot be read.
    File(io::Error),
    /// It is compressed, and damaged.
    Compression(io::Error),
    /// It is larger than any trace.
    TooLarge,
    /// What it holds is no trace.
    Content(Fault),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Compression(error) => write!(f, "no trace: the compression is damaged: {error}"),
            Self::TooLarge => write!(f, "no trace: it has more than {MOST_BYTES} bytes"),
            Self::Content(fault) => fault.fmt(f),
        }
    }
}

impl Error for Unreadable {}

/// Reads a trace.
///
/// # Errors
/// The file cannot be read, or is no trace.
pub fn read(path: &Path) -> Result<Trace, Unreadable> {
    unpack(&fs::read(path).map_err(Unreadable::File)?)
}

/// Reads a trace from the bytes of a file.
///
/// # Errors
/// The bytes are no trace.
pub fn unpack(bytes: &[u8]) -> Result<Trace, Unreadable> {
    if !bytes.starts_with(&GZIP) {
        return Trace::decode(bytes).map_err(Unreadable::Content);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(MOST_BYTES + 1)
        .read_to_end(&mut unpacked)
        .map_err(Unreadable::Compression)?;
    if unpacked.len() as u64 > MOST_BYTES {
        return Err(Unreadable::TooLarge);
    }
    Trace::decode(&unpacked).map_err(Unreadable::Content)
}

/// The bytes of a file with the trace: compressed, and the same for the same trace.
///
/// # Errors
/// None: memory takes what is written.
pub fn pack(trace: &Trace) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(&trace.encode())?;
    encoder.finish()
}
