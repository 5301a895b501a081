//! The faults that the probes hold on purpose: whoever does not find them proves nothing.

use anyhow::{ensure, Result};

use super::{image::Image, instruction::Fault, processor::Processor, proof::Prover};

/// An exported function, and whether a fault is the one planted in it.
type Planted = (&'static str, fn(&Fault) -> bool);

const PLANTED: [Planted; 3] = [
    ("planted_loop", |it| matches!(it, Fault::Loop)),
    ("planted_pointer", |it| matches!(it, Fault::Call(_))),
    ("planted_panic", |it| matches!(it, Fault::Panic(_))),
];

/// Looks for the planted faults.
///
/// # Errors
///
/// One of them is not found.
pub(super) fn check(image: &Image<'_>, processor: Processor) -> Result<()> {
    let prover = Prover {
        image,
        processor,
        allowed: &[],
        without: None,
    };
    for (name, is_planted) in PLANTED {
        let proof = prover.prove(image.entry(name)?);
        ensure!(
            proof.faults.iter().any(is_planted),
            "the fault in `{name}` is not found, but {:?}",
            proof.faults
        );
    }
    Ok(())
}
