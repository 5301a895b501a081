//! `cargo xtask arm64`: heaps that threads share, on Linux for 64-bit Arm, in QEMU.
//!
//! Each processor has a way of its own to a thread's variable, and Arm's orders memory more weakly. (QEMU runs threads
//! on the host's processors, which do not: what the weaker order may do is for the models of `rlsf_threads` to show.)
//! The standard library and Debian's cross compiler come as those of the other targets do: nothing is installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{ensure, Context, Result};

use crate::{library, process, program::Program, workspace::Workspace};

/// The machine.
const TARGET: &str = "aarch64-unknown-linux-gnu";

/// What the names of the cross compiler's files begin with.
const PREFIX: &str = "aarch64-linux-gnu";

/// The parts of the C side's test of the manual's promises.
const PROMISES: [&str; 8] = [
    "promises.c",
    "libraries.c",
    "allocation.c",
    "failures.c",
    "alignments.c",
    "figures.c",
    "threads.c",
    "processes.c",
];

/// Those that QEMU can run: the others limit the memory, make children of a process with threads, and threads by the
/// thousand.
const EMULATED: [&str; 4] = ["libraries", "allocation", "alignments", "figures"];

/// Tests that ask of the system what QEMU does not emulate: a child of a process with threads, a limit of memory, a
/// count of page faults, a lock that lends priority.
const BEYOND_QEMU: [&str; 5] = [
    "fork",
    "a_process_that_may_have_no_more_memory",
    "reserve",
    "more_threads_than_processors",
    "the_holder_of_the_lock",
];

/// Runs the tests of shared heaps, and a C program whose `malloc` is ours.
///
/// # Errors
///
/// A test fails or a promise is broken, or a compiler, a library or QEMU is not to be had.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let machine = Machine::find(workspace)?;
    let heap = ["test", "--package", "rlsf", "--lib", "--test", "all"];
    machine.test(workspace, &heap, &["tests::", "global::", "sharing::"])?;
    let threads = ["test", "--package", "rlsf_threads", "--lib", "--tests"];
    machine.test(workspace, &threads, &[])?;
    machine.keeps_promises(workspace)
}

/// The cross compiler and the emulator.
struct Machine {
    compiler: Program,
    qemu: Program,
}

impl Machine {
    fn find(workspace: &Workspace) -> Result<Self> {
        let compiler = format!("{PREFIX}-gcc");
        let packages = ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"];
        Ok(Self {
            compiler: Program::find_with(workspace, &compiler, &packages, "usr/bin")?,
            qemu: Program::find(workspace, "qemu-aarch64", "qemu-user", "usr/bin")?,
        })
    }

    /// Below which the compiler lies, and Arm's libraries: the root, or where they were unpacked.
    fn root(&self) -> Result<&Path> {
        let root = self.compiler.path().ancestors().nth(3);
        root.context("the compiler is not in `usr/bin`")
    }

    /// A call of cargo that builds for the machine and runs what it has built in QEMU.
    fn cargo(&self, workspace: &Workspace, arguments: &[&str]) -> Result<Command> {
        let (own, rest) = arguments.split_at(1);
        let mut cargo = workspace.cargo(own);
        cargo.args(["--target", TARGET]);
        if !library::is_installed(TARGET)? {
            library::build_along(workspace, &mut cargo, "std,panic_abort")?;
        }
        cargo.args(rest);
        let root = self.root()?.display().to_string();
        let variable = |end| format!("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_{end}");
        cargo.env(variable("LINKER"), self.compiler.path());
        if !self.compiler.libraries().is_empty() {
            let paths = env::join_paths(self.compiler.libraries())?;
            cargo.env("LD_LIBRARY_PATH", paths);
        }
        // The C library's own linker script names files from the root on.
        cargo.env(
            variable("RUSTFLAGS"),
            format!("-Clink-arg=-Wl,--sysroot={root}"),
        );
        let runner = self.runner()?.join(" ");
        // For the tests that start themselves once more.
        cargo.env("RLSF_THREADS_TEST_EMULATOR", &runner);
        cargo.env(variable("RUNNER"), runner);
        Ok(cargo)
    }

    /// Runs tests, of all or of these modules.
    fn test(&self, workspace: &Workspace, build: &[&str], modules: &[&str]) -> Result<()> {
        let mut test = self.cargo(workspace, build)?;
        test.arg("--").args(modules);
        test.args(BEYOND_QEMU.iter().flat_map(|name| ["--skip", name]));
        process::run(&mut test)
    }

    /// The words that run a program of the machine.
    fn runner(&self) -> Result<Vec<String>> {
        let mut words = Vec::new();
        if !self.qemu.libraries().is_empty() {
            let paths = env::join_paths(self.qemu.libraries())?;
            words.push("env".to_owned());
            words.push(format!("LD_LIBRARY_PATH={}", paths.to_string_lossy()));
        }
        words.push(self.qemu.path().display().to_string());
        let libraries = self.root()?.join("usr").join(PREFIX);
        words.extend([
            "-U".to_owned(),
            "LD_LIBRARY_PATH".to_owned(),
            "-L".to_owned(),
            libraries.display().to_string(),
        ]);
        Ok(words)
    }

    /// Compiles a C program of the tests.
    fn compile(&self, sources: &[PathBuf], options: &[&str], target: &Path) -> Result<()> {
        let mut compiler = self.compiler.call();
        compiler.arg(format!("-Wl,--sysroot={}", self.root()?.display()));
        compiler.args(["-O1", "-w", "-pthread", "-fno-builtin", "-o"]);
        process::run(compiler.arg(target).args(sources).args(options))
    }

    /// Has a C program check the manual's promises with our library preloaded.
    fn keeps_promises(&self, workspace: &Workspace) -> Result<()> {
        let build = ["build", "--package", "rlsf_override", "--release"];
        process::run(&mut self.cargo(workspace, &build)?)?;
        let products = workspace.cache(TARGET).join("release");
        let folder = workspace.cache("arm64");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let sources = workspace.root().join("crates/rlsf_override/tests/c");
        let plugin = folder.join("plugin.so");
        let part = [sources.join("plugin.c")];
        self.compile(&part, &["-shared", "-fPIC"], &plugin)?;
        let program = folder.join("promises");
        let parts = PROMISES.map(|part| sources.join(part));
        self.compile(&parts, &["-ldl"], &program)?;
        let runner = self.runner()?;
        let preload = products.join("librlsf_override.so");
        let mut promises = Command::new(&runner[0]);
        promises.args(&runner[1..]).arg("-E");
        promises.arg(format!("LD_PRELOAD={}", preload.display()));
        let said = process::output(promises.arg(&program).args(EMULATED).env("PLUGIN", plugin))?;
        print!("{said}");
        let last = said.lines().last().unwrap_or_default();
        ensure!(last.ends_with(" passed, 0 failed"), "promises: {last}");
        Ok(())
    }
}
