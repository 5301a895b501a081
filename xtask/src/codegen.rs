//! `cargo xtask codegen`: the heap's operations are straight-line machine code.
//!
//! The crate `codegen_probe` exports the operations of two shapes of heap. This task builds it in release,
//! finds the exported functions in the archive, and follows their machine code on x86-64: no call, no
//! loop, no trap, nothing that panics. For other machines it checks that nothing refers to a panic.

mod graph;
mod image;
mod verdict;
mod walk;

use std::{fs, io::Cursor, path::PathBuf, process::Stdio};

use anyhow::{bail, ensure, Context, Result};
use cargo_metadata::Message;
use object::{read::archive::ArchiveFile, Object, ObjectSymbol};

use crate::workspace::Workspace;
use verdict::Verdict;

/// The package that holds the probes.
const PACKAGE: &str = "codegen_probe";

/// What the package exports.
const PROBES: [&str; 8] = [
    "probe_allocate",
    "probe_deallocate",
    "probe_grow_in_place",
    "probe_shrink_in_place",
    "probe_small_allocate",
    "probe_small_deallocate",
    "probe_small_grow_in_place",
    "probe_small_shrink_in_place",
];

/// Builds the probes, judges each and prints its figures.
///
/// # Errors
///
/// A probe is missing or is not straight-line code.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let library = build(workspace)?;
    let archive = fs::read(&library).context("cannot read what was built")?;
    let verdicts = judge(&archive)?;
    let mut faults = 0;
    for (name, verdict) in PROBES.iter().zip(&verdicts) {
        println!("{name:<28} {verdict}");
        for fault in verdict.faults() {
            println!("    {fault}");
        }
        faults += verdict.faults().len();
    }
    ensure!(faults == 0, "codegen: {faults} fault(s)");
    println!(
        "codegen: {} functions, no call, no loop, no panic",
        PROBES.len()
    );
    Ok(())
}

/// Builds the static library and returns where it is.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let arguments = ["build", "--release", "--package", PACKAGE];
    let mut cargo = workspace.cargo(arguments);
    cargo.arg("--message-format=json-render-diagnostics");
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

/// Judges every probe of the archive.
fn judge(archive: &[u8]) -> Result<Vec<Verdict>> {
    let mut verdicts: Vec<Option<Verdict>> = PROBES.map(|_| None).into();
    for member in ArchiveFile::parse(archive)?.members() {
        let Ok(file) = object::File::parse(member?.data(archive)?) else {
            continue;
        };
        for symbol in file.symbols().filter(ObjectSymbol::is_definition) {
            let name = symbol.name()?.trim_start_matches('_');
            if let Some(index) = PROBES.iter().position(|probe| *probe == name) {
                verdicts[index] = Some(Verdict::of(&file, &symbol)?);
            }
        }
    }
    let named = PROBES.iter().zip(verdicts);
    named
        .map(|(name, verdict)| verdict.with_context(|| format!("{name} is not in the library")))
        .collect()
}
