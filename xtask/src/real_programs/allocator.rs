//! The allocators that take turns.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::debian;

/// An allocator, as a library to preload.
pub(super) struct Allocator {
    pub(super) name: &'static str,
    /// `None` is the C library's own.
    library: Option<PathBuf>,
}

/// The peers, with their libraries and Debian's packages of them.
const PEERS: [(&str, &str, &str); 2] = [
    ("mimalloc", "libmimalloc.so.2", "libmimalloc2.0"),
    ("jemalloc", "libjemalloc.so.2", "libjemalloc2"),
];

impl Allocator {
    /// The C library's, which sets the standard, and ours.
    pub(super) fn ours_and_system(library: PathBuf) -> Vec<Self> {
        let of = |name, library| Self { name, library };
        vec![of("glibc", None), of("rlsf", Some(library))]
    }

    /// These and the peers.
    pub(super) fn all(library: PathBuf) -> Result<Vec<Self>> {
        let mut all = Self::ours_and_system(library);
        for (name, file, package) in PEERS {
            let library = debian::library(file);
            let library =
                library.with_context(|| format!("{file} is missing: apt-get install {package}"))?;
            all.push(Self {
                name,
                library: Some(library),
            });
        }
        Ok(all)
    }

    /// Has the loader preload the library.
    pub(super) fn preload_into(&self, command: &mut Command) {
        match &self.library {
            Some(library) => command.env("LD_PRELOAD", library),
            None => command.env_remove("LD_PRELOAD"),
        };
    }
}
