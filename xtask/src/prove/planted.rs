//! Whether the proofs find what they are for: faults are planted in a copy of the heap, one at a time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{ensure, Context, Result};
use toml_edit::{value, Array, DocumentMut};
use walkdir::WalkDir;

use super::{
    faults::{Fault, FAULTS},
    PROVER,
};
use crate::workspace::Workspace;

/// The members of the copy.
const MEMBERS: [&str; 3] = ["crates/rlsf", "crates/rlsf_testkit", "crates/rlsf_prove"];

/// Plants each fault and sees to it that its proof fails.
///
/// # Errors
///
/// A fault is not found, or does not stand where the table says any more.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let copy = Copy::of(workspace)?;
    ensure!(
        copy.run(workspace, "damage")?.is_none(),
        "the heap without a fault is not proved"
    );
    let mut missed = Vec::new();
    for fault in &FAULTS {
        let found = copy.with(fault, || copy.run(workspace, fault.proof))?;
        if let Some(message) = found {
            println!("found: {}\n       {message}", fault.what);
        } else {
            println!("MISSED: {}", fault.what);
            missed.push(fault.what);
        }
    }
    ensure!(missed.is_empty(), "not found: {missed:?}");
    println!("all {} planted faults are found", FAULTS.len());
    Ok(())
}

/// A copy of the heap and its prover.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn of(workspace: &Workspace) -> Result<Self> {
        let root = workspace.cache("planted");
        for member in MEMBERS {
            copy_directory(&workspace.root().join(member), &root.join(member))?;
        }
        for name in ["README.md", "Cargo.lock"] {
            fs::copy(workspace.root().join(name), root.join(name))?;
        }
        let manifest = fs::read_to_string(workspace.root().join("Cargo.toml"))?;
        let mut manifest: DocumentMut = manifest.parse()?;
        manifest["workspace"]["members"] = value(Array::from_iter(MEMBERS));
        for key in ["default-members", "exclude"] {
            manifest["workspace"]
                .as_table_mut()
                .map(|it| it.remove(key));
        }
        manifest["profile"]["release"]
            .as_table_mut()
            .map(|it| it.remove("package"));
        fs::write(root.join("Cargo.toml"), manifest.to_string())?;
        Ok(Self { root })
    }

    /// Does something while the fault is there.
    fn with<T>(&self, fault: &Fault, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let path = self.root.join("crates/rlsf/src").join(fault.file);
        let right = fs::read_to_string(&path)?;
        let wrong = plant(&right, fault)?;
        fs::write(&path, wrong)?;
        let result = act();
        fs::write(&path, right)?;
        result.with_context(|| fault.what.to_string())
    }

    /// Builds and runs a proof: what it says last if it fails.
    fn run(&self, workspace: &Workspace, proof: &str) -> Result<Option<String>> {
        let build = [
            "build",
            "--release",
            "--quiet",
            "--offline",
            "--package",
            PROVER,
        ];
        let mut cargo = workspace.cargo(build);
        cargo.current_dir(&self.root).env("RUSTFLAGS", "-Awarnings");
        cargo.env("CARGO_TARGET_DIR", self.root.join("target"));
        ensure!(cargo.status()?.success(), "the copy cannot be built");
        let mut prover = Command::new(self.root.join("target/release").join(PROVER));
        let output = prover.arg(proof).stderr(Stdio::piped()).output()?;
        if output.status.success() {
            return Ok(None);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        Ok(Some(format!("{last} ({})", output.status)))
    }
}

/// The source with the fault.
fn plant(source: &str, fault: &Fault) -> Result<String> {
    let count = source.matches(fault.from).count();
    ensure!(
        count > 0,
        "`{}` stands nowhere in {}: mend the table of faults",
        fault.from,
        fault.file
    );
    Ok(source.replacen(fault.from, fault.to, 1))
}

/// Copies `from` with all below it.
fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_can_be_planted_in_the_sources_as_they_are() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rlsf/src");
        for fault in &FAULTS {
            let source = fs::read_to_string(sources.join(fault.file)).unwrap();
            assert_ne!(plant(&source, fault).unwrap(), source, "{}", fault.what);
        }
    }
}
