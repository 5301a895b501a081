//! What a heap holds, in its own words.

use rlsf::GlobalTlsf;

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
/// The function is looked up by name, since C libraries before glibc 2.33 and
/// other C libraries do not have it. Time linear in the library's free blocks.
pub(crate) fn of_system() -> Option<Figures> {
    let info = look_up_mallinfo2()?();
    Some(Figures {
        held: (info.uordblks + info.hblkhd) as u64,
        taken: (info.arena + info.hblkhd) as u64,
    })
}

/// glibc's `mallinfo2`.
#[cfg(target_env = "gnu")]
fn look_up_mallinfo2() -> Option<extern "C" fn() -> libc::mallinfo2> {
    // SAFETY: the name is a C string.
    let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr()) };
    if symbol.is_null() {
        return None;
    }
    // SAFETY: the symbol is glibc's function of this signature.
    Some(unsafe { core::mem::transmute::<*mut libc::c_void, extern "C" fn() -> libc::mallinfo2>(symbol) })
}

/// Another C library's figures are unknown.
#[cfg(not(target_env = "gnu"))]
fn of_system() -> Option<Figures> { None }
