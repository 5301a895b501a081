//! Debian's packages, unpacked privately below the build directory: nothing is installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::process;

/// Where this machine says which archive it uses.
const SOURCES: &str = "/etc/apt/sources.list.d/debian.sources";

/// Access to one suite of Debian's archive.
pub(crate) struct Apt {
    /// What makes apt look at the suite alone; nothing for the machine's own suites.
    options: Vec<String>,
}

impl Apt {
    /// The suites that this machine is set up for.
    pub(crate) fn of_this_machine() -> Self {
        let options = Vec::new();
        Self { options }
    }

    /// The suite `name` of the archive that this machine uses, with its state kept in `directory`.
    pub(crate) fn of_suite(name: &str, directory: &Path) -> Result<Self> {
        let machine = fs::read_to_string(SOURCES)
            .with_context(|| format!("{SOURCES} is needed to find Debian's archive"))?;
        let field = |key| {
            let mut values = machine.lines().filter_map(|line| line.strip_prefix(key));
            values
                .next()
                .map(str::trim)
                .with_context(|| format!("{SOURCES} has no field `{key}`"))
        };
        let (uri, key) = (field("URIs:")?, field("Signed-By:")?);
        fs::create_dir_all(directory.join("lists/partial"))?;
        fs::create_dir_all(directory.join("cache/archives/partial"))?;
        let list = format!("deb [signed-by={key}] {uri} {name} main\n");
        fs::write(directory.join("sources.list"), list)?;
        fs::write(directory.join("status"), "")?;
        let path = |inner: &str| directory.join(inner).display().to_string();
        let settings = [
            ("Dir::Etc::sourcelist", path("sources.list")),
            ("Dir::Etc::sourceparts", path("none")),
            ("Dir::Etc::preferencesparts", path("none")),
            ("Dir::State", path("")),
            ("Dir::State::status", path("status")),
            ("Dir::Cache", path("cache")),
            ("Acquire::Languages", "none".to_owned()),
        ];
        let settings = settings.map(|(key, value)| ["-o".to_owned(), format!("{key}={value}")]);
        let options = settings.concat();
        Ok(Self { options })
    }

    /// Reads the archive's index anew.
    pub(crate) fn update(&self) -> Result<()> {
        process::run(&mut self.call("apt-get", &["update", "-qq"]))
    }

    /// The first version of `package` in the index that begins with `prefix`.
    pub(crate) fn version(&self, package: &str, prefix: &str) -> Result<Option<String>> {
        let table = process::output(&mut self.call("apt-cache", &["madison", package]))?;
        let versions = table.lines().filter_map(|line| line.split('|').nth(1));
        let mut versions = versions.map(str::trim).filter(|it| it.starts_with(prefix));
        Ok(versions.next().map(str::to_owned))
    }

    /// Downloads `packages` and unpacks them into `directory`, once.
    pub(crate) fn unpack(&self, packages: &[&str], directory: &Path) -> Result<()> {
        let mark = directory.join("unpacked");
        let wanted = packages.join("\n");
        if fs::read_to_string(&mark).is_ok_and(|there| there == wanted) {
            return Ok(());
        }
        let archives = directory.join("archives");
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(&archives)?;
        let words: Vec<_> = ["download", "-qq"]
            .iter()
            .chain(packages)
            .copied()
            .collect();
        let mut download = self.call("apt-get", &words);
        download.current_dir(&archives);
        if process::run(&mut download).is_err() {
            self.update()?;
            process::run(&mut download)?;
        }
        for archive in entries(&archives)? {
            process::run(Command::new("dpkg").arg("-x").args([&archive, directory]))?;
        }
        fs::remove_dir_all(&archives)?;
        fs::write(mark, wanted).context("cannot note what is unpacked")
    }

    /// `packages` and all that they need and this machine has not installed.
    pub(crate) fn closure(&self, packages: &[&str]) -> Result<Vec<String>> {
        let words = ["install", "--simulate", "--no-install-recommends"];
        let words: Vec<_> = words.iter().chain(packages).copied().collect();
        let plan = if let Ok(plan) = process::output(&mut self.call("apt-get", &words)) {
            plan
        } else {
            self.update()?;
            process::output(&mut self.call("apt-get", &words))?
        };
        let names = plan.lines().filter_map(|line| line.strip_prefix("Inst "));
        let names = names.filter_map(|line| line.split(' ').next());
        Ok(names.map(str::to_owned).collect())
    }

    /// A call of apt's `program` on this suite; our directories are closed to apt's own user.
    fn call(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(["-o", "APT::Sandbox::User=root"]);
        command.args(&self.options).args(arguments);
        command
    }
}

/// Where packages put their libraries.
const FOLDERS: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib",
];

/// The library `file` of a package that is installed.
pub(crate) fn library(file: &str) -> Option<PathBuf> {
    let paths = FOLDERS.map(|folder| Path::new(folder).join(file));
    paths.into_iter().find(|path| path.is_file())
}

/// What is in `directory`.
pub(crate) fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    paths.collect()
}
