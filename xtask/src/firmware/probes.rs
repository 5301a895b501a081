//! The program whose machine code `cargo xtask certify` reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{
    board::Machine,
    plan::{self, Run},
};
use crate::workspace::Workspace;

/// The program, built for a target.
pub(crate) struct Probes {
    run: &'static Run,
    image: PathBuf,
}

impl Probes {
    /// Builds the program for `target`, which is one of those that it is for.
    pub(crate) fn build(workspace: &Workspace, target: &str) -> Result<Self> {
        let run = plan::probes_for(target).context("no board has this target's processor")?;
        let image = plan::build(workspace, run)?;
        Ok(Self { run, image })
    }

    /// Where the linked program is.
    pub(crate) fn image(&self) -> &Path {
        &self.image
    }

    /// Runs it in QEMU and returns what it printed.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<String> {
        let machine = if self.run.board.is_riscv() {
            Machine::find(workspace, "qemu-system-riscv32", "qemu-system-misc")
        } else {
            Machine::find(workspace, "qemu-system-arm", "qemu-system-arm")
        };
        machine?.run(self.run.board, &self.image, self.run.code)
    }
}
