//! The program in C: linked with the pool API as a static library, run on two boards.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::board::{Board, Machine};
use crate::{library, process, program::Program, workspace::Workspace};

/// The library's target, the processor as the C compiler calls it, and the board.
const RUNS: [(&str, &[&str], Board); 2] = [
    ("thumbv6m-none-eabi", &["-mcpu=cortex-m0"], Board::Microbit),
    (
        "thumbv7em-none-eabihf",
        &["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
        Board::Mps2An386,
    ),
];

const SOURCES: [&str; 2] = ["firmware/c/main.c", "firmware/c/start.c"];

/// Builds and runs the program on each board.
pub(super) fn run(workspace: &Workspace, machine: &Machine) -> Result<()> {
    let (name, package) = ("arm-none-eabi-gcc", "gcc-arm-none-eabi");
    let compiler = Program::find(workspace, name, package, "usr/bin")?;
    for (target, processor, board) in RUNS {
        let library = build_library(workspace, target)?;
        let image = workspace.cache("firmware").join(format!("c-{target}.elf"));
        let root = workspace.root();
        let mut call = compiler.call();
        call.args(processor).args(["-mthumb", "-Os", "-std=c11"]);
        call.args(["-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib"]);
        call.arg("-I")
            .arg(root.join("crates/rlsf_override/include"));
        call.args(SOURCES.map(|source| root.join(source)));
        call.arg("-T").arg(root.join("firmware/c/link.ld"));
        call.args(["-Wl,--gc-sections", "-Wl,-z,noexecstack"])
            .arg(&library);
        process::run(call.arg("-lgcc").arg("-o").arg(&image))?;
        report(machine, board, &image, target)?;
    }
    Ok(())
}

fn report(machine: &Machine, board: Board, image: &Path, target: &str) -> Result<()> {
    machine
        .run(board, image, 0)
        .with_context(|| format!("the program in C for {target} failed"))?;
    println!("C {target} {}: ended with 0", board.name());
    Ok(())
}

/// Builds the pool API alone, as firmware links it.
fn build_library(workspace: &Workspace, target: &str) -> Result<PathBuf> {
    let arguments = [
        "build",
        "--quiet",
        "--package",
        "rlsf_override",
        "--no-default-features",
        "--features",
        "pool-only",
        "--profile",
        "firmware",
    ];
    let products = workspace.cache("firmware/c");
    let mut cargo = library::cargo(workspace, target, &arguments, &[])?;
    cargo.env("CARGO_TARGET_DIR", &products);
    process::run(&mut cargo)?;
    let folder = products.join(target).join("firmware");
    Ok(folder.join("librlsf_override.a"))
}
