//! `cargo xtask shipped`: the tests of the C side, with the libraries as they are shipped, plain and hardened.
//!
//! Tests are built to unwind, what is shipped is not.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{process, workspace::Workspace};

/// Builds the libraries as they are shipped, and has the tests preload each.
///
/// # Errors
///
/// A library cannot be built, or a test fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let products = workspace.cache("release");
    let package = "rlsf_override_hardened";
    let both = ["--package", "rlsf_override", "--package", package];
    process::run(workspace.cargo(["build", "--release"]).args(both))?;
    test(workspace, &products)?;
    // Most tests know of one name, the others ask for the hardened library by its own.
    let renamed = workspace.cache("shipped_hardened");
    fs::create_dir_all(&renamed).with_context(|| format!("cannot make {}", renamed.display()))?;
    for end in ["so", "a"] {
        let library = products.join(format!("lib{package}.{end}"));
        for name in ["rlsf_override", package] {
            let copy = renamed.join(format!("lib{name}.{end}"));
            fs::copy(&library, copy)
                .with_context(|| format!("cannot copy {}", library.display()))?;
        }
    }
    test(workspace, &renamed)
}

fn test(workspace: &Workspace, products: &Path) -> Result<()> {
    let mut tests = workspace.cargo(["test", "--package", "rlsf_override", "malloc::"]);
    process::run(tests.env("PRODUCTS", products))
}
