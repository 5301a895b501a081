//! Other people's heaps: Debian's, installed or unpacked privately, and one that is built here.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::{CargoOpt, MetadataCommand};
use walkdir::WalkDir;

use crate::{
    debian::{self, Apt},
    process,
    workspace::Workspace,
};

/// Somebody else's heap.
pub(super) struct Peer {
    /// What is preloaded.
    pub(super) library: PathBuf,
    /// The package that it is from, and its version.
    pub(super) version: String,
}

/// Finds a heap.
type Find = fn(&Workspace) -> Result<Peer>;

/// The heaps by name.
pub(super) const PEERS: [(&str, Find); 4] = [
    ("mimalloc", |workspace| {
        packaged(workspace, "libmimalloc.so.2", "libmimalloc2.0")
    }),
    ("mimalloc secure", mimalloc_secure),
    ("jemalloc", |workspace| {
        packaged(workspace, "libjemalloc.so.2", "libjemalloc2")
    }),
    ("scudo", |workspace| {
        packaged(workspace, SCUDO, "libclang-rt-19-dev")
    }),
];

/// Scudo's file in its package.
const SCUDO: &str = "libclang_rt.scudo_standalone-x86_64.so";

/// What holds the sources of mimalloc.
const MIMALLOC: &str = "libmimalloc-sys";

/// How mimalloc is built to be preloaded.
const FLAGS: [&str; 9] = [
    "-O2",
    "-fPIC",
    "-shared",
    "-ftls-model=initial-exec",
    "-fno-builtin-malloc",
    "-DNDEBUG",
    "-DMI_SECURE=4",
    "-DMI_MALLOC_OVERRIDE",
    "-DMI_SHARED_LIB",
];

/// The library `file` of Debian's `package`.
fn packaged(workspace: &Workspace, file: &str, package: &str) -> Result<Peer> {
    let apt = Apt::of_this_machine();
    let hint = || format!("apt-get install {package}");
    let library = match debian::library(file) {
        Some(installed) => installed,
        None => unpacked(workspace, &apt, file, package).with_context(hint)?,
    };
    let version = apt.version(package, "")?.unwrap_or_default();
    let version = format!("{package} {version}");
    Ok(Peer { library, version })
}

/// The same from a package that is not installed.
fn unpacked(workspace: &Workspace, apt: &Apt, file: &str, package: &str) -> Result<PathBuf> {
    let directory = workspace.cache("misuse/packages").join(package);
    apt.unpack(&[package], &directory)?;
    let mut files = WalkDir::new(&directory).into_iter().filter_map(Result::ok);
    let found = files.find(|entry| entry.file_name() == file);
    let found = found.with_context(|| format!("{package} has no {file}"))?;
    Ok(found.into_path())
}

/// Builds mimalloc as secure as it gets, of the major version of Debian's, which has it in no package.
fn mimalloc_secure(workspace: &Workspace) -> Result<Peer> {
    let metadata = MetadataCommand::new()
        .features(CargoOpt::AllFeatures)
        .exec()?;
    let package = metadata.packages.iter().find(|it| it.name == MIMALLOC);
    let package = package.with_context(|| format!("no package {MIMALLOC}"))?;
    let manifest = package.manifest_path.as_std_path();
    let sources = manifest.with_file_name("c_src/mimalloc/v2");
    let library = workspace.cache("misuse/libmimalloc-secure.so");
    let mut compiler = Command::new("cc");
    compiler.args(FLAGS).arg("-I").arg(sources.join("include"));
    compiler.arg(sources.join("src/static.c")).arg("-o");
    process::output(compiler.arg(&library).arg("-lpthread"))?;
    let version = format!("{MIMALLOC} {}", package.version);
    Ok(Peer { library, version })
}
