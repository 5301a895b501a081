//! For the tests: small sources, compiled.

use std::{fs, process::Command};

/// What rustc makes of `source`, optimised, with further arguments.
pub(super) fn with(source: &str, arguments: &[&str]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let (input, output) = (
        directory.path().join("a.rs"),
        directory.path().join("a.out"),
    );
    fs::write(&input, source).unwrap();
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.args(["--edition=2021", "-O", "-Cpanic=abort", "-o"]);
    rustc.arg(&output).arg(&input).args(arguments);
    assert!(rustc.status().unwrap().success());
    fs::read(output).unwrap()
}
