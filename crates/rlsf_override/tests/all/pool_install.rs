//! An installed library is found by `pkg-config` and by `cmake`.

use crate::pool_toolchain::{has, home, products, read, succeed, Program};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A prefix with the library in it, as POOLS.md says to install it.
fn installed() -> TempDir {
    let prefix = TempDir::new().unwrap();
    let files = [
        (home().join("include/rlsf.h"), "include/rlsf.h"),
        (home().join("include/tlsf.h"), "include/tlsf.h"),
        (home().join("pkgconfig/rlsf.pc"), "lib/pkgconfig/rlsf.pc"),
        (
            home().join("cmake/rlsf-config.cmake"),
            "lib/cmake/rlsf/rlsf-config.cmake",
        ),
        (
            products().join("librlsf_override.so"),
            "lib/librlsf_override.so",
        ),
    ];
    for (from, to) in files {
        let to = prefix.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    prefix
}

/// Asks pkg-config about the library below `prefix`.
fn pkg_config(prefix: &Path, question: &str) -> String {
    let mut call = Command::new("pkg-config");
    call.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    succeed(call.args([question, "rlsf"])).trim().to_owned()
}

#[test]
fn pkg_config_gives_what_a_program_is_built_with() {
    if !has("pkg-config") {
        return;
    }
    let prefix = installed();
    let flags = pkg_config(prefix.path(), "--cflags") + " " + &pkg_config(prefix.path(), "--libs");
    let mut linking: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
    let run_path = prefix.path().join("lib");
    linking.push(format!("-Wl,-rpath,{}", run_path.display()));
    let program = Program::build("examples/c/rlsf_example.c", &linking);
    assert!(program.printed().contains("the promise is kept: 1"));
}

#[test]
fn pkg_config_knows_the_crates_version() {
    let version = format!("Version: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(read("pkgconfig/rlsf.pc").contains(&version));
}

#[test]
fn cmake_builds_the_examples() {
    if !has("cmake") {
        return;
    }
    let (prefix, build) = (installed(), TempDir::new().unwrap());
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(home().join("examples/c"));
    configure.arg("-B").arg(build.path());
    let path = prefix.path().display();
    succeed(configure.arg(format!("-DCMAKE_PREFIX_PATH={path}")));
    succeed(Command::new("cmake").arg("--build").arg(build.path()));
    let printed = succeed(&mut Command::new(build.path().join("tlsf_example")));
    assert!(printed.contains("serves 3000 bytes: yes\n"), "{printed}");
}
