//! The machine code of one object file: bytes by place, and what the linker will put into them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use object::{
    File, Object, ObjectSection, ObjectSymbol, Relocation, RelocationTarget, SectionKind, Symbol,
    SymbolKind,
};

/// An offset in the section of that index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) section: usize,
    pub(super) offset: u64,
}

impl Place {
    /// The place `offset` bytes into the same section.
    pub(super) fn at(self, offset: u64) -> Self {
        Self { offset, ..self }
    }
}

/// What a relocation refers to.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// The symbol's name, readable; empty for a section.
    pub(super) name: String,
    /// Where it is, when this file defines it in a section.
    pub(super) symbol: Option<Place>,
    /// What the relocation adds to it.
    addend: i64,
}

impl Reference {
    /// The place that a jump leads to whose last `tail` bytes hold this reference.
    pub(super) fn jump_target(&self, tail: u64) -> Option<Place> {
        let symbol = self.symbol?;
        let distance = self.addend.checked_add_unsigned(tail)?;
        Some(symbol.at(symbol.offset.checked_add_signed(distance)?))
    }
}

/// The code sections of one object file.
pub(super) struct Image<'data> {
    code: BTreeMap<usize, &'data [u8]>,
    references: BTreeMap<Place, Reference>,
    functions: BTreeMap<Place, String>,
}

impl<'data> Image<'data> {
    /// Reads the code sections of `file` with their relocations.
    pub(super) fn read(file: &File<'data>) -> Result<Self> {
        let mut code = BTreeMap::new();
        let mut references = BTreeMap::new();
        let sections = file.sections();
        for section in sections.filter(|it| it.kind() == SectionKind::Text) {
            code.insert(section.index().0, section.data()?);
            for (offset, relocation) in section.relocations() {
                let section = section.index().0;
                references.insert(Place { section, offset }, reference(file, &relocation)?);
            }
        }
        let functions = file.symbols().filter(|it| it.kind() == SymbolKind::Text);
        let functions = functions.filter_map(|it| Some((place(&it)?, readable(it.name().ok()?))));
        Ok(Self {
            code,
            references,
            functions: functions.collect(),
        })
    }

    /// The bytes from `place` to the end of its section.
    pub(super) fn bytes_from(&self, place: Place) -> Option<&'data [u8]> {
        let offset = usize::try_from(place.offset).ok()?;
        let bytes = self.code.get(&place.section)?.get(offset..)?;
        (!bytes.is_empty()).then_some(bytes)
    }

    /// The name of the function that begins at `place`.
    pub(super) fn function_at(&self, place: Place) -> Option<&str> {
        self.functions.get(&place).map(String::as_str)
    }

    /// The references among the `length` bytes from `place`, each with its own place.
    pub(super) fn references(
        &self,
        place: Place,
        length: u64,
    ) -> impl Iterator<Item = (Place, &Reference)> {
        let range = place..place.at(place.offset + length);
        self.references.range(range).map(|(place, it)| (*place, it))
    }
}

/// Looks up what `relocation` refers to.
fn reference(file: &File<'_>, relocation: &Relocation) -> Result<Reference> {
    let addend = relocation.addend();
    let RelocationTarget::Symbol(index) = relocation.target() else {
        let (name, symbol) = (String::new(), None);
        return Ok(Reference {
            name,
            symbol,
            addend,
        });
    };
    let symbol = file
        .symbol_by_index(index)
        .context("a relocation without a symbol")?;
    Ok(Reference {
        name: readable(symbol.name()?),
        symbol: place(&symbol),
        addend,
    })
}

/// Where the file defines `symbol`, if it does.
fn place(symbol: &Symbol<'_, '_>) -> Option<Place> {
    let section = symbol.section_index()?.0;
    let offset = symbol.address();
    Some(Place { section, offset })
}

/// The name of a symbol as the source has it.
fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
