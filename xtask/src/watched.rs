//! `cargo xtask watched`: what Valgrind's memcheck and `AddressSanitizer` see of a heap's memory with the features
//! `valgrind` and `asan`. The example `watched` commits one misuse after the other, each of which has to be reported,
//! and then all that is allowed, of which nothing may be.

use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{ensure, Context, Result};

use crate::{process, workspace::Workspace};

/// The machine for which the example is built: for a sanitizer it is to be named.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A tool, and a build of the example that it watches.
struct Watch {
    features: &'static str,
    compiler_flags: &'static str,
    /// What runs the program, if it does not run alone.
    runner: &'static [&'static str],
    /// One of these stands in a report.
    reports: &'static [&'static str],
    /// What only this tool sees, or only in this build.
    extra: &'static [&'static str],
}

const MEMCHECK: [&str; 4] = [
    "valgrind",
    "--quiet",
    "--error-exitcode=9",
    "--leak-check=no",
];
const INVALID: [&str; 3] = ["Invalid read", "Invalid write", "uninitialised"];
const POISONED: [&str; 1] = ["use-after-poison"];

const WATCHES: [Watch; 4] = [
    Watch {
        features: "valgrind",
        compiler_flags: "",
        runner: &MEMCHECK,
        reports: &INVALID,
        extra: &["use-of-what-is-not-written"],
    },
    Watch {
        features: "valgrind,hardened,fill",
        compiler_flags: "",
        runner: &MEMCHECK,
        reports: &INVALID,
        extra: &["use-of-what-is-not-written", "read-of-slack"],
    },
    Watch {
        features: "asan",
        compiler_flags: "-Zsanitizer=address",
        runner: &[],
        reports: &POISONED,
        extra: &[],
    },
    Watch {
        features: "asan,hardened,fill",
        compiler_flags: "-Zsanitizer=address",
        runner: &[],
        reports: &POISONED,
        extra: &["read-of-slack"],
    },
];

/// The tests that touch no memory but their own, which a sanitizer is to find nothing in.
const TESTS: [&str; 10] = [
    "alignment::",
    "flex::",
    "global::",
    "locked::",
    "pools::",
    "random::",
    "refit::",
    "resizing::",
    "sharing::",
    "slabs::",
];

/// Runs all cases under both tools, and the crate's tests under the sanitizer.
///
/// # Errors
///
/// The example does not build, a tool is missing, a misuse is not reported, or something that is allowed is.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    for watch in &WATCHES {
        let program = build(workspace, watch)?;
        let names = process::output(&mut Command::new(&program))?;
        let misuses: Vec<&str> = names.lines().chain(watch.extra.iter().copied()).collect();
        ensure!(misuses.len() > 12, "the example knows of {misuses:?} only");
        for case in &misuses {
            let output = watch.output(&program, case)?;
            let told = String::from_utf8_lossy(&output.stderr);
            let reported = watch.reports.iter().any(|report| told.contains(report));
            ensure!(
                reported && !output.status.success(),
                "{}: `{case}` is not reported:\n{told}",
                watch.features
            );
        }
        let output = watch.output(&program, "sound")?;
        ensure!(
            output.status.success(),
            "{}: what is allowed is reported:\n{}",
            watch.features,
            String::from_utf8_lossy(&output.stderr)
        );
        println!(
            "{}: {} misuses reported, and nothing else",
            watch.features,
            misuses.len()
        );
    }
    let tests = ["test", "--package", "rlsf", "--test", "all"];
    let mut cargo = call(workspace, &tests, "asan", "-Zsanitizer=address");
    process::run(cargo.arg("--").args(TESTS))
}

impl Watch {
    fn output(&self, program: &PathBuf, case: &str) -> Result<Output> {
        let mut command = match self.runner {
            [] => Command::new(program),
            [tool, arguments @ ..] => {
                let mut command = Command::new(tool);
                command.args(arguments).arg(program);
                command
            }
        };
        command.arg(case).output().with_context(|| {
            let tool = self.runner.first().copied().unwrap_or("the example");
            format!("cannot start {tool}")
        })
    }
}

/// Builds the example; the path of the program.
fn build(workspace: &Workspace, watch: &Watch) -> Result<PathBuf> {
    let example = ["build", "--package", "rlsf", "--example", "watched"];
    let mut cargo = call(workspace, &example, watch.features, watch.compiler_flags);
    process::run(&mut cargo)?;
    Ok(directory(workspace)
        .join(TARGET)
        .join("debug/examples/watched"))
}

/// A call of cargo, whose products lie apart from those of other builds.
fn call(workspace: &Workspace, arguments: &[&str], features: &str, flags: &str) -> Command {
    let mut cargo = workspace.cargo(arguments);
    cargo
        .args(["--features", features, "--target", TARGET])
        .arg("--target-dir")
        .arg(directory(workspace))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", flags);
    cargo
}

fn directory(workspace: &Workspace) -> PathBuf {
    workspace.root().join("target/watched")
}
