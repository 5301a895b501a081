//! The files that hold the operations: built for each target, read, and run.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod step;

use std::{
    collections::BTreeMap,
    io::Cursor,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{bail, ensure, Context, Result};
use cargo_metadata::Message;

use super::target::{Shape, Target};
use crate::{firmware, workspace::Workspace};

/// The package that holds the probes.
const PACKAGE: &str = "certify_probe";

/// By the shape of the heap and the operation's number, the most instructions that one call executed.
pub(super) type Counts = BTreeMap<(Shape, u32), u64>;

/// A linked file with the operations.
pub(super) enum Probes {
    /// A library for this machine.
    Library(Target, PathBuf),
    /// A program for a microcontroller.
    Program(firmware::Probes),
}

impl Probes {
    /// Builds the file of `target`.
    pub(super) fn build(workspace: &Workspace, target: Target) -> Result<Self> {
        if target == Target::X86_64 {
            Ok(Self::Library(target, library(workspace, "cdylib")?))
        } else {
            firmware::Probes::build(workspace, target.triple()).map(Self::Program)
        }
    }

    /// Where the file is.
    pub(super) fn file(&self) -> &Path {
        match self {
            Self::Library(_, file) => file,
            Self::Program(program) => program.image(),
        }
    }

    /// Runs the operations of the file in many states.
    pub(super) fn run(&self, workspace: &Workspace) -> Result<Counts> {
        match self {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Self::Library(target, file) => step::counts(*target, file),
            #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
            Self::Library(..) => Ok(Counts::new()),
            Self::Program(program) => read(&program.run(workspace)?),
        }
    }
}

/// Reads what the program printed.
fn read(printed: &str) -> Result<Counts> {
    let lines = printed.lines();
    let figures = lines.filter_map(|line| line.strip_prefix("figure "));
    let counts = figures.map(|line| {
        let (number, count) = line.split_once(' ').context("a figure is missing")?;
        Ok(((Shape::Small, number.parse()?), count.parse()?))
    });
    let counts: Counts = counts.collect::<Result<_>>()?;
    ensure!(!counts.is_empty(), "the program has not counted anything");
    Ok(counts)
}

/// Builds the probes for this machine as a library of that type, and returns where it is.
pub(super) fn library(workspace: &Workspace, crate_type: &str) -> Result<PathBuf> {
    let arguments = [
        "rustc",
        "--release",
        "--package",
        PACKAGE,
        "--crate-type",
        crate_type,
        "--message-format=json-render-diagnostics",
    ];
    let mut cargo = workspace.cargo(arguments);
    let output = cargo.stderr(Stdio::inherit()).output()?;
    ensure!(
        output.status.success(),
        "the package {PACKAGE} does not build"
    );
    for message in Message::parse_stream(Cursor::new(output.stdout)) {
        if let Message::CompilerArtifact(artifact) = message? {
            if artifact.target.name == PACKAGE {
                let mut files = artifact.filenames.into_iter();
                return files.next().map(PathBuf::from).context("nothing was built");
            }
        }
    }
    bail!("cargo did not say what it built for {PACKAGE}")
}
