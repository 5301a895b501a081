//! The file of a recording, and the part of it that is mapped.

use super::super::errno;
use core::ffi::CStr;
use core::fmt;
use core::ptr::{null_mut, NonNull};
use core::sync::atomic::{AtomicU64, Ordering::Release};
use libc::{c_int, c_void, off_t};
use rlsf_recording::{Event, Header, EVENT_BYTES, MAGIC};

/// How many bytes of the file are mapped at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// Why there is no recording. Numbers are `errno`'s.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The file cannot be opened.
    Open(c_int),
    /// It is there, and no recording.
    Foreign,
    /// The disk has no room, or a limit on files is reached.
    NoRoom(c_int),
    /// The system maps nothing.
    Mapping(c_int),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => write!(f, "the file cannot be opened (errno {error})"),
            Self::Foreign => f.write_str("the file exists, and is no recording"),
            Self::NoRoom(error) => write!(f, "there is no room for the file (errno {error})"),
            Self::Mapping(error) => write!(f, "the system maps no memory (errno {error})"),
        }
    }
}

/// The part of the file where events go.
#[derive(Debug)]
pub(super) struct Window {
    path: &'static CStr,
    /// The mapping, of [`WINDOW_BYTES`].
    base: *mut Event,
    /// The next event's place in it.
    next: usize,
    /// Where the next window begins in the file.
    end: usize,
}

impl Window {
    /// No file.
    pub(super) const NONE: Self = Self {
        path: c"",
        base: null_mut(),
        next: 0,
        end: 0,
    };

    /// Makes the file this process's and empties it; `None` if it is another process's.
    pub(super) fn claim(path: &'static CStr) -> Result<Option<Self>, Fault> {
        let file = File::open(path)?;
        let mut bytes = [0; EVENT_BYTES];
        let length = file.read(&mut bytes);
        let header = Header::from_bytes(&bytes);
        let own = Header {
            magic: MAGIC,
            process: process(),
            ..Header::default()
        };
        if length != 0 && header.magic != MAGIC {
            return Err(Fault::Foreign);
        }
        if length != 0 && header.process != own.process {
            return Ok(None);
        }
        file.clear()?;
        let mut window = Self { path, ..Self::NONE };
        window.advance(&file)?;
        let [magic, process, address, size] =
            [own.magic, own.process, own.reserved[0], own.reserved[1]];
        window.put(Event {
            kind: magic,
            thread: process,
            address,
            size,
        });
        Ok(Some(window))
    }

    /// Adds an event.
    pub(super) fn push(&mut self, event: Event) -> Result<(), Fault> {
        if self.next == WINDOW_BYTES / EVENT_BYTES {
            let kept = errno::get();
            let moved = File::open(self.path).and_then(|file| self.advance(&file));
            errno::set(kept);
            moved?;
        }
        self.put(event);
        Ok(())
    }

    /// Writes an event in the next place, which there is: its kind last.
    fn put(&mut self, event: Event) {
        let place = self.base.wrapping_add(self.next);
        self.next += 1;
        // SAFETY: in the window.
        unsafe { place.write(Event { kind: 0, ..event }) };
        // SAFETY: the event's first word, which nobody else writes to.
        unsafe { AtomicU64::from_ptr(place.cast()) }.store(event.kind, Release);
    }

    /// Moves on by a window, which the disk has room for.
    fn advance(&mut self, file: &File) -> Result<(), Fault> {
        file.reserve(self.end)?;
        let base = file.map(self.end)?;
        if !self.base.is_null() {
            // SAFETY: the mapping that was ours.
            unsafe { libc::munmap(self.base.cast(), WINDOW_BYTES) };
        }
        self.base = base.as_ptr().cast();
        self.next = 0;
        self.end += WINDOW_BYTES;
        Ok(())
    }
}

/// The file while it is open.
struct File(c_int);

impl File {
    fn open(path: &CStr) -> Result<Self, Fault> {
        let how = libc::O_RDWR | libc::O_CREAT | libc::O_CLOEXEC;
        // SAFETY: a string.
        let file = unsafe { libc::open(path.as_ptr(), how, 0o666) };
        if file < 0 {
            return Err(Fault::Open(errno::get()));
        }
        Ok(Self(file))
    }

    /// Reads the start, and returns how much there was.
    fn read(&self, bytes: &mut [u8; EVENT_BYTES]) -> usize {
        // SAFETY: room for so many bytes.
        let read = unsafe { libc::pread(self.0, bytes.as_mut_ptr().cast(), EVENT_BYTES, 0) };
        usize::try_from(read).unwrap_or(0)
    }

    fn clear(&self) -> Result<(), Fault> {
        // SAFETY: an open file.
        match unsafe { libc::ftruncate(self.0, 0) } {
            0 => Ok(()),
            _ => Err(Fault::Open(errno::get())),
        }
    }

    /// Has the disk keep room for the window at `start`: a mapping without it would end the
    /// program.
    fn reserve(&self, start: usize) -> Result<(), Fault> {
        // Beyond the limit a signal would end the program.
        if largest_file() < (start + WINDOW_BYTES) as u64 {
            return Err(Fault::NoRoom(libc::EFBIG));
        }
        loop {
            // SAFETY: an open file.
            match unsafe { libc::posix_fallocate(self.0, offset(start), offset(WINDOW_BYTES)) } {
                0 => return Ok(()),
                libc::EINTR => {}
                error => return Err(Fault::NoRoom(error)),
            }
        }
    }

    fn map(&self, start: usize) -> Result<NonNull<c_void>, Fault> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_SHARED;
        // SAFETY: a new mapping at a place of the system's choice.
        let base = unsafe {
            libc::mmap(
                null_mut(),
                WINDOW_BYTES,
                access,
                kind,
                self.0,
                offset(start),
            )
        };
        mapped(base).ok_or_else(|| Fault::Mapping(errno::get()))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: opened by `open`, and ours alone.
        unsafe { libc::close(self.0) };
    }
}

/// A page that is zero in every child of this process.
pub(super) fn page_of_this_process() -> Option<NonNull<c_void>> {
    const LENGTH: usize = 4096;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping at a place of the system's choice.
    let page = unsafe { libc::mmap(null_mut(), LENGTH, access, kind, -1, 0) };
    let page = mapped(page)?;
    // SAFETY: the page is ours.
    let wiped = unsafe { libc::madvise(page.as_ptr(), LENGTH, libc::MADV_WIPEONFORK) } == 0;
    wiped.then_some(page)
}

fn mapped(base: *mut c_void) -> Option<NonNull<c_void>> {
    NonNull::new(base).filter(|base| base.as_ptr() != libc::MAP_FAILED)
}

/// The most bytes that a file of this process may have.
fn largest_file() -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: it writes the limit.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) };
    limit.rlim_cur
}

fn process() -> u64 {
    // SAFETY: it has no arguments.
    u64::from(unsafe { libc::getpid() }.cast_unsigned())
}

/// Files are smaller than an `off_t` says: the limit was looked at.
fn offset(bytes: usize) -> off_t {
    off_t::try_from(bytes).unwrap_or(off_t::MAX)
}
