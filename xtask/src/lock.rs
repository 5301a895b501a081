//! The versions that a `Cargo.lock` names.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;

/// The file.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

/// A package of it.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    /// Where it is from; our own have none.
    source: Option<String>,
}

/// The names and versions of the peers `names` in the lock file at `path`.
///
/// # Errors
///
/// The file cannot be read.
pub(crate) fn versions(workspace: &Workspace, path: &str, names: &[&str]) -> Result<Vec<String>> {
    let text = fs::read_to_string(workspace.root().join(path));
    parse(&text.with_context(|| path.to_owned())?, names)
}

fn parse(text: &str, names: &[&str]) -> Result<Vec<String>> {
    let lock: Lock = toml_edit::de::from_str(text)?;
    let is_peer =
        |package: &&Package| package.source.is_some() && names.contains(&package.name.as_str());
    let peers = lock.package.iter().filter(is_peer);
    Ok(peers
        .map(|package| format!("{} {}", package.name, package.version))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_peers_have_a_version() {
        let text = "version = 4\n[[package]]\nname = \"rlsf\"\nversion = \"1.0.0\"\n\
            [[package]]\nname = \"rlsf\"\nversion = \"0.2.3\"\nsource = \"registry\"\n";
        assert_eq!(parse(text, &["rlsf", "talc"]).unwrap(), ["rlsf 0.2.3"]);
    }
}
