//! `cargo xtask tsan`: the tests of `rlsf_threads` under `ThreadSanitizer`, and a program in which threads race for a
//! block, each kind of which has to be reported.
//!
//! It has to see every access, those of the standard library as well, or it reports races that are none; so
//! the library is built along, from Debian's sources of the very version of the compiler.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{ensure, Result};

use crate::{library, process, workspace::Workspace};

/// Sizes of the blocks that threads race for: of a slab, of a thread's `Tlsf`, and of the supply behind all.
const SIZES: [&str; 3] = ["48", "5000", "500000"];

/// Runs the example with each race and without one, and the tests.
///
/// # Errors
///
/// A test fails, a race is found, or not found where there is one, or there are no sources of the library.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let build = ["build", "--profile", "test", "--example", "raced"];
    process::run(&mut cargo(workspace, &build)?)?;
    find_planted(&workspace.cache(library::HOST).join("debug/examples/raced"))?;
    process::run(&mut cargo(workspace, &["test", "--tests"])?)
}

/// Sees that each race of the program is reported, and nothing else.
fn find_planted(program: &Path) -> Result<()> {
    let races = process::output(&mut Command::new(program))?;
    let sizes = |race| SIZES.map(|size| (race, size));
    let planted: Vec<_> = races.lines().flat_map(sizes).collect();
    ensure!(planted.len() > 8, "the example knows of {planted:?} only");
    for (race, size) in &planted {
        let output = Command::new(program).args([race, size]).output()?;
        ensure!(
            is_reported(&output) && !output.status.success(),
            "`{race}` of {size} bytes is not reported:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let output = Command::new(program).arg("sound").output()?;
    ensure!(
        output.status.success() && !is_reported(&output),
        "what is allowed is reported:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{} races reported, and nothing else", planted.len());
    Ok(())
}

fn is_reported(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr).contains("ThreadSanitizer: data race")
}

/// A call of cargo for the crate `rlsf_threads`.
fn cargo(workspace: &Workspace, arguments: &[&str]) -> Result<Command> {
    let mut cargo = workspace.cargo(arguments);
    cargo.args(["--package", "rlsf_threads", "--target", library::HOST]);
    library::build_along(workspace, &mut cargo, "std")?;
    cargo.env("RUSTFLAGS", "-Zsanitizer=thread");
    // Tests fork, and the child begins threads: what the tool knows of those of the parent may be wrong then.
    cargo.env("TSAN_OPTIONS", "die_after_fork=0");
    Ok(cargo)
}
