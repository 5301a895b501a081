//! A copy of the crate `rlsf` outside of the workspace, with a manifest that an old cargo understands.
//!
//! An old cargo reads neither the workspace's lock file nor the registry's present form, so what the crate
//! depends on is put beside the copy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use walkdir::WalkDir;

use super::manifest::Manifest;
use crate::{process, workspace::Workspace};

/// The crate's place, here and in the copy.
const CRATE: &str = "crates/rlsf";

/// Tells cargo to take dependencies from the directory `vendor`.
const CONFIG: &str = "[source.crates-io]\nreplace-with = \"vendored\"\n\n\
    [source.vendored]\ndirectory = \"vendor\"\n";

/// The copy; it is deleted when this is dropped.
pub(super) struct Copy {
    root: TempDir,
    test_dependency: Option<String>,
}

impl Copy {
    /// Copies the crate, and the documents that it may include.
    pub(super) fn of_crate(workspace: &Workspace) -> Result<Self> {
        let root = tempfile::tempdir()?;
        let (from, to) = (workspace.root(), root.path());
        copy_directory(&from.join(CRATE), &to.join(CRATE))?;
        for name in ["README.md", "CHANGELOG.md"] {
            if from.join(name).exists() {
                fs::copy(from.join(name), to.join(name))?;
            }
        }
        let outer = read(&from.join("Cargo.toml"))?;
        let inner = read(&from.join(CRATE).join("Cargo.toml"))?;
        let manifest = Manifest::stand_alone(&inner, &outer)?;
        fs::write(to.join(CRATE).join("Cargo.toml"), &manifest.text)?;
        let copy = Self {
            test_dependency: used_by_tests(&from.join(CRATE), manifest.test_dependencies)?,
            root,
        };
        if manifest.has_dependencies {
            copy.vendor(workspace)?;
        }
        Ok(copy)
    }

    /// Where the crate is.
    pub(super) fn directory(&self) -> PathBuf {
        self.root.path().join(CRATE)
    }

    /// A dependency of tests that the crate's own sources name, so that their tests need it.
    pub(super) fn test_dependency(&self) -> Option<&str> {
        self.test_dependency.as_deref()
    }

    /// Puts what the crate depends on beside it, in versions for old compilers where there are any.
    fn vendor(&self, workspace: &Workspace) -> Result<()> {
        let root = self.root.path();
        let mut cargo = workspace.cargo(["vendor", "--quiet"]);
        cargo.arg(root.join("vendor")).current_dir(self.directory());
        cargo.env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        process::output(&mut cargo)?;
        fs::remove_file(self.directory().join("Cargo.lock"))?;
        fs::create_dir(root.join(".cargo"))?;
        fs::write(root.join(".cargo/config.toml"), CONFIG)?;
        Ok(())
    }
}

/// The text of the file at `path`.
fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
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

/// The first of `dependencies` that a source of the crate at `directory` names.
fn used_by_tests(directory: &Path, dependencies: Vec<String>) -> Result<Option<String>> {
    let mut sources = String::new();
    for entry in WalkDir::new(directory.join("src")) {
        let entry = entry?;
        if entry.path().extension().is_some_and(|it| it == "rs") {
            sources.push_str(&read(entry.path())?);
        }
    }
    let is_named = |name: &String| sources.contains(&format!("{}::", name.replace('-', "_")));
    Ok(dependencies.into_iter().find(is_named))
}
