//! C++'s operators.

use super::program::{has_cxx, library, preloaded, said, Workshop};
use std::process::Command;

const PASSED: &str = "25 passed, 0 failed\n";

#[test]
fn every_form_of_the_operators_does_what_it_should() {
    if !has_cxx() {
        return;
    }
    let workshop = Workshop::new();
    let options = ["-std=c++17".as_ref(), "-Wno-mismatched-new-delete".as_ref()];
    let program = workshop.compile("operators", &["operators.cpp"], &options);
    let on_ours = preloaded(&program).output().unwrap();
    assert_eq!(
        (said(&on_ours).as_str(), on_ours.status.code()),
        (PASSED, Some(0))
    );
    let on_theirs = Command::new(&program).output().unwrap();
    assert_eq!(said(&on_theirs), PASSED);
}

#[test]
fn a_library_of_cxx_that_a_c_program_loads_throws_and_catches() {
    if !has_cxx() {
        return;
    }
    let workshop = Workshop::new();
    let options = ["-std=c++17".as_ref(), "-shared".as_ref(), "-fPIC".as_ref()];
    let plugin = workshop.compile("cxx_plugin.so", &["cxx_plugin.cpp"], &options);
    let program = workshop.compile("load_cxx", &["load_cxx.c"], &["-ldl".as_ref()]);
    let output = preloaded(&program).arg(plugin).output().unwrap();
    assert_eq!(
        (said(&output).as_str(), output.status.code()),
        ("", Some(0))
    );
}

#[test]
fn the_library_needs_no_cxx() {
    let output = Command::new("readelf")
        .arg("-d")
        .arg(library())
        .output()
        .unwrap();
    let text = said(&output);
    assert!(text.contains("Shared library: [libc.so.6]"), "{text}");
    assert!(!text.contains("libstdc++"), "{text}");
}
