//! The library as an archive.

use super::program::{product, said, Workshop};
use std::process::Command;

/// Compiles `settings.c` with the archive and `options`, and has it report.
fn report(options: &[&str]) -> (String, Option<i32>) {
    let workshop = Workshop::new();
    let archive = product("librlsf_override.a");
    let mut all = vec![archive.as_os_str()];
    all.extend(options.iter().map(std::ffi::OsStr::new));
    let program = workshop.compile("settings", &["settings.c"], &all);
    let output = Command::new(program)
        .env("RLSF_STATS", "1")
        .output()
        .unwrap();
    (said(&output), output.status.code())
}

#[test]
fn a_program_with_the_archive_in_it_runs_on_our_heap() {
    let (text, code) = report(&["-ldl", "-lgcc_s"]);
    assert_eq!(code, Some(7), "{text}");
    assert!(text.starts_with("rlsf: settings (process "), "{text}");
}

#[test]
fn a_program_without_shared_libraries_runs_on_our_heap() {
    let (text, code) = report(&["-static", "-lgcc_eh"]);
    assert_eq!(code, Some(7), "{text}");
    assert!(text.starts_with("rlsf: settings (process "), "{text}");
}
