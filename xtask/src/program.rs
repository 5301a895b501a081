//! Programs of other people: the machine's own, or Debian's, unpacked privately with their libraries.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::{debian::Apt, workspace::Workspace};

/// A program and where its libraries are.
pub(crate) struct Program {
    path: PathBuf,
    libraries: Vec<PathBuf>,
}

impl Program {
    /// The program `name` of the search path, or else that of Debian's `package`, where it may have
    /// another place below the root than `usr/bin`.
    pub(crate) fn find(
        workspace: &Workspace,
        name: &str,
        package: &str,
        place: &str,
    ) -> Result<Self> {
        Self::find_with(workspace, name, &[package], place)
    }

    /// The same of a program that needs more packages than its own, the first.
    pub(crate) fn find_with(
        workspace: &Workspace,
        name: &str,
        packages: &[&str],
        place: &str,
    ) -> Result<Self> {
        let package = packages[0];
        if let Some(program) = Self::of_search_path(name) {
            return Ok(program);
        }
        let directory = workspace.cache("programs").join(package);
        if !directory.join("unpacked").exists() {
            let apt = Apt::of_this_machine();
            let needed = apt.closure(packages)?;
            let needed: Vec<_> = needed.iter().map(String::as_str).collect();
            apt.unpack(&needed, &directory)
                .with_context(|| format!("`{name}` is missing; install the package {package}"))?;
        }
        Ok(Self {
            path: directory.join(place).join(name),
            libraries: libraries(&directory)?,
        })
    }

    /// The program `name` of the search path.
    pub(crate) fn of_search_path(name: &str) -> Option<Self> {
        let libraries = Vec::new();
        on_search_path(name).map(|path| Self { path, libraries })
    }

    /// Where the program is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where its libraries are; nothing where the machine knows.
    pub(crate) fn libraries(&self) -> &[PathBuf] {
        &self.libraries
    }

    /// A call of the program.
    pub(crate) fn call(&self) -> Command {
        let mut command = Command::new(&self.path);
        if !self.libraries.is_empty() {
            let paths = env::join_paths(&self.libraries).unwrap_or_default();
            command.env("LD_LIBRARY_PATH", paths);
        }
        command
    }
}

/// The first file `name` in the directories of the search path.
fn on_search_path(name: &str) -> Option<PathBuf> {
    let directories = env::var_os("PATH")?;
    env::split_paths(&directories)
        .map(|directory| directory.join(name))
        .find(|path| path.is_file())
}

/// The directories below `root` that hold shared libraries.
fn libraries(root: &Path) -> Result<Vec<PathBuf>> {
    let mut directories = BTreeSet::new();
    for entry in WalkDir::new(root) {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains(".so") {
            directories.extend(entry.path().parent().map(Path::to_path_buf));
        }
    }
    Ok(directories.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_search_path_is_found() {
        assert!(on_search_path("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(on_search_path("no-such-program"), None);
    }

    #[test]
    fn every_directory_with_a_library_is_listed_once() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("usr/lib");
        std::fs::create_dir_all(&inner).unwrap();
        for name in ["liba.so.1", "libb.so", "readme"] {
            std::fs::write(inner.join(name), "").unwrap();
        }
        assert_eq!(libraries(root.path()).unwrap(), [inner]);
    }
}
