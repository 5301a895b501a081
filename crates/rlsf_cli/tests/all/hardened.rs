//! `rlsf run --hardened`: a program that writes a byte too far is ended where it frees the block.

use crate::program::{rlsf, Folder};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Writes a byte behind `argv[1]` bytes, and frees them.
const OVERFLOW: &str = "#include <stdlib.h>
int main(int count, char **words) {
    size_t size = strtoul(words[1], 0, 10);
    volatile char *block = malloc(size);
    block[size] = 0;
    free((void *)block);
    return 0;
}
";

/// The program; `None` where there is no C compiler, which only continuous integration has to have.
fn compiled(folder: &Folder) -> Option<PathBuf> {
    let source = folder.file("overflow.c", OVERFLOW);
    let path = folder.path().join("overflow");
    let compiler = Command::new("cc").arg("-o").arg(&path).arg(source).output();
    if compiler.is_ok_and(|output| output.status.success()) {
        return Some(path);
    }
    assert!(env::var_os("CI").is_none(), "cc is missing");
    eprintln!("skipped: cc is missing");
    None
}

#[test]
fn an_overflow_by_a_byte_ends_the_program_with_a_message() {
    let folder = Folder::new();
    let Some(program) = compiled(&folder) else {
        return;
    };
    let program = program.to_str().unwrap();
    for size in ["1", "16", "21", "24", "1000", "5000", "300000", "3000000"] {
        let ended = rlsf(&["run", "--hardened", "--", program, size]);
        assert_eq!(ended.code, None, "by a signal: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        let told = "the bytes behind the allocation are overwritten";
        assert!(ended.stderr.contains(told), "{size}: {ended:?}");
        assert!(ended.stderr.starts_with("rlsf: free(0x"), "{ended:?}");
    }
    // The plain library does not look there.
    let ended = rlsf(&["run", "--", program, "21"]);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}

#[test]
fn a_sound_program_runs_unharmed() {
    let line =
        "seq 20000 | sort -R | awk '{ sum += $1; a[$1] = $1 \"x\" } END { print sum, length(a) }'";
    let ended = rlsf(&["run", "--hardened", "--", "sh", "-c", line]);
    assert_eq!(ended.stdout, "200010000 20000\n");
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}
