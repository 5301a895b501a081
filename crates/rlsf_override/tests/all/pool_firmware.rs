//! The library as firmware is linked with it: heaps alone, without std.

use crate::pool_toolchain::{assert_all_passed, home, succeed, Program};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// All that the library may want of the program: what every compiler for C expects, too.
const WANTED: [&str; 4] = ["memcpy", "memmove", "memset", "memcmp"];

/// The static library, built as POOLS.md says, for this machine.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("firmware");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "rustc",
            "--quiet",
            "--locked",
            "--lib",
            "--crate-type",
            "staticlib",
        ]);
        cargo.args(["--no-default-features", "--features", "pool-only"]);
        cargo.args(["--profile", "firmware", "--target-dir"]);
        succeed(cargo.arg(&target).current_dir(home()));
        target.join("firmware/librlsf_override.a")
    })
}

/// The names that the objects of our own code define, and those that they want of others.
fn names() -> (BTreeSet<String>, BTreeSet<String>) {
    let bytes = fs::read(library()).unwrap();
    let archive = ArchiveFile::parse(&*bytes).unwrap();
    let (mut defined, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    for member in archive.members() {
        let member = member.unwrap();
        let name = String::from_utf8_lossy(member.name()).into_owned();
        if !name.starts_with("rlsf_override") {
            continue;
        }
        let object = object::File::parse(member.data(&*bytes).unwrap()).unwrap();
        for symbol in object.symbols().filter(ObjectSymbol::is_global) {
            let set = if symbol.is_undefined() {
                &mut wanted
            } else {
                &mut defined
            };
            set.insert(symbol.name().unwrap().to_owned());
        }
    }
    (defined, wanted)
}

#[test]
fn the_library_wants_nothing_but_copying_and_filling_of_memory() {
    let (defined, wanted) = names();
    assert!(defined.contains("rlsf_malloc") && defined.contains("tlsf_malloc"));
    let others = wanted
        .iter()
        .filter(|name| !WANTED.contains(&name.as_str()));
    assert_eq!(others.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_library_has_no_allocation_function_of_the_c_library() {
    let (defined, _) = names();
    for name in ["malloc", "free", "calloc", "realloc", "rust_eh_personality"] {
        assert!(!defined.contains(name), "{name}");
    }
}

#[test]
fn the_programs_of_the_tests_and_the_examples_run_with_it() {
    let library = [library().display().to_string()];
    for source in [
        "tests/c/pool/rlsf.c",
        "tests/c/pool/tlsf.c",
        "tests/c/pool/random.c",
    ] {
        assert_all_passed(&Program::build(source, &library).printed());
    }
    for source in ["examples/c/rlsf_example.c", "examples/c/tlsf_example.c"] {
        Program::build(source, &library).printed();
    }
}
