//! The most instructions that runs of the operations execute.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod step;

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;

use super::target::{Shape, Target};

/// By the shape of the heap and the operation's number, the most instructions of one call.
pub(super) type Counts = BTreeMap<(Shape, u32), u64>;

/// Runs the probes of `file` in many states, if it can be done here.
pub(super) fn counts(target: Target, file: &Path) -> Result<Counts> {
    match target {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        Target::X86_64 => step::counts(target, file),
    }
}
