//! The standard library of targets that rustup has not installed.
//!
//! Debian has the library's sources for the very version of the compiler; `core` and `alloc` are built from
//! them once a target, into a directory that the compiler takes for its own (`--sysroot`).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{bail, Context, Result};

use crate::{
    debian::{entries, Apt},
    process,
    workspace::Workspace,
};

/// Tells cargo's `-Zbuild-std` where the sources are when the toolchain does not hold them.
const VARIABLE: &str = "__CARGO_TESTS_ONLY_SRC_ROOT";

/// Suites of Debian that may hold the sources, the steadiest first.
const SUITES: [&str; 4] = ["trixie-backports", "trixie", "sid", "experimental"];

/// The crates that a program without an operating system is linked with.
const CRATES: [&str; 3] = ["libcore-", "liballoc-", "libcompiler_builtins-"];

/// The machine that we run on.
pub(crate) const HOST: &str = "x86_64-unknown-linux-gnu";

/// Whether rustup has installed the library of `target`.
pub(crate) fn is_installed(target: &str) -> Result<bool> {
    Ok(rustlib()?.join(target).exists())
}

/// Lets `cargo` build the whole standard library beside what it builds.
pub(crate) fn build_along(workspace: &Workspace, cargo: &mut Command, parts: &str) -> Result<()> {
    cargo.arg(format!("-Zbuild-std={parts}"));
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env(VARIABLE, sources(workspace)?);
    Ok(())
}

/// A call of cargo with `arguments` for `target`, whose library is `core` and `alloc`; `flags` are the
/// compiler's.
pub(crate) fn cargo(
    workspace: &Workspace,
    target: &str,
    arguments: &[&str],
    flags: &[&str],
) -> Result<Command> {
    let mut cargo = workspace.cargo(arguments);
    cargo.args(["--target", target]);
    let mut flags: Vec<_> = flags.iter().map(ToString::to_string).collect();
    if !is_installed(target)? {
        flags.push(format!(
            "--sysroot={}",
            sysroot(workspace, target)?.display()
        ));
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    Ok(cargo)
}

/// Checks the format of the workspace at `manifest`, which is none of ours, and has clippy look at what `arguments`
/// choose of it, with the variables that its build takes.
pub(crate) fn lint(
    workspace: &Workspace,
    manifest: &str,
    target: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<()> {
    let format = ["fmt", "--manifest-path", manifest, "--check"];
    process::run(&mut workspace.cargo(format))?;
    let usual = ["clippy", "--quiet", "--locked", "--manifest-path", manifest];
    let arguments = [usual.as_slice(), arguments].concat();
    let mut clippy = cargo(workspace, target, &arguments, &["-Dwarnings"])?;
    clippy.env("CARGO_TARGET_DIR", workspace.cache("library/lint"));
    process::run(clippy.envs(variables.iter().copied()))
}

/// A directory with the library of `target`, built once, and the machine's own.
fn sysroot(workspace: &Workspace, target: &str) -> Result<PathBuf> {
    let root = workspace.cache("library").join(version()?).join("sysroot");
    let inner = root.join("lib/rustlib");
    let libraries = inner.join(target).join("lib");
    if libraries.join("done").exists() {
        return Ok(root);
    }
    fs::create_dir_all(&libraries)?;
    if !inner.join(HOST).exists() {
        std::os::unix::fs::symlink(rustlib()?.join(HOST), inner.join(HOST))?;
    }
    let build = workspace.cache("library").join("build");
    write_empty_crate(&build)?;
    let mut cargo = workspace.cargo(["build", "--quiet", "--release", "--target", target]);
    cargo
        .current_dir(&build)
        .env("CARGO_ENCODED_RUSTFLAGS", "-Cembed-bitcode=yes");
    cargo.env("CARGO_TARGET_DIR", build.join("target"));
    build_along(workspace, &mut cargo, "core,alloc")?;
    process::run(&mut cargo)?;
    for file in entries(&build.join("target").join(target).join("release/deps"))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && CRATES.iter().any(|it| name.starts_with(it)) {
            fs::copy(&file, libraries.join(&*name))?;
        }
    }
    fs::write(libraries.join("done"), "")?;
    Ok(root)
}

/// Writes a crate that needs nothing but `core` and `alloc`.
fn write_empty_crate(directory: &Path) -> Result<()> {
    let manifest = "[package]\nname = \"empty\"\nedition = \"2021\"\n[workspace]\n\
        [profile.release]\npanic = \"abort\"\n";
    fs::create_dir_all(directory.join("src"))?;
    fs::write(directory.join("Cargo.toml"), manifest)?;
    let text = "#![no_std]\nextern crate alloc;\n";
    fs::write(directory.join("src/lib.rs"), text).context("cannot write the empty crate")
}

/// Where the sources of the compiler's standard library are.
fn sources(workspace: &Workspace) -> Result<PathBuf> {
    let version = version()?;
    let cache = workspace.cache("library").join(&version);
    let package = cache.join("rust-src");
    unpack(&version, &package, &cache.join("apt"))?;
    Ok(package.join(format!("usr/src/rustc-{version}/library")))
}

/// Unpacks the sources of the library `version` into `directory`, once.
fn unpack(version: &str, directory: &Path, apt_state: &Path) -> Result<()> {
    if directory.join("unpacked").exists() {
        return Ok(());
    }
    for suite in SUITES {
        let apt = Apt::of_suite(suite, &apt_state.join(suite))?;
        apt.update()?;
        if let Some(found) = apt.version("rust-src", &format!("{version}+"))? {
            return apt.unpack(&[&format!("rust-src={found}")], directory);
        }
    }
    bail!("Debian has no rust-src {version}; add the target with `rustup target add` and try again")
}

/// The compiler's version.
fn version() -> Result<String> {
    let text = rustc(&["--version"])?;
    let version = text.split(' ').nth(1);
    Ok(version
        .context("rustc does not say its version")?
        .to_owned())
}

/// Where the compiler keeps the libraries of its targets.
fn rustlib() -> Result<PathBuf> {
    Ok(PathBuf::from(rustc(&["--print", "sysroot"])?).join("lib/rustlib"))
}

/// What the compiler prints.
fn rustc(arguments: &[&str]) -> Result<String> {
    let text = process::output(Command::new("rustc").args(arguments))?;
    Ok(text.trim_end().to_owned())
}
