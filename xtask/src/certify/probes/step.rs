//! Executing the probes of this machine one instruction at a time.

use core::{ptr::NonNull, time::Duration};
use std::path::Path;

use anyhow::{ensure, Context, Result};
use libloading::Library;
use rlsf_stepper::{announce, trace, Outcome};

use super::Counts;
use crate::certify::target::{Shape, Target};

/// What drives the operations of a heap; the memory, its bytes, the number of calls, what announces each.
type Drive = unsafe extern "C" fn(NonNull<u8>, usize, usize, extern "C" fn(u32));

/// The drivers that the probes export.
const DRIVERS: [(Shape, &str); 2] = [
    (Shape::Large, "probe_drive"),
    (Shape::Small, "probe_small_drive"),
];

/// The calls of one driver.
const ROUNDS: usize = 8000;

/// The bytes of a driver's heap.
const POOL: usize = 128 << 10;

/// The memory of a driver's heap, whose address has the same low bits in every run.
#[repr(align(0x2_0000))]
struct Memory {
    _bytes: [u8; POOL],
}

/// What a driver may take: each step takes long on some virtual machines.
const LIMIT: Duration = Duration::from_mins(4);

/// The most instructions of one call of each probe in the library at `file`.
pub(super) fn counts(target: Target, file: &Path) -> Result<Counts> {
    // SAFETY: the probes' library does nothing when it is loaded.
    let library = unsafe { Library::new(file) }?;
    let functions: Vec<_> = target
        .operations()
        .map(|it| address(&library, it.symbol))
        .collect::<Result<_>>()?;
    let mut counts = Counts::new();
    for (shape, driver) in DRIVERS {
        // SAFETY: the library exports its drivers with this type.
        let drive = unsafe { library.get::<Drive>(driver) }?;
        let mut memory = Box::<Memory>::new_uninit();
        let start = NonNull::from(&mut *memory).cast();
        let traced = trace(&functions, LIMIT, || {
            // SAFETY: the memory is the driver's alone.
            unsafe { drive(start, POOL, ROUNDS, announce_next) };
            Some(())
        });
        let traced = traced.context("cannot trace a child of this process")?;
        ensure!(
            traced.outcome == Outcome::Finished,
            "{driver} did not come to its end"
        );
        for sample in traced.samples {
            let observed = counts.entry((shape, sample.tag)).or_default();
            // The call is the caller's.
            observed.random = observed.random.max(sample.instructions - 1);
        }
    }
    Ok(counts)
}

/// Where the library's function `symbol` is.
fn address(library: &Library, symbol: &str) -> Result<usize> {
    // SAFETY: only the address is looked at.
    let function = unsafe { library.get::<unsafe extern "C" fn()>(symbol) }?;
    Ok((*function as *const ()).addr())
}

extern "C" fn announce_next(operation: u32) {
    announce(operation);
}
