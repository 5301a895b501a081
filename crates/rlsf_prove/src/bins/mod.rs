//! From a size to its bin: the laws of the arithmetic, proved by z3 for all sizes and all parameters.
//!
//! z3 is told the formulas of [`formula`]; [`tie`] holds them against the code itself.

mod formula;
mod laws;
mod term;
mod tie;

use anyhow::{ensure, Context, Result};
use formula::{Fault, Format};
use laws::LAWS;
use std::io::Write;
use std::process::{Command, Stdio};

/// The logarithms of every `SLLEN` that a bitmap has room for.
const MANTISSAS: core::ops::Range<u32> = 0..8;

/// Ties the formulas to the code of this machine, and on 64 bits proves the laws for words of 16, 32 and 64.
///
/// # Errors
///
/// A law does not hold, a planted fault is not found, or there is no z3.
pub(crate) fn run() -> Result<()> {
    tie::check()?;
    println!("the formulas are the code's: every size up to 64 KiB, and the bounds of every bin");
    if usize::BITS < 64 {
        return Ok(()); // the laws do not depend on the machine, on which there may be no z3
    }
    for bits in [16, 32, 64] {
        let mut proved = 0;
        for mantissa in MANTISSAS {
            let format = Format::new(bits, mantissa);
            let broken = broken_laws(format, Fault::None)?;
            ensure!(
                broken.is_empty(),
                "{bits} bits, {} bins an octave: not so: {broken:?}",
                1 << mantissa
            );
            proved += LAWS.len();
        }
        println!(
            "{bits}-bit words: {proved} laws proved by z3 for every size and FLLEN, SLLEN 1 to 128"
        );
    }
    find_planted_faults()
}

/// Sees to it that z3 finds each fault.
fn find_planted_faults() -> Result<()> {
    for fault in [
        Fault::RoundsUp,
        Fault::NoDenormals,
        Fault::HalfTheUnit,
        Fault::LosesABit,
    ] {
        let broken = broken_laws(Format::new(32, 3), fault)?;
        ensure!(!broken.is_empty(), "z3 does not find {fault:?}");
        println!(
            "planted {fault:?}: {} laws broken, as they must be",
            broken.len()
        );
    }
    Ok(())
}

/// The laws of which z3 finds a counterexample.
fn broken_laws(format: Format, fault: Fault) -> Result<Vec<&'static str>> {
    let answer = ask_z3(&laws::script(format, fault))?;
    let mut lines = answer.lines();
    ensure!(
        lines.next() == Some("sat"),
        "there is no size at all: {answer}"
    );
    let mut broken = Vec::new();
    for law in &LAWS {
        match lines.next() {
            Some("unsat") => {}
            Some("sat") => broken.push(law.name),
            other => anyhow::bail!("z3 has no answer to `{}`: {other:?}", law.name),
        }
    }
    Ok(broken)
}

/// What z3 says to a script.
fn ask_z3(script: &str) -> Result<String> {
    let mut z3 = Command::new("z3")
        .arg("-in")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start z3; install the package z3")?;
    let mut input = z3.stdin.take().context("z3 takes no script")?;
    input.write_all(script.as_bytes())?;
    drop(input);
    let output = z3.wait_with_output()?;
    Ok(String::from_utf8(output.stdout)?)
}
