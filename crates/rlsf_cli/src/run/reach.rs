//! Whether preloading reaches a program: the loader must run, and must be willing.

use super::library::Library;
use core::fmt;
use object::elf::PT_INTERP;
use object::read::elf::{ElfFile, ElfFile32, ElfFile64, FileHeader, ProgramHeader};
use object::{Architecture, Endianness, FileKind, Object, ReadCache, ReadRef};
use std::env;
use std::ffi::{CString, OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Scripts may begin with scripts; so many are followed, as the kernel does.
const MOST_SCRIPTS: usize = 5;

/// Why the loader will not preload the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    Static(PathBuf),
    Privileged(PathBuf),
    OtherMachine(PathBuf, Architecture),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, why) = match self {
            Self::Static(path) => (path, "is statically linked".to_owned()),
            Self::Privileged(path) => (path, "changes the user or has privileges".to_owned()),
            Self::OtherMachine(path, machine) => (path, format!("is a program for {machine:?}")),
        };
        let path = path.display();
        write!(
            f,
            "{path} {why}: preloading does not reach it, it runs on its own allocator"
        )
    }
}

/// What was found out about a program.
#[derive(Debug)]
pub(super) struct Reach {
    obstacle: Option<Obstacle>,
}

impl Reach {
    /// Looks at the file that a command would run. What cannot be found or read is left to
    /// the start to complain of.
    pub(super) fn of(program: &OsStr, library: &Library) -> Self {
        let obstacle = find(program).and_then(|path| obstacle(path, library));
        Self { obstacle }
    }

    /// Why preloading does not reach it.
    pub(super) fn obstacle(&self) -> Option<&Obstacle> {
        self.obstacle.as_ref()
    }
}

/// The file that a command's name means.
fn find(program: &OsStr) -> Option<PathBuf> {
    if program.as_bytes().contains(&b'/') {
        return Some(program.into());
    }
    let folders = env::var_os("PATH")?;
    let is_program = |path: &PathBuf| {
        let found = path.metadata();
        found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(is_program)
}

fn obstacle(mut path: PathBuf, library: &Library) -> Option<Obstacle> {
    for _ in 0..MOST_SCRIPTS {
        match interpreter(&path) {
            Some(next) => path = next,
            None => break,
        }
    }
    if is_privileged(&path) {
        return Some(Obstacle::Privileged(path));
    }
    let Elf {
        machine,
        is_dynamic,
    } = Elf::read(&path)?;
    if !is_dynamic {
        return Some(Obstacle::Static(path));
    }
    let ours = Elf::read(library.path())?.machine;
    (machine != ours).then_some(Obstacle::OtherMachine(path, machine))
}

/// The program that runs a script.
fn interpreter(script: &Path) -> Option<PathBuf> {
    let mut line = Vec::new();
    let file = File::open(script).ok()?;
    BufReader::new(file.take(256))
        .read_until(b'\n', &mut line)
        .ok()?;
    let words = line.strip_prefix(b"#!")?.trim_ascii();
    let mut words = words.split(u8::is_ascii_whitespace);
    let first = OsString::from_vec(words.next()?.to_vec());
    if Path::new(&first).file_name() != Some(OsStr::new("env")) {
        return Some(first.into());
    }
    // `#!/usr/bin/env python3`
    let is_name = |word: &&[u8]| !word.is_empty() && word[0] != b'-' && !word.contains(&b'=');
    find(OsStr::from_bytes(words.find(is_name)?))
}

/// Whether the loader keeps what users preload out of the program.
fn is_privileged(path: &Path) -> bool {
    // SAFETY: it only answers.
    let user = unsafe { libc::getuid() };
    // SAFETY: as above.
    let group = unsafe { libc::getgid() };
    let changes = |found: Metadata| {
        let mode = found.permissions().mode();
        (mode & 0o4000 != 0 && found.uid() != user)
            || (mode & 0o2010 == 0o2010 && found.gid() != group)
    };
    path.metadata().is_ok_and(changes) || (user != 0 && has_capabilities(path))
}

/// Whether a file gives privileges to who runs it.
fn has_capabilities(path: &Path) -> bool {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else {
        return false;
    };
    let name = c"security.capability";
    // SAFETY: two strings that end in zero; no value is written.
    unsafe { libc::getxattr(path.as_ptr(), name.as_ptr(), core::ptr::null_mut(), 0) > 0 }
}

/// What matters of an ELF file.
struct Elf {
    machine: Architecture,
    /// Whether it asks for the loader.
    is_dynamic: bool,
}

impl Elf {
    fn read(path: &Path) -> Option<Self> {
        let cache = ReadCache::new(File::open(path).ok()?);
        let data: &ReadCache<File> = &cache;
        match FileKind::parse(data).ok()? {
            FileKind::Elf32 => ElfFile32::<Endianness, _>::parse(data).ok().map(Self::of),
            FileKind::Elf64 => ElfFile64::<Endianness, _>::parse(data).ok().map(Self::of),
            _ => None,
        }
    }

    #[allow(clippy::needless_pass_by_value)] // of two types, by one name
    fn of<'data, Class: FileHeader, R: ReadRef<'data>>(file: ElfFile<'data, Class, R>) -> Self {
        let endian = file.endian();
        let asks_for_loader = |header: &Class::ProgramHeader| header.p_type(endian) == PT_INTERP;
        Self {
            machine: file.architecture(),
            is_dynamic: file.elf_program_headers().iter().any(asks_for_loader),
        }
    }
}
