//! The steps of continuous integration.

use anyhow::Result;

use super::readme;
use crate::{
    arm64, certify, firmware, misuse, msrv, process, prove, real_programs, shipped, test32, tidy,
    wasm, watched, workspace::Workspace,
};

/// One step.
pub(super) struct Step {
    pub(super) name: &'static str,
    /// What it shows, in a few words.
    pub(super) what: &'static str,
    action: Action,
}

/// How a step is done.
enum Action {
    /// A call of cargo, with its variables.
    Cargo(
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
    ),
    /// A task of this program.
    Task(fn(&Workspace) -> Result<()>),
}

/// All steps, the quick ones first.
pub(super) const STEPS: [Step; 30] = [
    cargo(
        "format",
        "rustfmt has nothing to change",
        &["fmt", "--all", "--check"],
    ),
    cargo(
        "clippy",
        "no warning in any member",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    task("tidy", "layers, lengths, leftovers, documents", tidy::run),
    task("readme-test", "the README's `cargo test`", readme::test),
    task(
        "readme-run",
        "the README's `cargo run --release`",
        readme::run,
    ),
    cargo(
        "test-xtask",
        "these tasks find what they look for",
        &["test", "--package", "xtask", "--profile", "dev"],
    ),
    cargo(
        "test-release",
        "every other member's tests, optimised",
        &["test", "--workspace", "--exclude", "xtask", "--release"],
    ),
    cargo(
        "test-no-features",
        "the crate without features",
        &["test", "--package", "rlsf", "--no-default-features"],
    ),
    cargo(
        "test-hardened",
        "the crates `rlsf` and `rlsf_threads` with `hardened`",
        &[
            "test",
            "--package",
            "rlsf",
            "--package",
            "rlsf_threads",
            "--features",
            "rlsf/hardened,rlsf_threads/hardened",
        ],
    ),
    cargo(
        "test-all-features",
        "the crate with all features",
        &["test", "--package", "rlsf", "--all-features"],
    ),
    Step {
        name: "doc",
        what: "no warning in the documentation",
        action: Action::Cargo(
            &["doc", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", "-Dwarnings")],
        ),
    },
    Step {
        name: "doc-all-features",
        what: "nor in the crate's with all features",
        action: Action::Cargo(
            &["doc", "--package", "rlsf", "--no-deps", "--all-features"],
            &[("RUSTDOCFLAGS", "-Dwarnings")],
        ),
    },
    task(
        "certify",
        "the worst case of every operation, from the machine code",
        |workspace| certify::run(workspace, &certify::Options::default()),
    ),
    task("msrv", "the oldest compiler at hand", |workspace| {
        msrv::run(workspace, None)
    }),
    cargo(
        "bench-instructions",
        "no operation takes more instructions than bench/ceilings.toml allows",
        &[
            "run",
            "--release",
            "--package",
            "rlsf_bench",
            "--",
            "instructions",
            "--quick",
            "--check",
            "--heaps",
            "rlsf,rlsf sized,rlsf slabs",
        ],
    ),
    cargo(
        "bench-efficiency",
        "nor does a pool hold less",
        &[
            "run",
            "--release",
            "--package",
            "rlsf_bench",
            "--",
            "efficiency",
            "--quick",
            "--check",
            "--heaps",
            "rlsf,rlsf slabs,rlsf 0.2.3",
        ],
    ),
    cargo(
        "bench-throughput",
        "the timed mixes start and finish",
        &[
            "run",
            "--release",
            "--package",
            "rlsf_bench",
            "--",
            "throughput",
            "--quick",
            "--heaps",
            "rlsf,rlsf 0.2.3",
        ],
    ),
    cargo(
        "bench-traces",
        "the shipped traces complete on our heap and on its published release",
        &[
            "run",
            "--release",
            "--package",
            "rlsf_bench",
            "--",
            "traces",
            "--quick",
            "--heaps",
            "rlsf,rlsf stride 16,rlsf 0.2.3",
        ],
    ),
    cargo(
        "bench-threads",
        "the multithreaded workloads start and finish on our heaps",
        &[
            "run",
            "--release",
            "--package",
            "rlsf_bench",
            "--",
            "threads",
            "--quick",
            "--heaps",
            "glibc,ThreadedTlsf,GlobalTlsf",
        ],
    ),
    cargo(
        "bench-fragments",
        "work that leaves holes takes no more memory than bench/ceilings.toml allows",
        &[
            "run",
            "--release",
            "--package",
            "rlsf_bench",
            "--",
            "fragments",
            "--quick",
            "--check",
            "--heaps",
            "glibc,ThreadedTlsf,GlobalTlsf",
        ],
    ),
    Step {
        name: "address-sanitizer",
        what: "the crate's tests under AddressSanitizer",
        action: Action::Cargo(
            &[
                "test",
                "--package",
                "rlsf",
                "--target",
                "x86_64-unknown-linux-gnu",
                "--tests",
            ],
            &[
                ("RUSTC_BOOTSTRAP", "1"),
                ("RUSTFLAGS", "-Zsanitizer=address"),
            ],
        ),
    },
    task(
        "watched",
        "Valgrind and AddressSanitizer see what a program does to freed memory",
        watched::run,
    ),
    task("test32", "the crate's tests on 32 bits", test32::run),
    task(
        "arm64",
        "heaps that threads share on 64-bit Arm, in QEMU",
        arm64::run,
    ),
    task(
        "misuse",
        "hardened heaps notice every double free, invalid free and overflow by a byte",
        |workspace| misuse::run(workspace, &misuse::Options::check()),
    ),
    task(
        "prove",
        "every state of small heaps, the arithmetic of the bins",
        |workspace| prove::run(workspace, &prove::Options::short()),
    ),
    task(
        "shipped",
        "the C side's tests with the library as it is shipped",
        shipped::run,
    ),
    task(
        "real-programs",
        "programs that know nothing of us, on our heap",
        |workspace| real_programs::run(workspace, &real_programs::Options::check()),
    ),
    task(
        "firmware",
        "the programs for microcontrollers, in QEMU",
        |workspace| firmware::run(workspace, &firmware::Options::check()),
    ),
    task(
        "wasm",
        "the page in Chromium, threads, size and speed",
        |workspace| wasm::run(workspace, &wasm::Options::check()),
    ),
];

/// A step that calls cargo.
const fn cargo(name: &'static str, what: &'static str, arguments: &'static [&'static str]) -> Step {
    let action = Action::Cargo(arguments, &[]);
    Step { name, what, action }
}

/// A step that is a task of this program.
const fn task(name: &'static str, what: &'static str, run: fn(&Workspace) -> Result<()>) -> Step {
    let action = Action::Task(run);
    Step { name, what, action }
}

impl Step {
    /// Does the step.
    pub(super) fn run(&self, workspace: &Workspace) -> Result<()> {
        match self.action {
            Action::Task(task) => task(workspace),
            Action::Cargo(arguments, variables) => {
                process::run(workspace.cargo(arguments).envs(variables.iter().copied()))
            }
        }
    }
}
