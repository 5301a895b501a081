//! The heap's constant-time operations as exported functions of two shapes of heap, and a driver that calls
//! them in many states.
//!
//! `cargo xtask certify` builds this crate in release, for this machine and for microcontrollers, reads the
//! machine code of what it exports, and counts what runs of it execute.
#![cfg_attr(target_os = "none", no_std)]

#[cfg(not(target_os = "none"))]
mod announce;
mod drive;
mod export;
pub mod planted;
mod random;

pub use drive::{Observer, Operation, Probe, Probes};

/// The heap of a hosted program.
#[cfg(target_pointer_width = "64")]
pub type Heap = rlsf::Tlsf<'static, u32, u32, 28, 32>;

/// The heap of a small device.
pub type SmallHeap = rlsf::Tlsf<'static, u16, u16, 12, 16>;

#[cfg(target_pointer_width = "64")]
export::export!(
    Heap,
    large_probes,
    probe_allocate,
    probe_deallocate,
    probe_grow_in_place,
    probe_shrink_in_place,
    probe_drive
);

export::export!(
    SmallHeap,
    small_probes,
    probe_small_allocate,
    probe_small_deallocate,
    probe_small_grow_in_place,
    probe_small_shrink_in_place,
    probe_small_drive
);
