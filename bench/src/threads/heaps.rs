//! The heaps that threads share, each in a program of its own, and how these are built.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::versions::version;

/// The package of the programs.
const PACKAGE: &str = "rlsf_bench_threads";

/// Where it is.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/threads/Cargo.toml");

/// A heap, as the allocator of a process.
#[derive(Debug, PartialEq, Eq)]
pub struct ProcessHeap {
    /// The name in the tables.
    pub name: &'static str,
    /// What its program is called, after `heap-`.
    program: &'static str,
    /// The feature of the package that brings it in, if it is none of ours.
    feature: Option<&'static str>,
    /// The package whose version is told.
    package: Option<&'static str>,
    /// Features that cannot be built together are built one group after the other.
    group: usize,
}

const fn peer(name: &'static str, feature: &'static str, package: &'static str) -> ProcessHeap {
    ProcessHeap {
        name,
        program: feature,
        feature: Some(feature),
        package: Some(package),
        group: 0,
    }
}

const fn ours(name: &'static str, program: &'static str) -> ProcessHeap {
    ProcessHeap {
        name,
        program,
        feature: None,
        package: None,
        group: 0,
    }
}

/// All of them; ratios refer to the first one.
pub static HEAPS: [ProcessHeap; 10] = [
    ours("glibc", "glibc"),
    ours("ThreadedTlsf", "rlsf-threads"),
    ours("GlobalTlsf", "rlsf"),
    peer("mimalloc 2", "mimalloc2", "libmimalloc-sys"),
    ProcessHeap {
        group: 1,
        ..peer("mimalloc 3", "mimalloc3", "libmimalloc-sys")
    },
    peer("snmalloc", "snmalloc", "snmalloc-sys"),
    peer("jemalloc", "jemalloc", "tikv-jemalloc-sys"),
    peer("rpmalloc", "rpmalloc", "rpmalloc-sys"),
    peer("talc", "talc", "talc"),
    peer("rlsf 0.2.3", "rlsf-published", "rlsf"),
];

/// The heaps of these names, in the order of [`HEAPS`]; all without names.
///
/// # Errors
/// A name that is none.
pub fn find(names: &[String]) -> Result<Vec<&'static ProcessHeap>, String> {
    let known = |name: &&String| HEAPS.iter().any(|heap| heap.name == **name);
    if names.iter().all(|name| known(&name)) {
        let chosen =
            |heap: &&ProcessHeap| names.is_empty() || names.iter().any(|name| name == heap.name);
        return Ok(HEAPS.iter().filter(chosen).collect());
    }
    let all: Vec<_> = HEAPS.iter().map(|heap| heap.name).collect();
    Err(format!("the heaps are {}", all.join(", ")))
}

impl ProcessHeap {
    /// The package's version as it was built, or nothing of our own.
    #[must_use]
    pub fn version(&self) -> Option<&'static str> {
        let package = self.package?;
        version(package)
    }

    /// The name and the version, which some names have already.
    fn named_version(&self) -> Option<String> {
        let version = self.version()?;
        Some(if self.name.ends_with(version) {
            self.name.to_owned()
        } else {
            format!("{} {version}", self.name)
        })
    }

    /// Its program, once it was built.
    pub(crate) fn path(&self) -> io::Result<PathBuf> {
        let name = format!("heap-{}", self.program);
        Ok(target()?.join("release").join(name))
    }
}

/// The names and versions of the peers among these heaps.
pub(crate) fn versions(heaps: &[&ProcessHeap]) -> Vec<String> {
    heaps
        .iter()
        .filter_map(|heap| heap.named_version())
        .collect()
}

/// Builds the programs of these heaps; cargo shows what it does.
///
/// # Errors
/// Cargo cannot be started, or fails.
pub fn build(heaps: &[&ProcessHeap]) -> Result<(), String> {
    for group in 0..2 {
        let members: Vec<_> = heaps.iter().filter(|heap| heap.group == group).collect();
        if members.is_empty() {
            continue;
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        let target = target().map_err(|error| error.to_string())?;
        command.args(["build", "--release", "--package", PACKAGE]);
        command.args(["--manifest-path", MANIFEST, "--target-dir"]);
        command.arg(target);
        for heap in members {
            command.arg("--bin").arg(format!("heap-{}", heap.program));
            command.args(heap.feature.iter().flat_map(|name| ["--features", name]));
        }
        let status = command.status();
        let status = status.map_err(|error| format!("cargo cannot be started: {error}"))?;
        if !status.success() {
            return Err(format!(
                "the heaps' programs cannot be built: cargo: {status}"
            ));
        }
    }
    Ok(())
}

/// The target directory that this program was built in.
fn target() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    let target = program.parent().and_then(Path::parent);
    Ok(target.unwrap_or(Path::new(".")).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_has_a_version() {
        let version = |name: &str| {
            let heap = HEAPS.iter().find(|heap| heap.name == name);
            heap.and_then(ProcessHeap::version)
        };
        assert_eq!(version("rlsf 0.2.3"), Some("0.2.3"));
        assert!(version("jemalloc").is_some_and(|version| version.contains('.')));
        assert_eq!(version("ThreadedTlsf"), None);
        assert!(HEAPS
            .iter()
            .all(|heap| heap.feature.is_some() == heap.version().is_some()));
    }

    #[test]
    fn a_version_that_the_name_has_is_not_told_twice() {
        let names = ["rlsf 0.2.3".to_owned(), "talc".to_owned()];
        let told = versions(&find(&names).unwrap());
        assert!(told[0].starts_with("talc 5."), "{told:?}");
        assert_eq!(told[1], "rlsf 0.2.3");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_list() {
        assert_eq!(find(&[]).unwrap().len(), HEAPS.len());
        assert_eq!(find(&["talc".to_owned()]).unwrap()[0].name, "talc");
        assert!(find(&["tlac".to_owned()]).unwrap_err().contains("talc"));
    }
}
