//! What is said of the heap when the program ends.

use super::counters::{self, Counts, NAMES};
use super::heap::{Figures, HEAP};
use super::message::{say, Text};
use super::settings::{self, Settings};
use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::fmt::{self, Write};
use core::mem::size_of;
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering::Relaxed};
use libc::{c_char, c_int, pid_t};

/// The program's name, cut to what is worth telling.
struct Program(UnsafeCell<[u8; 64]>);

// SAFETY: it is written once, before the program has a second thread.
unsafe impl Sync for Program {}

static PROGRAM: Program = Program(UnsafeCell::new([0; 64]));
static TO_STDERR: AtomicBool = AtomicBool::new(false);
static TO_FILE: AtomicBool = AtomicBool::new(false);

/// The process that has not reported yet: a child of `vfork`, which uses its parent's
/// memory, is another one.
static PROCESS: AtomicI32 = AtomicI32::new(0);

extern "C" {
    /// Has `quick_exit(3)` call a function, which calls no destructors.
    fn at_quick_exit(function: extern "C" fn()) -> c_int;
}

extern "C" fn begin_process() {
    PROCESS.store(process(), Relaxed);
}

fn process() -> pid_t {
    // SAFETY: it has no arguments.
    unsafe { libc::getpid() }
}

/// Notes what is to be reported, and of which program.
///
/// # Safety
///
/// `argv` is null, or a list of strings; no other thread runs.
pub(super) unsafe fn prepare(argv: *const *const c_char, settings: Settings) {
    TO_STDERR.store(settings.stats, Relaxed);
    TO_FILE.store(settings.stats_file, Relaxed);
    begin_process();
    // SAFETY: a function that may be called in a child.
    unsafe { libc::pthread_atfork(None, None, Some(begin_process)) };
    // SAFETY: a function that may be called at any time.
    unsafe { at_quick_exit(at_exit) };
    // SAFETY: the caller's promise.
    let name = unsafe { argv.as_ref() }.filter(|name| !name.is_null());
    let Some(name) = name else { return };
    // SAFETY: the caller's promise.
    let path = unsafe { CStr::from_ptr(*name) }.to_bytes();
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    // SAFETY: no other thread runs, and nobody reads it yet.
    let program = unsafe { &mut *PROGRAM.0.get() };
    let len = name.len().min(program.len());
    program[..len].copy_from_slice(&name[..len]);
}

/// Reports once, if that was asked for.
pub(super) extern "C" fn at_exit() {
    if !counters::are_on() || PROCESS.load(Relaxed) != process() {
        return;
    }
    PROCESS.store(0, Relaxed);
    if HEAP.is_interrupted() {
        // The program ends in a signal's handler: there is nobody who could finish the operation.
        return;
    }
    let record = Record::read();
    if TO_STDERR.load(Relaxed) {
        let mut text = Text::new();
        // A buffer takes everything.
        let _ = record.write_report(&mut text);
        text.send(libc::STDERR_FILENO);
    }
    if TO_FILE.load(Relaxed) && !append(&record) {
        say(format_args!(
            "the statistics cannot be written to {}",
            settings::stats_file().to_bytes().escape_ascii()
        ));
    }
}

/// Appends the record to the file with one call, so that those of several processes do not
/// mix; whether it did.
fn append(record: &Record) -> bool {
    let mut line = Text::new();
    // A buffer takes everything.
    let _ = record.write_json(&mut line);
    let how = libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT | libc::O_CLOEXEC;
    // SAFETY: a string.
    let file = unsafe { libc::open(settings::stats_file().as_ptr(), how, 0o666) };
    if file < 0 {
        return false;
    }
    let sent = line.send(file);
    // SAFETY: just opened.
    let closed = unsafe { libc::close(file) } == 0;
    sent && closed
}

/// All that is reported. Bytes, unless a name says otherwise.
struct Record {
    counts: Counts,
    heap: Figures,
}

