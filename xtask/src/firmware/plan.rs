//! Which programs are built for which processors, and what they end with.

use core::fmt;
use std::path::PathBuf;

use anyhow::Result;

use super::board::Board;
use crate::{library, process, workspace::Workspace};

/// A program, built and run once.
pub(super) struct Run {
    pub(super) program: &'static str,
    pub(super) target: &'static str,
    pub(super) board: Board,
    profile: &'static str,
    features: &'static str,
    /// The exit code that it is meant to end with.
    pub(super) code: i32,
    /// What its output must hold.
    pub(super) must_print: &'static [&'static str],
}

impl Run {
    /// Whether it is there to be measured.
    pub(super) fn is_measured(&self) -> bool {
        matches!(self.program, "stress" | "states" | "footprint")
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processor = self.target.split('-').next().unwrap_or_default();
        write!(
            f,
            "{} {processor} {} {}",
            self.program,
            self.board.name(),
            self.profile
        )?;
        if self.features.is_empty() {
            return Ok(());
        }
        write!(f, " {}", self.features)
    }
}

const M0: (&str, Board) = ("thumbv6m-none-eabi", Board::Microbit);
pub(super) const M3: (&str, Board) = ("thumbv7m-none-eabi", Board::Lm3s6965evb);
const M4F: (&str, Board) = ("thumbv7em-none-eabihf", Board::Mps2An386);
pub(super) const RV32: (&str, Board) = ("riscv32imac-unknown-none-elf", Board::Virt);

/// The Cortex-M0's instructions on the board with memory for the whole stress.
const M0_LARGE: (&str, Board) = ("thumbv6m-none-eabi", Board::Mps2An386);

/// All runs.
pub(super) const RUNS: [Run; 35] = [
    demo(M0),
    demo(M3),
    demo(M4F),
    demo(RV32),
    exhausted(M0),
    exhausted(M3),
    exhausted(M4F),
    exhausted(RV32),
    Run {
        program: "reentrance",
        target: M3.0,
        board: M3.1,
        profile: "checked",
        features: "",
        code: 7,
        must_print: &["the heap's lock stays held"],
    },
    interrupt(M3),
    interrupt(M4F),
    stress(M0, "peers"),
    stress(M0_LARGE, "peers"),
    stress(M3, "peers"),
    stress(M4F, "peers"),
    stress(RV32, "peers"),
    stress(M0_LARGE, "stats"),
    stress(M4F, "stats"),
    stress(RV32, "stats"),
    stress(M3, "stats"),
    states(M0_LARGE),
    states(M4F),
    states(RV32),
    footprint(M0, ""),
    footprint(M0, "ours"),
    footprint(M0, "published"),
    footprint(M0, "talc"),
    footprint(M0, "llff"),
    footprint(M0, "tlsf"),
    footprint(M4F, ""),
    footprint(M4F, "ours"),
    footprint(M4F, "published"),
    footprint(M4F, "talc"),
    footprint(M4F, "llff"),
    footprint(M4F, "tlsf"),
];

const fn demo((target, board): (&'static str, Board)) -> Run {
    Run {
        program: "demo",
        target,
        board,
        profile: "small",
        features: "stats",
        code: 0,
        must_print: &["figure heap 192\n", "out of memory: 700 bytes"],
    }
}

const fn exhausted((target, board): (&'static str, Board)) -> Run {
    Run {
        program: "exhausted",
        target,
        board,
        profile: "small",
        features: "stats",
        code: 42,
        must_print: &["memory allocation of "],
    }
}

const fn interrupt((target, board): (&'static str, Board)) -> Run {
    Run {
        program: "interrupt",
        target,
        board,
        profile: "checked",
        features: "",
        code: 0,
        must_print: &["2000 messages freed in a handler"],
    }
}

const fn stress((target, board): (&'static str, Board), features: &'static str) -> Run {
    Run {
        program: "stress",
        target,
        board,
        profile: "release",
        features,
        code: 0,
        must_print: &[],
    }
}

const fn states((target, board): (&'static str, Board)) -> Run {
    Run {
        program: "states",
        ..stress((target, board), "peers")
    }
}

const fn footprint((target, board): (&'static str, Board), features: &'static str) -> Run {
    Run {
        program: "footprint",
        target,
        board,
        profile: "small",
        features,
        code: 0,
        must_print: &[],
    }
}

/// The program that `cargo xtask certify` reads and runs, for each target that it certifies.
const PROBES: [Run; 3] = [probes(M0_LARGE), probes(M4F), probes(RV32)];

const fn probes((target, board): (&'static str, Board)) -> Run {
    Run {
        program: "probes",
        target,
        board,
        profile: "release",
        features: "probes",
        code: 0,
        must_print: &[],
    }
}

/// The program that is certified for `target`.
pub(super) fn probes_for(target: &str) -> Option<&'static Run> {
    PROBES.iter().find(|run| run.target == target)
}

/// Builds the program of `run`.
pub(super) fn build(workspace: &Workspace, run: &Run) -> Result<PathBuf> {
    let arguments = [
        "build",
        "--quiet",
        "--manifest-path",
        "firmware/Cargo.toml",
        "--locked",
        "--bin",
        run.program,
        "--profile",
        run.profile,
        "--features",
        run.features,
    ];
    let products = workspace.cache("firmware").join(run.board.name());
    let mut cargo = library::cargo(workspace, run.target, &arguments, &[])?;
    cargo
        .env("CARGO_TARGET_DIR", &products)
        .env("BOARD", run.board.name());
    process::run(&mut cargo)?;
    Ok(products
        .join(run.target)
        .join(run.profile)
        .join(run.program))
}
