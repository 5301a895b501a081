//! The boards that QEMU has.

use core::time::Duration;
use std::{
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::Instant,
};

use anyhow::{bail, ensure, Context, Result};

use crate::{program::Program, workspace::Workspace};

/// The longest that a program may run.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A board; the names are QEMU's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Board {
    /// Cortex-M0, 16 KiB.
    Microbit,
    /// Cortex-M3, 64 KiB.
    Lm3s6965evb,
    /// Cortex-M4F, 4 MiB and a second memory.
    Mps2An386,
    /// A 32-bit RISC-V.
    Virt,
}

impl Board {
    /// What QEMU and the programs' build script call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Microbit => "microbit",
            Self::Lm3s6965evb => "lm3s6965evb",
            Self::Mps2An386 => "mps2-an386",
            Self::Virt => "virt",
        }
    }

    pub(super) const fn is_riscv(self) -> bool {
        matches!(self, Self::Virt)
    }

    /// What makes the board's clock go on by a fixed time with every instruction.
    const fn clock(self) -> &'static str {
        if self.is_riscv() {
            "shift=0"
        } else {
            "shift=7,sleep=off,align=off"
        }
    }
}

/// QEMU for a family of processors.
pub(super) struct Machine(Program);

impl Machine {
    /// The machine's own QEMU, or Debian's.
    pub(super) fn find(workspace: &Workspace, name: &str, package: &str) -> Result<Self> {
        Program::find(workspace, name, package, "usr/bin").map(Self)
    }

    /// Runs the program `image` and returns what it printed; it must end with `code`.
    pub(super) fn run(&self, board: Board, image: &Path, code: i32) -> Result<String> {
        let mut qemu = self.0.call();
        qemu.args(["-machine", board.name(), "-icount", board.clock()]);
        qemu.args(["-display", "none", "-monitor", "none", "-serial", "none"]);
        qemu.args(["-semihosting-config", "enable=on,target=native"]);
        if board.is_riscv() {
            qemu.args(["-bios", "none"]);
        }
        let output = finish(qemu.arg("-kernel").arg(image))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let messages = String::from_utf8_lossy(&output.stderr);
        let found = output.status.code();
        ensure!(
            found == Some(code),
            "it ended with {found:?}, not {code}\n{printed}{messages}"
        );
        Ok(printed)
    }
}

/// Waits for the end of `command`, but not longer than the limit.
fn finish(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start QEMU")?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > TIMEOUT {
            child.kill()?;
            let output = child.wait_with_output()?;
            let printed = String::from_utf8_lossy(&output.stdout);
            bail!("it did not end within {} s\n{printed}", TIMEOUT.as_secs());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(child.wait_with_output()?)
}
