//! What there is to say about one exported function.

use core::fmt;
use std::collections::BTreeSet;

use anyhow::{Context, Result};
use object::{Architecture, BinaryFormat, File, Object, ObjectSymbol, Symbol};

use super::{
    graph::longest_path,
    image::{Image, Place},
    walk::{panics, walk, Fault},
};

/// The figures of a function and its faults.
pub(super) struct Verdict {
    bytes: u64,
    /// Known when the code was followed.
    instructions: Option<usize>,
    /// Known when the code was followed and has no loop.
    longest_path: Option<usize>,
    faults: BTreeSet<Fault>,
}

impl Verdict {
    /// Judges the function at `symbol`.
    pub(super) fn of(file: &File<'_>, symbol: &Symbol<'_, '_>) -> Result<Self> {
        let image = Image::read(file)?;
        let entry = Place {
            section: symbol.section_index().context("a function without code")?.0,
            offset: symbol.address(),
        };
        let can_follow =
            file.architecture() == Architecture::X86_64 && file.format() == BinaryFormat::Elf;
        if can_follow {
            Self::by_walk(&image, entry)
        } else {
            Ok(Self::by_references(&image, entry, symbol.size()))
        }
    }

    /// Follows the machine code.
    fn by_walk(image: &Image<'_>, entry: Place) -> Result<Self> {
        let steps = walk(image, entry)?;
        let longest_path = longest_path(&steps, entry);
        let mut faults: BTreeSet<_> = steps.values().filter_map(|it| it.fault.clone()).collect();
        if longest_path.is_none() {
            faults.insert(Fault::Loop);
        }
        Ok(Self {
            bytes: steps.values().map(|step| step.length).sum(),
            instructions: Some(steps.len()),
            longest_path,
            faults,
        })
    }

    /// Looks for references to what panics; a function of unknown size ends with its section.
    fn by_references(image: &Image<'_>, entry: Place, size: u64) -> Self {
        let rest = image.bytes_from(entry).map_or(0, <[u8]>::len) as u64;
        let bytes = if size == 0 { rest } else { size };
        let names = image.references(entry, bytes).map(|(_, it)| &it.name);
        let panicking = names.filter(|name| panics(name));
        Self {
            bytes,
            instructions: None,
            longest_path: None,
            faults: panicking.cloned().map(Fault::Panic).collect(),
        }
    }

    /// What no constant-time operation may do, and this one does.
    pub(super) fn faults(&self) -> &BTreeSet<Fault> {
        &self.faults
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>5} bytes", self.bytes)?;
        if let Some(instructions) = self.instructions {
            write!(f, " {instructions:>5} instructions")?;
        }
        if let Some(length) = self.longest_path {
            write!(f, ", at most {length} in one run")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(name) => write!(f, "calls {name}"),
            Self::Panic(name) => write!(f, "can panic: {name}"),
            Self::IndirectJump => write!(f, "jumps to a computed address"),
            Self::Trap => write!(f, "traps"),
            Self::Loop => write!(f, "loops"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    /// Compiles `body`, optimised, and names the faults of its function `probe` as text.
    fn faults(body: &str) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        let (source, object) = (directory.path().join("a.rs"), directory.path().join("a.o"));
        fs::write(&source, body).unwrap();
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        rustc.args([
            "--edition=2021",
            "--crate-type=lib",
            "--emit=obj",
            "-O",
            "-o",
        ]);
        assert!(rustc.arg(&object).arg(&source).status().unwrap().success());
        let data = fs::read(&object).unwrap();
        let file = File::parse(&*data).unwrap();
        let symbol = file.symbol_by_name("probe").unwrap();
        let verdict = Verdict::of(&file, &symbol).unwrap();
        verdict.faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_bounds_check_is_caught() {
        let found = faults("#[no_mangle] pub fn probe(a: &[u8; 8], i: usize) -> u8 { a[i] }");
        assert!(
            found
                .iter()
                .any(|it| it.starts_with("can panic: core::panicking")),
            "{found:?}"
        );
    }

    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    mod followed {
        use super::*;

        #[test]
        fn straight_lines_and_branches_are_clean() {
            let body = "#[no_mangle] pub fn probe(a: &mut [u32; 4], i: usize) -> u32 {
                if i < 4 { a[i] = a[i].trailing_zeros(); a[0] } else { 7 } }";
            assert_eq!(faults(body), [""; 0]);
        }

        #[test]
        fn a_call_is_caught() {
            let body = "extern \"C\" { fn other() -> u8; }
                #[no_mangle] pub unsafe fn probe() -> u8 { 1 | other() }";
            assert_eq!(faults(body), ["calls other"]);
        }

        #[test]
        fn a_call_in_last_place_is_caught() {
            let body = "extern \"C\" { fn other() -> u8; }
                #[no_mangle] pub unsafe fn probe() -> u8 { other() }";
            assert_eq!(faults(body), ["calls other"]);
        }

        #[test]
        fn a_call_through_a_pointer_is_caught() {
            let body = "#[no_mangle] pub fn probe(f: fn() -> u8) -> u8 { 1 | f() }";
            assert_eq!(faults(body), ["calls code without a name"]);
        }

        #[test]
        fn a_loop_is_caught() {
            let body = "#[no_mangle] pub unsafe fn probe(mut p: *const *const u8) -> *const u8 {
                while !(*p).is_null() { p = (*p).cast() } p.cast() }";
            assert_eq!(faults(body), ["loops"]);
        }

        #[test]
        fn a_loop_behind_a_call_in_last_place_is_caught() {
            let body = "#[inline(never)] unsafe fn last(mut p: *const *const u8) -> *const u8 {
                    while !(*p).is_null() { p = (*p).cast() } p.cast() }
                #[no_mangle] pub unsafe fn probe(p: *const *const u8, q: bool) -> *const u8 {
                    if q { p.cast() } else { last(p) } }
                #[no_mangle] pub unsafe fn again(p: *const *const u8) -> *const u8 { last(p) }";
            assert_eq!(faults(body), ["loops"]);
        }

        #[test]
        fn a_call_of_a_function_of_the_same_file_is_caught() {
            let body = "#[inline(never)] fn inner(i: usize) -> usize { i | 2 }
                #[no_mangle] pub fn probe(i: usize) -> usize { inner(i) + inner(i + 4) }";
            assert_eq!(faults(body), ["calls a::inner"]);
        }

        #[test]
        fn a_table_of_jumps_is_caught() {
            let body = "#[no_mangle] pub unsafe fn probe(i: usize, p: *mut usize) { match i {
                    0 => *p = 3, 1 => *p.add(1) *= 7, 2 => *p.add(2) -= 9, 3 => *p.add(3) ^= 5,
                    4 => *p.add(4) /= 9, 5 => *p.add(5) <<= 2, 6 => *p.add(6) >>= 1, _ => () } }";
            assert_eq!(faults(body), ["jumps to a computed address"]);
        }

        #[test]
        fn a_trap_is_caught() {
            let body = "#[no_mangle] pub unsafe fn probe(i: usize) -> usize {
                if i == 0 { core::arch::asm!(\"ud2\", options(noreturn)) } else { i } }";
            assert_eq!(faults(body), ["traps"]);
        }
    }
}
