//! The machine and the versions that figures belong to.

use core::ffi::CStr;
use std::fs;
use std::process::Command;
use std::thread;

use serde::{Deserialize, Serialize};

/// Where and with what figures were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many of them there are.
    pub processors: usize,
    /// The kernel's version.
    pub kernel: String,
    /// The C library's version.
    pub glibc: String,
    /// The compiler's version.
    pub compiler: String,
    /// The processes that wanted a processor in the minute before.
    pub load: String,
    /// The day, by the machine's clock.
    pub date: String,
    /// This project's commit.
    pub commit: String,
    /// The peers, with their packages' versions.
    pub versions: Vec<String>,
}

impl Machine {
    /// This one, now; with the peers' packages and versions.
    #[must_use]
    pub fn here(versions: Vec<String>) -> Self {
        let load = read("/proc/loadavg");
        Self {
            processor: processor(),
            processors: thread::available_parallelism().map_or(1, Into::into),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            glibc: glibc(),
            compiler: output("rustc", &["--version"]),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
            date: output("date", &["+%Y-%m-%d"]),
            commit: commit(env!("CARGO_MANIFEST_DIR")),
            versions,
        }
    }

    /// A paragraph.
    #[must_use]
    pub fn describe(&self) -> String {
        let versions = match self.versions.as_slice() {
            [] => String::new(),
            versions => format!(" Packages: {}.", versions.join(", ")),
        };
        format!(
            "{}, commit {}: {} x {}, Linux {}, glibc {}, {}; load before the run {}.{versions}",
            self.date,
            self.commit,
            self.processors,
            self.processor,
            self.kernel,
            self.glibc,
            self.compiler,
            self.load,
        )
    }
}

fn processor() -> String {
    let text = read("/proc/cpuinfo");
    let named = |line: &str| {
        Some(
            line.strip_prefix("model name")?
                .split_once(": ")?
                .1
                .to_owned(),
        )
    };
    text.lines()
        .find_map(named)
        .unwrap_or_else(|| "unknown".to_owned())
}

fn glibc() -> String {
    // SAFETY: asks for nothing.
    let version = unsafe { libc::gnu_get_libc_version() };
    // SAFETY: a string of the C library's that stays.
    unsafe { CStr::from_ptr(version) }
        .to_string_lossy()
        .into_owned()
}

/// The commit of a directory, wherever this program was started.
fn commit(directory: &str) -> String {
    let commit = output("git", &["-C", directory, "rev-parse", "--short", "HEAD"]);
    if commit.is_empty() {
        "unknown".to_owned()
    } else {
        commit
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// What a program prints, or nothing.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let printed = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&printed).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_a_repository_has_an_unknown_commit() {
        assert_eq!(commit("/proc"), "unknown");
    }

    #[test]
    fn the_description_names_the_c_library_and_the_peers() {
        let text = Machine::here(vec!["talc 5".to_owned()]).describe();
        assert!(
            text.contains("glibc 2.") && text.contains("talc 5"),
            "{text}"
        );
    }
}
