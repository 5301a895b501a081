//! The page of `examples/wasm`, its module under node and itself in Chromium.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::TARGET;
use crate::{debian::entries, library, process, program::Program, workspace::Workspace};

/// Where the example is.
const EXAMPLE: &str = "examples/wasm";

/// Builds the page and tests it.
pub(super) fn test(workspace: &Workspace) -> Result<()> {
    let page = build(workspace)?;
    let tests = workspace.root().join(EXAMPLE).join("test");
    process::run(
        Command::new("node")
            .arg(tests.join("module.mjs"))
            .arg(&page),
    )?;
    let chromium = find_chromium(workspace)?;
    let mut node = Command::new("node");
    node.arg(tests.join("browser.mjs"))
        .arg(chromium.path())
        .arg(&page);
    if !chromium.libraries().is_empty() {
        node.env("LD_LIBRARY_PATH", env::join_paths(chromium.libraries())?);
    }
    process::run(&mut node)?;
    println!(
        "the page is in {}; serve it with any web server",
        page.display()
    );
    Ok(())
}

/// The machine's own Chromium, or Debian's.
fn find_chromium(workspace: &Workspace) -> Result<Program> {
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        if let Some(program) = Program::of_search_path(name) {
            return Ok(program);
        }
    }
    let package = "chromium-headless-shell";
    Program::find(workspace, package, package, "usr/lib/chromium")
}

/// Puts the page's files and its module into one directory.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let manifest = format!("{EXAMPLE}/Cargo.toml");
    let arguments = [
        "build",
        "--quiet",
        "--locked",
        "--release",
        "--manifest-path",
        &manifest,
    ];
    let products = workspace.cache("wasm");
    let mut cargo = library::cargo(workspace, TARGET, &arguments, &[])?;
    process::run(cargo.env("CARGO_TARGET_DIR", &products))?;
    let page = products.join("page");
    fs::create_dir_all(&page)?;
    for file in entries(&workspace.root().join(EXAMPLE).join("page"))? {
        let name = file.file_name().context("a file has a name")?;
        fs::copy(&file, page.join(name))?;
    }
    let module = products.join(TARGET).join("release/rlsf_heap_map.wasm");
    fs::copy(module, page.join("heap_map.wasm"))?;
    Ok(page)
}
