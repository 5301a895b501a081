//! Building the probes for each target.

use std::{io::Cursor, path::PathBuf, process::Stdio};

use anyhow::{bail, ensure, Context, Result};
use cargo_metadata::Message;

use crate::workspace::Workspace;

/// The package that holds the probes.
const PACKAGE: &str = "certify_probe";

/// Builds the probes for this machine as a library of the kind `crate_type` and returns where it is.
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
