//! The heaps: the program that uses them, and the library that is preloaded.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Result};

use super::peers;
use crate::{process, workspace::Workspace};

/// A heap.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    /// The program, plain or with its heaps hardened.
    program: PathBuf,
    /// Its name for the heap.
    heap: &'static str,
    /// What the loader puts before the C library.
    library: Option<PathBuf>,
    /// Of what is somebody else's.
    pub(super) version: Option<String>,
}

/// Heaps of ours that continuous integration runs; what the hardened ones are held to stands in
/// `bench/ceilings.toml`.
pub(super) const OURS: [&str; 5] = [
    "Tlsf hardened",
    "SlabTlsf hardened",
    "GlobalTlsf hardened",
    "rlsf",
    "rlsf hardened",
];

/// Our libraries for C, and their packages.
const LIBRARIES: [(&str, &str); 2] = [
    ("rlsf", "rlsf_override"),
    ("rlsf hardened", "rlsf_override_hardened"),
];

/// A heap of Rust: its name, whether it is hardened, the program's name for it.
const RUST: [(&str, bool, &str); 5] = [
    ("Tlsf", false, "tlsf"),
    ("GlobalTlsf", false, "global"),
    ("Tlsf hardened", true, "tlsf"),
    ("GlobalTlsf hardened", true, "global"),
    ("SlabTlsf hardened", true, "slab"),
];

impl Contestant {
    /// Builds the heaps `wanted`, or all that there are. Who is left out is told.
    pub(super) fn find(workspace: &Workspace, wanted: &[String]) -> Result<Vec<Self>> {
        let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| it == name);
        let [plain, hardened] = programs(workspace)?;
        let mut found = Vec::new();
        if is_wanted("glibc") {
            found.push(Self::new("glibc", &plain, "c"));
        }
        for (name, find) in peers::PEERS.into_iter().filter(|(name, _)| is_wanted(name)) {
            match find(workspace) {
                Ok(peer) => found.push(Self {
                    library: Some(peer.library),
                    version: Some(peer.version),
                    ..Self::new(name, &plain, "c")
                }),
                Err(error) => println!("{name} is left out: {error:#}"),
            }
        }
        for (name, package) in LIBRARIES.into_iter().filter(|(it, _)| is_wanted(it)) {
            build(workspace, &["--package", package])?;
            found.push(Self {
                library: Some(workspace.cache(&format!("release/lib{package}.so"))),
                ..Self::new(name, &plain, "c")
            });
        }
        for (name, is_hardened, heap) in RUST.into_iter().filter(|(name, ..)| is_wanted(name)) {
            let program = if is_hardened { &hardened } else { &plain };
            found.push(Self::new(name, program, heap));
        }
        for name in wanted {
            let is_there = found.iter().any(|it| it.name == name);
            ensure!(is_there, "there is no heap `{name}`");
        }
        Ok(found)
    }

    /// A heap of the program's own, or of its C library.
    fn new(name: &'static str, program: &Path, heap: &'static str) -> Self {
        Self {
            name,
            program: program.to_owned(),
            heap,
            library: None,
            version: None,
        }
    }

    /// Whether the heap seals what it writes with a key, another one in each run.
    pub(super) fn has_keys(&self) -> bool {
        self.name.ends_with("hardened")
    }

    /// A call of the program on the heap. Heaps that can tell but do not by default are asked to.
    pub(super) fn call(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--heap", self.heap]).args(arguments);
        command.env("RUST_BACKTRACE", "0");
        command.env("MIMALLOC_SHOW_ERRORS", "1");
        match &self.library {
            Some(library) => command.env("LD_PRELOAD", library),
            None => command.env_remove("LD_PRELOAD"),
        };
        command
    }

    /// The cases that make sense: class and name.
    pub(super) fn cases(&self) -> Result<Vec<(String, String)>> {
        let list = process::output(&mut self.call(&["--list"]))?;
        let lines = list.lines().filter_map(|line| line.split_once('\t'));
        let cases = lines.map(|(class, name)| (class.to_owned(), name.to_owned()));
        Ok(cases.collect())
    }
}

/// The program, plain and with hardened heaps. The latter has a place of its own: what cargo builds in one go has
/// the features that anybody asks for.
fn programs(workspace: &Workspace) -> Result<[PathBuf; 2]> {
    let place = workspace.cache("misuse");
    build(workspace, &["--package", "rlsf_misuse"])?;
    let hardened = ["--package", "rlsf_misuse", "--features", "hardened"];
    let target = place.display().to_string();
    build(
        workspace,
        &[&hardened[..], &["--target-dir", &target]].concat(),
    )?;
    Ok([
        workspace.cache("release/rlsf-misuse"),
        place.join("release/rlsf-misuse"),
    ])
}

fn build(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let build = [&["build", "--quiet", "--release"], arguments].concat();
    process::run(&mut workspace.cargo(build))
}
