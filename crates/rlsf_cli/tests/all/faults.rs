//! Files that are wrong.

use crate::program::{assert_refused, rlsf, Folder};
use std::fs;

#[test]
fn a_missing_file_is_named() {
    let ended = rlsf(&["--file", "no/such/file.json"]);
    assert_refused(&ended, "no/such/file.json: No such file");
}

#[test]
fn a_directory_is_refused() {
    let folder = Folder::new();
    let ended = rlsf(&["--file", folder.path().to_str().unwrap()]);
    assert_refused(&ended, "is a directory");
}

#[test]
fn a_device_is_refused() {
    assert_refused(&rlsf(&["--file", "/dev/zero"]), "is not a regular file");
}

#[test]
fn an_empty_file_is_refused() {
    let folder = Folder::new();
    let ended = rlsf(&["--file", &folder.file("empty.txt", "")]);
    assert_refused(&ended, "empty.txt: is empty");
}

#[test]
fn invalid_utf_8_is_refused_with_its_place() {
    let folder = Folder::new();
    let ended = rlsf(&["--file", &folder.file("bytes", b"good\xff\xfe")]);
    assert_refused(&ended, "invalid byte at offset 4");
}

#[test]
fn broken_json_is_refused_with_its_place() {
    let folder = Folder::new();
    let path = folder.file("broken.json", "{\n  \"a\": [1, 2\n}\n");
    let ended = rlsf(&["--file", &path, "--as", "json"]);
    assert_refused(&ended, "broken.json: is not JSON: ");
    assert_refused(&ended, "line 3 column 1");
}

#[test]
fn json_that_is_too_deep_is_refused() {
    let folder = Folder::new();
    let path = folder.file("deep.json", "[".repeat(100_000));
    let ended = rlsf(&["--file", &path, "--as", "json"]);
    assert_refused(&ended, "recursion limit exceeded");
}

#[test]
fn an_output_file_in_no_folder_is_refused_before_the_work() {
    let ended = rlsf(&["--json", "no/such/folder/out.json"]);
    assert_refused(&ended, "no/such/folder/out.json: No such file");
}

#[test]
fn the_input_file_is_not_overwritten() {
    let folder = Folder::new();
    let path = folder.file("data.json", "[1]");
    let ended = rlsf(&["--file", &path, "--json", &path]);
    assert_refused(&ended, "is the input file");
    assert_eq!(fs::read_to_string(path).unwrap(), "[1]");
}
