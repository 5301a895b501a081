//! The end of a program that has written to the heap's own words.

use core::fmt::{self, Write};
use core::ptr::NonNull;
use libc::c_int;
use rlsf::{Misuse, Operation, Report};

/// Tells of the damage and ends the program.
#[cold]
#[inline(never)]
pub(crate) fn report(block: NonNull<u8>, damage: Misuse, operation: Operation) -> ! {
    let report = Report::new(damage, operation, block);
    report.tell();
    // No handler, or one that returned. The process ends here whatever becomes of the message.
    let _ = writeln!(Messages, "{report}");
    // SAFETY: it has no arguments.
    unsafe { libc::abort() }
}

/// The file of messages, without a buffer, which would have to be allocated.
struct Messages;

impl Write for Messages {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const FILE: c_int = libc::STDERR_FILENO;
        // SAFETY: the text's bytes.
        let written = unsafe { libc::write(FILE, text.as_ptr().cast(), text.len()) };
        if usize::try_from(written) == Ok(text.len()) {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}
