//! What a program may ask of its heap: `malloc_usable_size(3)`, `mallinfo(3)`,
//! `malloc_info(3)`, `malloc_stats(3)` and `mallopt(3)`.

mod histogram;

use super::errno;
use super::heap::{Figures, HEAP};
use super::message::Text;
use super::misuse;
use core::ffi::c_void;
use core::fmt::{self, Write};
use core::ptr::NonNull;
use histogram::Histogram;
use libc::{c_int, size_t};

/// The bytes that a block may use; zero for a null pointer.
#[no_mangle]
pub(crate) extern "C" fn malloc_usable_size(ptr: *mut c_void) -> size_t {
    NonNull::new(ptr.cast()).map_or(0, |block| match HEAP.usable_size(block) {
        Ok(size) => size,
        Err(misuse) => misuse::refuse("malloc_usable_size", block, misuse),
    })
}

/// Accepts any parameter: none of glibc's has a meaning here.
#[no_mangle]
pub(crate) extern "C" fn mallopt(_parameter: c_int, _value: c_int) -> c_int {
    1
}

/// Writes the figures of `malloc_stats(3)` to standard error.
#[no_mangle]
pub(crate) extern "C" fn malloc_stats() {
    let figures = HEAP.figures();
    let system = figures.pool_bytes;
    let mut text = Text::new();
    // A buffer takes everything.
    let _ = write!(
        text,
        "Arena 0:\nsystem bytes     = {system:10}\nin use bytes     = {used:10}\n\
         Total (incl. mmap):\nsystem bytes     = {system:10}\nin use bytes     = {used:10}\n\
         max mmap regions = {none:10}\nmax mmap bytes   = {none:10}\n",
        used = figures.live_bytes,
        none = 0,
    );
    text.send(libc::STDERR_FILENO);
}

/// The heap's figures as glibc names them. Takes time linear in the number of blocks.
///
/// All that is free may be given back, so `keepcost` is `fordblks`.
#[cfg(target_env = "gnu")]
#[no_mangle]
pub(crate) extern "C" fn mallinfo2() -> libc::mallinfo2 {
    let histogram = Histogram::read();
    let (used, free) = (histogram.used.bytes, histogram.free.bytes);
    // SAFETY: all of it are integers.
    let mut info: libc::mallinfo2 = unsafe { core::mem::zeroed() };
    info.arena = used + free;
    info.ordblks = histogram.free.blocks;
    info.uordblks = used;
    info.fordblks = free;
    info.keepcost = free;
    info
}

/// [`mallinfo2`] in types that are too small for it: what does not fit wraps.
#[cfg(target_env = "gnu")]
#[no_mangle]
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // as documented
pub(crate) extern "C" fn mallinfo() -> libc::mallinfo {
    let wide = mallinfo2();
    // SAFETY: all of it are integers.
    let mut info: libc::mallinfo = unsafe { core::mem::zeroed() };
    info.arena = wide.arena as c_int;
    info.ordblks = wide.ordblks as c_int;
    info.uordblks = wide.uordblks as c_int;
    info.fordblks = wide.fordblks as c_int;
    info.keepcost = wide.keepcost as c_int;
    info
}

/// Writes the heap's figures to a stream, in XML as glibc has it. Takes time linear in the
/// number of blocks.
///
/// # Safety
///
/// `stream` is open.
#[no_mangle]
pub(crate) unsafe extern "C" fn malloc_info(options: c_int, stream: *mut libc::FILE) -> c_int {
    if options != 0 {
        errno::set(libc::EINVAL);
        return -1;
    }
    let mut text = Text::new();
    // A buffer takes everything: there are few lines.
    let _ = write_xml(&mut text, &Histogram::read());
    let (bytes, len) = (text.as_bytes().as_ptr(), text.as_bytes().len());
    // SAFETY: initialised bytes, and the caller's promise. (The stream may allocate.)
    let written = unsafe { libc::fwrite(bytes.cast(), 1, len, stream) };
    if written == len {
        0
    } else {
        -1
    }
}

fn write_xml(out: &mut Text, histogram: &Histogram) -> fmt::Result {
    out.write_str("<malloc version=\"1\">\n<heap nr=\"0\">\n<sizes>\n")?;
    for (octave, tally) in histogram.octaves.iter().enumerate() {
        if tally.blocks > 0 {
            let (from, to) = Histogram::bounds(octave);
            let (total, count) = (tally.bytes, tally.blocks);
            writeln!(
                out,
                "<size from=\"{from}\" to=\"{to}\" total=\"{total}\" count=\"{count}\"/>"
            )?;
        }
    }
    out.write_str("</sizes>\n")?;
    write_totals(out, histogram)?;
    out.write_str("</heap>\n")?;
    write_totals(out, histogram)?;
    out.write_str("</malloc>\n")
}

fn write_totals(out: &mut Text, histogram: &Histogram) -> fmt::Result {
    let free = histogram.free;
    writeln!(out, "<total type=\"fast\" count=\"0\" size=\"0\"/>")?;
    let (count, size) = (free.blocks, free.bytes);
    writeln!(
        out,
        "<total type=\"rest\" count=\"{count}\" size=\"{size}\"/>"
    )?;
    let Figures {
        pool_bytes: now,
        taken_bytes: most,
        ..
    } = HEAP.figures();
    writeln!(out, "<system type=\"current\" size=\"{now}\"/>")?;
    writeln!(out, "<system type=\"max\" size=\"{most}\"/>")?;
    writeln!(out, "<aspace type=\"total\" size=\"{now}\"/>")?;
    writeln!(out, "<aspace type=\"mprotect\" size=\"{now}\"/>")
}
