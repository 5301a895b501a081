//! On a machine whose code we do not follow: nothing in the operations refers to what panics.

use std::fs;

use anyhow::{ensure, Result};
use object::{
    read::archive::ArchiveFile, File, Object, ObjectSection, ObjectSymbol, RelocationTarget, Symbol,
};

use super::{probes, proof::panics, target::Shape, target::Target};
use crate::workspace::Workspace;

/// Looks through the operations, as they are built for this machine.
///
/// # Errors
///
/// The probes cannot be built, one is missing, or one refers to what panics.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let archive = fs::read(probes::library(workspace, "staticlib")?)?;
    let operations = Target::X86_64.operations();
    let large = operations.filter(|it| it.shape == Shape::Large);
    let symbols: Vec<_> = large.map(|it| it.symbol).collect();
    let mut found = 0;
    for member in ArchiveFile::parse(&*archive)?.members() {
        let Ok(file) = File::parse(member?.data(&*archive)?) else {
            continue;
        };
        for symbol in file.symbols().filter(ObjectSymbol::is_definition) {
            let name = symbol.name()?.trim_start_matches('_');
            if symbols.contains(&name) {
                let panicking = panicking(&file, &symbol)?;
                ensure!(panicking.is_empty(), "{name} can panic: {panicking:?}");
                found += 1;
            }
        }
    }
    ensure!(found > 0, "the probes are not in the library");
    println!("certify: this machine's code is not followed; nothing in it refers to a panic");
    Ok(())
}

/// What panics, of what the code of `function` refers to; one of unknown size ends with its section.
fn panicking(file: &File<'_>, function: &Symbol<'_, '_>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let Some(index) = function.section_index() else {
        return Ok(found);
    };
    let section = file.section_by_index(index)?;
    let end = match function.size() {
        0 => section.size(),
        size => function.address() + size,
    };
    for (offset, relocation) in section.relocations() {
        if let RelocationTarget::Symbol(index) = relocation.target() {
            let name = file.symbol_by_index(index)?.name()?.to_owned();
            if (function.address()..end).contains(&offset) && panics(&name) {
                found.push(name);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certify::compiled;

    /// What panics, of what the function `probe` of a source refers to.
    fn found(source: &str) -> Vec<String> {
        let data = compiled::with(source, &["--crate-type=lib", "--emit=obj"]);
        let file = File::parse(&*data).unwrap();
        panicking(&file, &file.symbol_by_name("probe").unwrap()).unwrap()
    }

    #[test]
    fn a_bounds_check_is_caught() {
        let found = found("#[no_mangle] pub fn probe(a: &[u8; 8], i: usize) -> u8 { a[i] }");
        assert!(found.iter().any(|it| it.contains("panic")), "{found:?}");
    }

    #[test]
    fn code_without_a_panic_is_clean() {
        let found = found("#[no_mangle] pub fn probe(a: &[u8; 8]) -> u8 { a[7] }");
        assert_eq!(found, [""; 0]);
    }
}
