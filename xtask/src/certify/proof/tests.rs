//! Planted faults, and paths of known length, in the machine code of each processor.

mod riscv32;
mod thumb;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod x86_64;

use super::*;

/// Where the code of the tests begins.
const START: u64 = 0x1000;

/// What is proven of the function at the start of `code`; others begin at the given offsets.
fn prove(processor: Processor, code: &[u8], functions: &[(u64, &str)], allowed: &[&str]) -> Proof {
    let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
    let prover = Prover {
        image: &Image::of_code(START, code, functions),
        processor,
        allowed: &allowed,
        without: None,
    };
    prover.prove(START)
}

/// Half-words as they are in memory.
fn halves(halves: &[u16]) -> Vec<u8> {
    halves.iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// The faults as text.
fn faults(proof: &Proof) -> Vec<String> {
    proof.faults.iter().map(ToString::to_string).collect()
}
