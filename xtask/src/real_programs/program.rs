//! The programs, and how each is started.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{bail, Result};

use crate::process;

/// A program with something to do.
pub(super) struct Program {
    /// Also the name of its script.
    pub(super) name: &'static str,
    /// What must be installed.
    needs: &'static [&'static str],
    /// The packages of Debian that have it.
    packages: &'static str,
}

/// A program whose executable has its name.
const fn program(
    name: &'static str,
    needs: &'static [&'static str],
    packages: &'static str,
) -> Program {
    Program {
        name,
        needs,
        packages,
    }
}

/// All of them.
pub(super) const PROGRAMS: [Program; 13] = [
    program("python", &["python3"], "python3"),
    program("sqlite3", &["sqlite3"], "sqlite3"),
    program(
        "redis",
        &["redis-server", "redis-benchmark"],
        "redis-server redis-tools",
    ),
    program("memcached", &["memcached", "perl"], "memcached perl"),
    program("lua", &["lua5.4"], "lua5.4"),
    program("perl", &["perl"], "perl"),
    program("node", &["node"], "nodejs"),
    program("gcc", &["gcc"], "gcc"),
    program("g++", &["g++"], "g++"),
    program("git", &["git"], "git"),
    program("z3", &["z3"], "z3"),
    program("xz", &["xz"], "xz-utils"),
    program("stress-ng", &["stress-ng"], "stress-ng"),
];

impl Program {
    /// Sees to it that the program is there.
    pub(super) fn require(&self) -> Result<()> {
        let folders = env::var_os("PATH").unwrap_or_default();
        for need in self.needs {
            if !env::split_paths(&folders).any(|folder| folder.join(need).is_file()) {
                bail!("`{need}` is missing: apt-get install {}", self.packages);
            }
        }
        Ok(())
    }

    /// Makes the inputs that the script makes itself, once for all runs.
    pub(super) fn prepare(&self, inputs: &Path, data: &Path) -> Result<()> {
        let script = std::fs::read_to_string(inputs.join(self.script()))?;
        if script.contains("= prepare ]") {
            process::run(self.command("prepare", inputs, data).current_dir(data))?;
        }
        Ok(())
    }

    /// The script's call.
    pub(super) fn command(&self, what: &str, inputs: &Path, data: &Path) -> Command {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail"]);
        command.arg(inputs.join(self.script())).arg(what);
        command.env("inputs", inputs).env("data", data);
        command.env("LC_ALL", "C");
        command
    }

    fn script(&self) -> String {
        format!("{}.sh", self.name)
    }
}
