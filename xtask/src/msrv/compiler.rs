//! The old compiler and its cargo.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    debian::{entries, Apt},
    workspace::Workspace,
};

/// The compiler, its cargo, and the libraries that the two load.
const PACKAGES: [&str; 10] = [
    "rustc=1.63*",
    "libstd-rust-dev=1.63*",
    "libstd-rust-1.63",
    "cargo=0.66*",
    "libllvm14",
    "libgit2-1.5",
    "libhttp-parser2.9",
    "libmbedcrypto7",
    "libmbedx509-1",
    "libmbedtls14",
];

/// Variables of the cargo that runs us, which must not reach another one.
const FOREIGN: [&str; 6] = [
    "CARGO",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// How to call the old cargo with its compiler.
pub(super) struct Compiler {
    /// Where the programs are; nothing for what the search path finds.
    directory: PathBuf,
    /// What rustup wants first.
    first: Option<String>,
    variables: Vec<(&'static str, OsString)>,
}

impl Compiler {
    /// Debian's, unpacked below the build directory.
    pub(super) fn of_debian(workspace: &Workspace) -> Result<Self> {
        let directory = workspace.cache("msrv/debian");
        let apt = Apt::of_this_machine();
        apt.unpack(&PACKAGES, &directory)
            .context("Debian 12's rustc 1.63 cannot be had; elsewhere give --toolchain NAME")?;
        let libraries = libraries(&directory.join("usr/lib"))?;
        Ok(Self {
            first: None,
            variables: vec![
                ("RUSTC", directory.join("usr/bin/rustc").into()),
                ("LD_LIBRARY_PATH", libraries.into()),
            ],
            directory: directory.join("usr/bin"),
        })
    }

    /// The toolchain `name` of rustup, which must be installed.
    pub(super) fn of_rustup(name: &str) -> Self {
        Self {
            directory: PathBuf::new(),
            first: Some(format!("+{name}")),
            variables: Vec::new(),
        }
    }

    /// A call of the old `cargo` or `rustc`.
    pub(super) fn call(&self, program: &str) -> Command {
        let mut command = Command::new(self.directory.join(program));
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.args(&self.first);
        command
    }
}

/// The directory of the machine's architecture below `usr/lib`.
fn libraries(directory: &Path) -> Result<PathBuf> {
    let mut inner = entries(directory)?.into_iter();
    inner
        .find(|path| path.to_string_lossy().contains("-linux-"))
        .context("the packages hold no libraries")
}
