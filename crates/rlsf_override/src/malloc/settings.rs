//! The settings: variables of the environment whose names begin with `RLSF_`.

use super::faults::Faults;
use super::message::say;
use core::cell::UnsafeCell;
use core::ffi::CStr;
use libc::c_char;

/// What all names begin with.
const PREFIX: &[u8] = b"RLSF_";

/// What was set.
#[allow(clippy::struct_excessive_bools)] // a variable each
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settings {
    /// Report on standard error when the program ends.
    pub(super) stats: bool,
    /// Append a record to a file when the program ends: see [`stats_file`].
    pub(super) stats_file: bool,
    /// Take so many bytes from the system at once.
    pub(super) reserve: usize,
    /// Have the system keep the reserve in memory.
    pub(super) lock_memory: bool,
    /// Record where every operation is called.
    pub(super) calls: bool,
    /// Have requests fail.
    pub(super) faults: Faults,
}

/// A copy of the file's name: programs may write over their environment.
struct Path(UnsafeCell<[u8; libc::PATH_MAX as usize]>);

// SAFETY: it is written once, before the program has a second thread.
unsafe impl Sync for Path {}

static STATS_FILE: Path = Path::none();
static RECORDING: Path = Path::none();

impl Path {
    const fn none() -> Self {
        Self(UnsafeCell::new([0; libc::PATH_MAX as usize]))
    }

    /// Copies a file's name. One that is relative is so to where the program was started.
    fn keep(&self, value: &[u8]) -> Result<(), &'static str> {
        let kept = self.copy(value);
        if kept.is_err() {
            // SAFETY: no other thread runs, and nobody reads it yet.
            unsafe { &mut *self.0.get() }.fill(0);
        }
        kept
    }

    fn copy(&self, value: &[u8]) -> Result<(), &'static str> {
        const TOO_LONG: &str = "the name is too long";
        if value.is_empty() {
            return Err("it has to be the name of a file");
        }
        // SAFETY: no other thread runs, and nobody reads it yet.
        let path = unsafe { &mut *self.0.get() };
        path.fill(0);
        let mut len = 0;
        if value[0] != b'/' {
            // SAFETY: it writes to the buffer only.
            let directory = unsafe { libc::getcwd(path.as_mut_ptr().cast(), path.len()) };
            if directory.is_null() {
                return Err("the present directory has no name");
            }
            len = path.iter().position(|&byte| byte == 0).ok_or(TOO_LONG)?;
            *path.get_mut(len).ok_or(TOO_LONG)? = b'/';
            len += 1;
        }
        // One byte more, which stays zero.
        let room = path.get_mut(len..=len + value.len()).ok_or(TOO_LONG)?;
        room[..value.len()].copy_from_slice(value);
        Ok(())
    }

    fn read(&self) -> &CStr {
        // SAFETY: nobody writes to it any more.
        let bytes = unsafe { &*self.0.get() };
        CStr::from_bytes_until_nul(bytes).unwrap_or_default()
    }
}

/// The file to which records are appended; empty if there is none.
pub(super) fn stats_file() -> &'static CStr {
    STATS_FILE.read()
}

/// The file in which operations are recorded; empty if there is none.
pub(super) fn recording() -> &'static CStr {
    RECORDING.read()
}

impl Settings {
    /// Reads the environment. What makes no sense is reported, and ignored.
    ///
    /// # Safety
    ///
    /// `environment` is a list of strings that ends with a null pointer, and no other thread
    /// runs.
    pub(super) unsafe fn read(environment: *const *const c_char) -> Self {
        let mut settings = Self::default();
        let mut place = environment;
        // SAFETY: the caller's list has not ended yet.
        while let Some(string) = unsafe { place.as_ref() }.filter(|string| !string.is_null()) {
            // SAFETY: the caller's string.
            let string = unsafe { CStr::from_ptr(*string) }.to_bytes();
            if string.starts_with(PREFIX) {
                settings.set(string);
            }
            place = place.wrapping_add(1);
        }
        settings
    }

    /// Takes one variable, `NAME=VALUE`.
    fn set(&mut self, variable: &[u8]) {
        let end = variable.iter().position(|&byte| byte == b'=');
        let (name, value) = variable.split_at(end.unwrap_or(variable.len()));
        let value = value.get(1..).unwrap_or_default();
        let taken = match name {
            b"RLSF_STATS" => switch(value).map(|on| self.stats = on),
            b"RLSF_STATS_FILE" => STATS_FILE.keep(value).map(|()| self.stats_file = true),
            b"RLSF_RECORD" => RECORDING.keep(value),
            b"RLSF_CALLS" => switch(value).map(|on| self.calls = on),
            b"RLSF_RESERVE" => bytes(value).map(|bytes| self.reserve = bytes),
            b"RLSF_LOCK_MEMORY" => switch(value).map(|on| self.lock_memory = on),
            b"RLSF_FAIL_AT" => number(value).map(|number| self.faults.at = number),
            b"RLSF_FAIL_EVERY" => number(value).map(|number| self.faults.every = number),
            b"RLSF_FAIL_OVER" => bytes(value).map(|bytes| self.faults.over = bytes),
            _ => Err("there is no such setting"),
        };
        if let Err(fault) = taken {
            let (name, value) = (name.escape_ascii(), value.escape_ascii());
            say(format_args!("{name}={value} is ignored: {fault}"));
        }
    }
}

fn switch(value: &[u8]) -> Result<bool, &'static str> {
    match value {
        b"0" => Ok(false),
        b"1" => Ok(true),
        _ => Err("it has to be 0 or 1"),
    }
}

/// The number of a request: the first one is number 1.
fn number(value: &[u8]) -> Result<usize, &'static str> {
    let number = Some(value)
        .filter(|value| is_decimal(value))
        .and_then(decimal);
    number
        .filter(|&number| number != 0)
        .ok_or("it has to be the number of a request, from 1")
}

fn is_decimal(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// The number that digits stand for; `None` if it is too large.
fn decimal(digits: &[u8]) -> Option<usize> {
    let mut digits = digits.iter().map(|digit| usize::from(digit - b'0'));
    digits.try_fold(0_usize, |number, digit| {
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// A number of bytes, with K, M or G for powers of 1024.
fn bytes(value: &[u8]) -> Result<usize, &'static str> {
    const FAULT: &str = "it has to be a number of bytes, such as 4096, 64K, 10M or 1G";
    const MUCH: &str = "that is more than there is to address";
    let (digits, shift) = match value {
        [digits @ .., b'K' | b'k'] => (digits, 10),
        [digits @ .., b'M' | b'm'] => (digits, 20),
        [digits @ .., b'G' | b'g'] => (digits, 30),
        digits => (digits, 0),
    };
    if !is_decimal(digits) {
        return Err(FAULT);
    }
    let number = decimal(digits).ok_or(MUCH)?;
    number
        .checked_mul(1 << shift)
        .filter(|&bytes| isize::try_from(bytes).is_ok())
        .ok_or(MUCH)
}
