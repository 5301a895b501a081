//! What a heap holds, in its own words.

use rlsf::GlobalTlsf;
#[cfg(target_env = "gnu")]
use {core::mem, libc::c_void};

/// A heap's figures at one moment, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// The blocks in use, with headers and rounding.
    pub(crate) held: u64,
    /// What the heap has taken from the system: blocks in use and free.
    pub(crate) taken: u64,
}

/// Reads rlsf's figures. Constant time.
pub(crate) fn of_rlsf(heap: &GlobalTlsf) -> Figures {
    let statistics = heap.statistics();
    Figures {
        held: statistics.used_bytes as u64,
        taken: (statistics.used_bytes + statistics.free_bytes) as u64,
    }
}

/// Reads the C library's figures, if it tells them.
///
/// Time linear in the library's free blocks.
#[cfg(target_env = "gnu")]
pub(crate) fn of_system() -> Option<Figures> {
    let info = find_mallinfo2()?();
    Some(Figures {
        held: (info.uordblks + info.hblkhd) as u64,
        taken: (info.arena + info.hblkhd) as u64,
    })
}

/// The figures of other C libraries are unknown.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn of_system() -> Option<Figures> {
    None
}

/// glibc's `mallinfo2`, looked up by name: glibc before 2.33 does not have it.
#[cfg(target_env = "gnu")]
fn find_mallinfo2() -> Option<extern "C" fn() -> libc::mallinfo2> {
    // SAFETY: the name is a C string.
    let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr()) };
    if symbol.is_null() {
        return None;
    }
    // SAFETY: glibc's function of this name has this signature.
    Some(unsafe { mem::transmute::<*mut c_void, extern "C" fn() -> libc::mallinfo2>(symbol) })
}
