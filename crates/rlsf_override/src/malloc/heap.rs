//! The heap of the process.

use core::mem::align_of;
use libc::max_align_t;
use rlsf::{GlobalTlsf, GlobalTlsfOptions};

/// What a C program's heap has to do.
pub(super) struct COptions;

impl GlobalTlsfOptions for COptions {
    const LEAST_ALIGN: usize = align_of::<max_align_t>();
}

/// The heap of the process.
pub(super) static HEAP: GlobalTlsf<COptions> = GlobalTlsf::new();
