//! `rlsf run --hardened --calls`: a misuse is told with who allocated the block.

use crate::program::{assert_refused, program, rlsf, Ended, Folder};
use std::env;
use std::process::{Command, Stdio};

/// Frees twice what a function has made.
const TWICE: &str = "#include <stdlib.h>
__attribute__((noinline)) void *make(void) {
    void *block = malloc(100);
    __asm__ volatile(\"\" : \"+r\"(block));
    return block;
}
int main(void) {
    void *block = make();
    free(block);
    __asm__ volatile(\"\" : \"+r\"(block));
    free(block);
    return 0;
}
";

#[test]
fn a_double_free_is_told_with_who_allocated_the_block() {
    let folder = Folder::new();
    let source = folder.file("twice.c", TWICE);
    let path = folder.path().join("twice");
    let mut compiler = Command::new("cc");
    compiler.args(["-w", "-rdynamic", "-fno-builtin", "-o"]);
    if !compiler
        .arg(&path)
        .arg(source)
        .status()
        .is_ok_and(|status| status.success())
    {
        assert!(env::var_os("CI").is_none(), "cc is missing");
        eprintln!("skipped: cc is missing");
        return;
    }
    let program = path.to_str().unwrap();
    let ended = rlsf(&["run", "--hardened", "--calls", "--", program]);
    assert_eq!(ended.code, None, "by a signal: {ended:?}");
    assert!(
        ended.stderr.contains("\n  allocated by: make+0x"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("\n  freed by: main+0x"), "{ended:?}");
    let ended = rlsf(&["run", "--hardened", "--", program]);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

#[test]
fn calls_are_recorded_by_the_hardened_library_alone() {
    assert_refused(&rlsf(&["run", "--calls", "--", "true"]), "--hardened");
    let mut command = program();
    let output = command.env("RLSF_CALLS", "1").args(["run", "--", "true"]);
    let output = output.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.starts_with("rlsf: RLSF_CALLS=1 is ignored: "),
        "{text}"
    );
    assert_eq!((text.lines().count(), output.status.code()), (1, Some(0)));
}

/// What a program says on its own heap is what it says when its calls are recorded. Only
/// continuous integration has to have it.
fn assert_unharmed(command: &[&str]) {
    let (name, arguments) = command.split_first().unwrap();
    let mut alone = Command::new(name);
    let Ok(output) = alone.args(arguments).stdin(Stdio::null()).output() else {
        assert!(env::var_os("CI").is_none(), "{name} is missing");
        eprintln!("skipped: {name} is missing");
        return;
    };
    let Ended {
        code,
        stdout,
        stderr,
    } = rlsf(&[&["run", "--hardened", "--calls", "--"], command].concat());
    assert!(output.status.success(), "{output:?}");
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.as_bytes(), output.stdout);
}

#[test]
fn an_interpreter_and_a_database_run_unharmed() {
    let script = "import json\nprint(json.dumps({str(n): [n] * 9 for n in range(3000)})[-200:])";
    assert_unharmed(&["python3", "-X", "dev", "-c", script]);
    let script = "create table t(a, b);
        with recursive c(x) as (select 1 union all select x + 1 from c where x < 5000)
        insert into t select x, 'value ' || (x * 7) from c;
        create index i on t(b);
        select b from t order by b desc limit 9;";
    assert_unharmed(&["sqlite3", ":memory:", script]);
}
