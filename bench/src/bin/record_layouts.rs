//! Records which layouts a parser and a formatter request: `record-layouts FILES...` parses Rust
//! sources, formats them anew and writes `size,align,count` lines.

use core::alloc::{GlobalAlloc, Layout};
use core::fmt::Write as _;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::alloc::System;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

/// Requests of more bytes are not recorded one by one.
const LARGEST_SIZE: usize = 4096;

/// Alignments from 1 to 4096.
const ALIGNMENTS: usize = 13;

static RECORDING: AtomicBool = AtomicBool::new(false);
static COUNTS: [[AtomicU64; ALIGNMENTS]; LARGEST_SIZE + 1] =
    [const { [const { AtomicU64::new(0) }; ALIGNMENTS] }; LARGEST_SIZE + 1];

/// The system's allocator, which notes every request while the program records.
struct Recorder;

#[global_allocator]
static RECORDER: Recorder = Recorder;

fn note(size: usize, align: usize) {
    let bin = COUNTS
        .get(size)
        .and_then(|row| row.get(align.trailing_zeros() as usize));
    if let Some(count) = bin.filter(|_| RECORDING.load(Ordering::Relaxed)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every operation is the system allocator's.
unsafe impl GlobalAlloc for Recorder {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), layout.align());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) };
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(new_size, layout.align());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

/// Records the layouts that parsing and formatting Rust sources requests, as lines of size,
/// alignment and count.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Rust sources; files that do not parse are named and skipped
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where the table is written, instead of the terminal
    #[arg(long, short)]
    output: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    for path in &arguments.files {
        match fs::read_to_string(path) {
            Ok(source) => record(path, &source),
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::from(2);
            }
        }
    }
    write(&arguments)
}

/// Parses and formats one source.
fn record(path: &Path, source: &str) {
    RECORDING.store(true, Ordering::Relaxed);
    let parsed = syn::parse_file(source).map(|file| prettyplease::unparse(&file).len());
    RECORDING.store(false, Ordering::Relaxed);
    if let Err(error) = parsed {
        eprintln!("{}: skipped: {error}", path.display());
    }
}

/// Writes the counts.
fn write(arguments: &Arguments) -> ExitCode {
    let mut table = String::from("size,align,count\n");
    for (size, row) in COUNTS.iter().enumerate() {
        for (exponent, count) in row
            .iter()
            .enumerate()
            .filter(|(_, count)| count.load(Ordering::Relaxed) > 0)
        {
            let count = count.load(Ordering::Relaxed);
            writeln!(table, "{size},{},{count}", 1 << exponent).expect("a string takes every line");
        }
    }
    let Some(path) = &arguments.output else {
        print!("{table}");
        return ExitCode::SUCCESS;
    };
    fs::write(path, table).map_or_else(
        |error| {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        },
        |()| ExitCode::SUCCESS,
    )
}