impl Record {
    fn read() -> Self {
        Self {
            counts: counters::read(),
            heap: HEAP.figures(),
        }
    }

    /// Headers, and what stands around the blocks.
    fn overhead_bytes(&self) -> usize {
        let payload_and_free = self.heap.live_bytes + self.heap.free_bytes;
        self.heap.pool_bytes.saturating_sub(payload_and_free)
    }

    /// The part of the free bytes that is not in the largest free block, in ten-thousandths.
    fn fragmentation(&self) -> u64 {
        let free = self.heap.free_bytes;
        let elsewhere = free.saturating_sub(self.heap.largest_free + size_of::<usize>());
        // No machine has so many bytes that the product would not fit.
        (elsewhere as u64).saturating_mul(10_000) / (free as u64).max(1)
    }

    fn write_json(&self, out: &mut Text) -> fmt::Result {
        let pid = process();
        // SAFETY: it has no arguments.
        let parent = unsafe { libc::getppid() };
        write!(out, "{{\"pid\":{pid},\"parent\":{parent},\"program\":\"")?;
        write_escaped(out, program())?;
        out.write_str("\",\"operations\":{")?;
        for (index, (name, count)) in NAMES.iter().zip(self.counts.operations).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(out, "{comma}\"{name}\":{count}")?;
        }
        out.write_str("}")?;
        for (name, value) in self.figures() {
            write!(out, ",\"{name}\":{value}")?;
        }
        let parts = self.fragmentation();
        let (whole, parts) = (parts / 10_000, parts % 10_000);
        write!(out, ",\"fragmentation\":{whole}.{parts:04}")?;
        let kind = self.counts.slowest_kind;
        writeln!(out, ",\"slowest_kind\":\"{kind}\"}}")
    }

    /// The figures that are whole numbers, by their names in the record.
    fn figures(&self) -> [(&'static str, usize); 12] {
        [
            ("failed", self.counts.failed),
            ("live_blocks", self.heap.live_blocks),
            ("live_bytes", self.heap.live_bytes),
            ("peak_bytes", self.heap.peak_bytes),
            ("overhead_bytes", self.overhead_bytes()),
            ("pool_bytes", self.heap.pool_bytes),
            ("free_bytes", self.heap.free_bytes),
            ("largest_free", self.heap.largest_free),
            ("largest_request", self.counts.largest_request),
            ("slowest_ns", self.counts.slowest_ns),
            ("taken_bytes", self.heap.taken_bytes),
            ("given_back_bytes", self.heap.given_back_bytes),
        ]
    }

    fn write_report(&self, out: &mut Text) -> fmt::Result {
        let pid = process();
        let program = program().escape_ascii();
        writeln!(out, "rlsf: {program} (process {pid})")?;
        for (name, count) in NAMES.iter().zip(self.counts.operations) {
            writeln!(out, "  {name:16} {count:>15}")?;
        }
        for (name, value) in self.figures() {
            writeln!(out, "  {name:16} {value:>15}")?;
        }
        let parts = self.fragmentation();
        let (whole, parts) = (parts / 100, parts % 100);
        writeln!(out, "  {:16} {whole:>12}.{parts:02} %", "fragmentation")?;
        let kind = self.counts.slowest_kind;
        writeln!(out, "  {:16} {kind:>15}", "slowest_kind")
    }
}

fn program() -> &'static [u8] {
    // SAFETY: nobody writes to it any more.
    let bytes = unsafe { &*PROGRAM.0.get() };
    let len = bytes.iter().position(|&byte| byte == 0);
    &bytes[..len.unwrap_or(bytes.len())]
}

/// Writes bytes as the inside of a string of JSON.
fn write_escaped(out: &mut Text, bytes: &[u8]) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' | '\\' => write!(out, "\\{char}")?,
                '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(char))?,
                _ => out.write_char(char)?,
            }
        }
        if !chunk.invalid().is_empty() {
            out.write_char(char::REPLACEMENT_CHARACTER)?;
        }
    }
    Ok(())
}
