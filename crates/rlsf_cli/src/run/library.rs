//! The library that is preloaded, and how the loader is told.

use crate::error::Error;
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The library's file, as cargo names it.
pub(super) const PLAIN: &str = "librlsf_override.so";

/// The same of the library that checks more.
pub(super) const HARDENED: &str = "librlsf_override_hardened.so";

/// Where it may be, seen from the program's folder: as cargo builds it, and installed.
const PLACES: [&str; 4] = ["", "deps", "../lib", "../lib/rlsf"];

/// The library.
#[derive(Debug)]
pub(super) struct Library {
    path: PathBuf,
}

impl Library {
    /// Looks for the library of this name beside this program.
    ///
    /// # Errors
    ///
    /// It is in none of the places.
    pub(super) fn find(name: &str) -> Result<Self, Error> {
        let program = env::current_exe()
            .map_err(|error| Error::Run(format!("the path of this program: {error}")))?;
        let folder = program.parent().unwrap_or(Path::new("/"));
        Self::beside(folder, name).ok_or_else(|| {
            Error::Run(format!(
                "{name} is neither in {} nor in deps/ or ../lib/ of it; \
                 `cargo build --release` in rlsf's sources makes both",
                folder.display()
            ))
        })
    }

    fn beside(folder: &Path, name: &str) -> Option<Self> {
        let paths = PLACES.map(|place| folder.join(place).join(name));
        let path = paths.into_iter().find(|path| path.is_file())?;
        let path = path.canonicalize().ok()?;
        Some(Self { path })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Has the loader load the library before every other into a program, and into all
    /// that it starts.
    ///
    /// # Errors
    ///
    /// The path has characters that the loader takes for the end of it.
    pub(super) fn preload_into(&self, command: &mut Command) -> Result<(), Error> {
        let (folder, name) = (self.path.parent(), self.path.file_name());
        let is_list = |byte: &u8| b" :;".contains(byte);
        if !self.path.as_os_str().as_bytes().iter().any(is_list) {
            command.env("LD_PRELOAD", before("LD_PRELOAD", self.path.as_os_str()));
            return Ok(());
        }
        // A list of folders may have spaces, a list of libraries may not.
        let folder = folder.unwrap_or(Path::new("/")).as_os_str();
        if folder.as_bytes().iter().any(|byte| b":;".contains(byte)) {
            return Err(Error::Run(format!(
                "{}: the loader takes no path with a colon or a semicolon",
                self.path.display()
            )));
        }
        let name = name.unwrap_or(OsStr::new(PLAIN));
        command.env("LD_PRELOAD", before("LD_PRELOAD", name));
        command.env("LD_LIBRARY_PATH", before("LD_LIBRARY_PATH", folder));
        Ok(())
    }
}

/// `first`, and what the variable's list has already.
fn before(variable: &str, first: &OsStr) -> OsString {
    let mut list = first.to_owned();
    if let Some(others) = env::var_os(variable).filter(|others| !others.is_empty()) {
        list.push(":");
        list.push(others);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable<'a>(command: &'a Command, name: &str) -> Option<&'a OsStr> {
        let mut variables = command.get_envs();
        variables.find(|(key, _)| *key == name)?.1
    }

    fn at(path: &str) -> (Result<(), Error>, Command) {
        let mut command = Command::new("true");
        let library = Library {
            path: PathBuf::from(path),
        };
        (library.preload_into(&mut command), command)
    }

    #[test]
    fn a_plain_path_is_preloaded_as_it_is() {
        let (result, command) = at("/a/librlsf_override.so");
        result.unwrap();
        let list = variable(&command, "LD_PRELOAD").unwrap();
        assert!(list.to_str().unwrap().starts_with("/a/librlsf_override.so"));
        assert_eq!(variable(&command, "LD_LIBRARY_PATH"), None);
    }

    #[test]
    fn a_path_with_a_space_is_split_into_folder_and_name() {
        let (result, command) = at("/my files/librlsf_override.so");
        result.unwrap();
        let list = variable(&command, "LD_PRELOAD").unwrap();
        assert!(list.to_str().unwrap().starts_with("librlsf_override.so"));
        let folders = variable(&command, "LD_LIBRARY_PATH").unwrap();
        assert!(folders.to_str().unwrap().starts_with("/my files"));
    }

    #[test]
    fn a_path_with_a_colon_is_refused_with_a_sentence() {
        let (result, _) = at("/a:b/librlsf_override.so");
        let Err(Error::Run(message)) = result else {
            panic!("{result:?}");
        };
        assert!(message.contains("colon"), "{message}");
    }
}
