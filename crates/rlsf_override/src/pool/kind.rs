//! The kinds of heaps, and their operations as tables.
//!
//! A control block points at the table of its kind, so a call is one jump more, and a program is linked with
//! the code of those kinds that it names.

use super::control::{Control, Created, Handle};
use super::demand::CDemand;
use super::heap::Heap;
use super::memory::Memory;
use super::operations as generic;
use super::status::Status;
use super::survey::{CStatistics, Visit};
use core::ffi::{c_int, c_void};
use rlsf::Tlsf;

/// `struct rlsf_kind` of `rlsf.h`.
pub(crate) struct Kind {
    pub(super) control_bytes: usize,
    pub(super) create: unsafe fn(&'static Kind, Memory) -> Result<Created, Status>,
    pub(super) add: unsafe fn(*mut Handle, Memory) -> Result<usize, Status>,
    pub(super) append: unsafe fn(*mut Handle, Memory) -> Result<usize, Status>,
    pub(super) remove: unsafe fn(*mut Handle, Memory) -> Result<(), Status>,
    pub(super) malloc: unsafe extern "C" fn(*mut Handle, usize) -> *mut c_void,
    pub(super) memalign: unsafe extern "C" fn(*mut Handle, usize, usize) -> *mut c_void,
    pub(super) realloc: unsafe extern "C" fn(*mut Handle, *mut c_void, usize) -> *mut c_void,
    pub(super) free: unsafe extern "C" fn(*mut Handle, *mut c_void),
    pub(super) walk: unsafe extern "C" fn(*const Handle, Visit, *mut c_void) -> c_int,
    pub(super) check: unsafe extern "C" fn(*const Handle, *mut *const c_void) -> c_int,
    pub(super) statistics: unsafe fn(*const Handle) -> CStatistics,
    pub(super) is_kept: unsafe fn(*const Handle, CDemand) -> bool,
    pub(super) block_size: fn(usize) -> usize,
    pub(super) sufficient_pool_size: fn(CDemand) -> usize,
}

impl Kind {
    const fn of<H: Heap>() -> Self {
        Self {
            control_bytes: Control::<H>::BYTES,
            create: Control::<H>::create,
            add: generic::add::<H>,
            append: generic::append::<H>,
            remove: generic::remove::<H>,
            malloc: generic::malloc::<H>,
            memalign: generic::memalign::<H>,
            realloc: generic::realloc::<H>,
            free: generic::free::<H>,
            walk: generic::walk::<H>,
            check: generic::check::<H>,
            statistics: generic::statistics::<H>,
            is_kept: generic::is_kept::<H>,
            block_size: generic::block_size::<H>,
            sufficient_pool_size: generic::sufficient_pool_size::<H>,
        }
    }
}

/// Nine octaves of four bins.
type Small = Tlsf<'static, u16, u8, 9, 4>;

/// Twelve octaves of sixteen bins.
type Medium = Tlsf<'static, u16, u16, 12, 16>;

/// Blocks of up to 8 GiB, or 1 GiB with 32-bit addresses.
const LARGE_OCTAVES: usize = if usize::BITS == 64 { 28 } else { 26 };

/// Octaves of 32 bins; what `tlsf.h` is made of, too.
pub(super) type Large = Tlsf<'static, u32, u32, LARGE_OCTAVES, 32>;

static SMALL: Kind = Kind::of::<Small>();
static MEDIUM: Kind = Kind::of::<Medium>();
static LARGE: Kind = Kind::of::<Large>();

/// `rlsf_small` of `rlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn rlsf_small() -> &'static Kind {
    &SMALL
}

/// `rlsf_medium` of `rlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn rlsf_medium() -> &'static Kind {
    &MEDIUM
}

/// `rlsf_large` of `rlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn rlsf_large() -> &'static Kind {
    &LARGE
}
