//! `cargo xtask tidy`: what the compiler and clippy do not check, one line a finding.

mod documents;
mod imports;
mod layers;
mod lines;
mod tree;
mod use_tree;

use core::fmt;

use anyhow::{ensure, Result};

use crate::{tables, workspace::Workspace};
use tree::Tree;

/// The document that maps the sources.
const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// Where the sources of the crate `rlsf` are.
const SOURCES: &str = "crates/rlsf/src";

/// A place where the checkout breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    /// A breach at `line` of `path`.
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Checks the whole checkout and prints every finding.
///
/// # Errors
///
/// There is a finding, or a file cannot be read.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace.root())?;
    let mut findings = layers::check(&tree);
    findings.extend(lines::check(&tree));
    findings.extend(documents::check(&tree));
    let stale = tables::stale(workspace)?.into_iter();
    findings.extend(
        stale.map(|path| Finding::new(&path, 1, "differs from the results: `cargo xtask tables`")),
    );
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "tidy: {} finding(s)", findings.len());
    println!("tidy: {} files, nothing found", tree.texts().count());
    Ok(())
}
