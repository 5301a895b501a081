//! Text for a file or the terminal, without memory from any heap.

use core::fmt::{self, Write};
use libc::c_int;

/// Text in a buffer of its own. What is too long is cut.
pub(super) struct Text {
    bytes: [u8; 4096],
    len: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; 4096],
            len: 0,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Writes it with one call; whether all of it was written.
    pub(super) fn send(&self, file: c_int) -> bool {
        // SAFETY: these bytes are initialised.
        let written = unsafe { libc::write(file, self.bytes.as_ptr().cast(), self.len) };
        usize::try_from(written) == Ok(self.len)
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.bytes[self.len..];
        let len = text.len().min(room.len());
        room[..len].copy_from_slice(&text.as_bytes()[..len]);
        self.len += len;
        Ok(())
    }
}

/// Says something in one line on standard error.
#[cold]
pub(super) fn say(what: fmt::Arguments<'_>) {
    line(format_args!("rlsf: {what}"));
}

/// The same as it is, without our name.
#[cold]
pub(super) fn line(what: fmt::Arguments<'_>) {
    let mut line = Text::new();
    // A buffer takes everything; whether anybody reads it is not ours to know.
    let _ = writeln!(line, "{what}");
    line.send(libc::STDERR_FILENO);
}
