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
pub(super) type Counts = BTreeMap<(Shape, u32), Observed>;

/// The most instructions that a call executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Observed {
    /// Of many random calls.
    pub(super) random: u64,
    /// In the states that a search found, where one was made.
    pub(super) searched: Option<u64>,
}

impl Observed {
    /// Of all calls.
    pub(super) fn most(self) -> u64 {
        self.random.max(self.searched.unwrap_or(0))
    }
}

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

/// Reads what the program printed: the most of random calls, and of those in the states that it found.
fn read(printed: &str) -> Result<Counts> {
    let mut counts = Counts::new();
    for line in printed.lines() {
        let mut words = line.split(' ');
        let kind = words.next().unwrap_or_default();
        if !matches!(kind, "figure" | "state") {
            continue;
        }
        let mut number = || words.next().context("a figure is missing");
        let (operation, count) = (number()?.parse()?, number()?.parse()?);
        let observed: &mut Observed = counts.entry((Shape::Small, operation)).or_default();
        if kind == "figure" {
            observed.random = count;
        } else {
            observed.searched = Some(count);
        }
    }
    ensure!(!counts.is_empty(), "the program has not counted anything");
    let has_searched = counts
        .values()
        .all(|it| it.searched.is_some_and(|it| it > 0));
    ensure!(has_searched, "the program has not searched everywhere");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_calls_and_those_of_the_search_are_told_apart() {
        let counts = read("figure 2 90\nother\nstate 2 92\n").unwrap();
        let observed = counts[&(Shape::Small, 2)];
        let expected = Observed {
            random: 90,
            searched: Some(92),
        };
        assert_eq!(observed, expected);
        assert_eq!(observed.most(), 92);
    }

    #[test]
    fn a_program_that_has_not_searched_is_an_error() {
        assert!(read("figure 2 90\n").is_err());
        assert!(read("figure 2 90\nstate 2 0\n").is_err());
    }
}
