//! Help and version.

use crate::program::{assert_refused, rlsf};

#[test]
fn help_names_every_option_and_gives_examples() {
    for arguments in [&["--help"][..], &["demo", "--help"]] {
        let ended = rlsf(arguments);
        assert_eq!(ended.code, Some(0));
        assert_eq!(ended.stderr, "");
        let options = [
            "--file",
            "--as",
            "--repeat",
            "--seed",
            "--json",
            "--no-picture",
            "--ascii",
        ];
        for option in options {
            assert!(ended.stdout.contains(option), "{option}: {}", ended.stdout);
        }
        assert!(ended.stdout.contains("Examples:"));
        assert!(ended.stdout.contains("Exit codes:"));
    }
}

#[test]
fn the_command_for_child_processes_is_not_shown() {
    assert!(!rlsf(&["--help"]).stdout.contains("child"));
}

#[test]
fn the_version_is_the_packages() {
    let ended = rlsf(&["--version"]);
    assert_eq!(
        ended.stdout,
        concat!("rlsf ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_wrong_argument_is_named_in_one_line() {
    assert_refused(&rlsf(&["--bogus"]), "'--bogus'");
    assert_refused(&rlsf(&["frobnicate"]), "'frobnicate'");
    assert_refused(&rlsf(&["--repeat", "0"]), "0 is not in 1..=1000");
    assert_refused(&rlsf(&["demo", "--seed", "x"]), "'x' for '--seed <SEED>'");
    assert_refused(&rlsf(&["--as", "json"]), "--file <FILE>");
}

#[test]
fn the_help_of_record_tells_what_is_recorded_and_where() {
    let ended = rlsf(&["record", "--help"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for part in ["--output", ".trace.gz", "Examples:", "exec", "Exit codes:"] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}
