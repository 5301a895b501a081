//! The checkout as tidy sees it: every path, and the text of every source and document.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use walkdir::{DirEntry, WalkDir};

/// Directories whose content is not ours: build products and the history.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Extensions of files that people write.
const WRITTEN: [&str; 11] = [
    "rs", "md", "toml", "c", "h", "cpp", "py", "js", "mjs", "html", "yml",
];

/// Paths are relative to the root and have `/` between their parts.
#[derive(Default)]
pub(super) struct Tree {
    paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the checkout at `root`.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        let ours = |entry: &DirEntry| !SKIPPED.iter().any(|name| entry.file_name() == *name);
        for entry in WalkDir::new(root)
            .min_depth(1)
            .into_iter()
            .filter_entry(ours)
        {
            let entry = entry?;
            let relative = entry.path().strip_prefix(root)?;
            let path = relative.to_string_lossy().replace('\\', "/");
            if entry.file_type().is_file() && is_written(&path) {
                let text = fs::read_to_string(entry.path())
                    .with_context(|| format!("{path}:1: cannot be read as text"))?;
                tree.texts.insert(path.clone(), text);
            }
            tree.paths.insert(path);
        }
        Ok(tree)
    }

    /// Every text with its path, in order of paths.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text at `path`.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether there is a file or a directory at `path`; the root has the empty path.
    pub(super) fn contains(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path)
    }

    /// The Rust files below `directory`, by their path inside it.
    pub(super) fn rust_files_in<'a>(
        &'a self,
        directory: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter_map(move |(path, text)| {
            let inner = path.strip_prefix(directory)?.strip_prefix('/')?;
            (extension(inner) == "rs").then_some((inner, text))
        })
    }
}

/// Whether people write the file at `path`, by its name.
fn is_written(path: &str) -> bool {
    path == ".ci/run" || WRITTEN.contains(&extension(path))
}

/// What follows the last dot of the name of `path`; empty when there is none.
pub(super) fn extension(path: &str) -> &str {
    let extension = Path::new(path).extension();
    extension.and_then(|it| it.to_str()).unwrap_or("")
}

#[cfg(test)]
impl Tree {
    /// A tree of the given files, for tests.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            let ancestors = Path::new(path).ancestors();
            tree.paths
                .extend(ancestors.map(|it| it.to_string_lossy().into_owned()));
            tree.texts.insert((*path).to_owned(), (*text).to_owned());
        }
        tree
    }
}
