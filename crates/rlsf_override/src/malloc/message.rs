//! Text for a file or the terminal, without memory from any heap.

use super::errno;
use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use libc::{c_int, sigset_t};

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

    /// Writes it with one call; whether all of it was written. If not, that is neither to end the
    /// program by a signal nor to change its `errno`.
    pub(super) fn send(&self, file: c_int) -> bool {
        let kept = errno::get();
        let held = Held::hold();
        // SAFETY: these bytes are initialised.
        let written = unsafe { libc::write(file, self.bytes.as_ptr().cast(), self.len) };
        held.let_go();
        errno::set(kept);
        usize::try_from(written) == Ok(self.len)
    }
}

/// The signals of a write that nobody reads, or that is beyond a limit, held back.
struct Held {
    /// What the thread held back before.
    before: sigset_t,
    /// Those of the two that waited for the thread already.
    waiting: [bool; 2],
}

const SIGNALS: [c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

impl Held {
    fn hold() -> Self {
        let mut set = none();
        for signal in SIGNALS {
            // SAFETY: a set.
            unsafe { libc::sigaddset(&raw mut set, signal) };
        }
        let mut before = none();
        // SAFETY: two sets.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, &raw mut before) };
        let waiting = waiting();
        Self { before, waiting }
    }

    /// Takes back those that have come meanwhile, and ends it.
    fn let_go(self) {
        for (index, signal) in SIGNALS.into_iter().enumerate() {
            if waiting()[index] && !self.waiting[index] {
                let mut set = none();
                // SAFETY: a set.
                unsafe { libc::sigaddset(&raw mut set, signal) };
                let mut taken = 0;
                // SAFETY: a set, and room for the signal, which waits.
                unsafe { libc::sigwait(&raw const set, &raw mut taken) };
            }
        }
        // SAFETY: a set.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, null_mut()) };
    }
}

/// Which of the signals wait.
fn waiting() -> [bool; 2] {
    let mut set = none();
    // SAFETY: room for a set.
    unsafe { libc::sigpending(&raw mut set) };
    // SAFETY: a set.
    SIGNALS.map(|signal| unsafe { libc::sigismember(&raw const set, signal) } == 1)
}

/// The set of no signal.
fn none() -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: room for a set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: just written.
    unsafe { set.assume_init() }
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
