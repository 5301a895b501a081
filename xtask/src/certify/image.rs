//! The machine code of one linked file: bytes by address, and the names of what stands there.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use object::{
    Architecture, File, Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationTarget,
    SectionKind, SymbolKind,
};

/// What is in a slot of the loader's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// An address of this file.
    Here(u64),
    /// What another library has by that name.
    Elsewhere(String),
}

/// The code of a linked program or library.
pub(super) struct Image<'data> {
    /// Sections of code, by address.
    code: BTreeMap<u64, &'data [u8]>,
    functions: BTreeMap<u64, String>,
    /// What the loader puts into the slots of its table, which nobody changes later.
    slots: BTreeMap<u64, Slot>,
}

impl<'data> Image<'data> {
    /// Reads a linked file.
    pub(super) fn read(data: &'data [u8]) -> Result<Self> {
        let file = File::parse(data)?;
        let mut code = BTreeMap::new();
        for section in file.sections() {
            if section.kind() == SectionKind::Text {
                code.insert(section.address(), section.data()?);
            }
        }
        let functions = file.symbols().filter(|it| it.kind() == SymbolKind::Text);
        let functions = functions.filter(ObjectSymbol::is_definition).map(|it| {
            let name = it.name().context("a function without a name")?;
            Ok((address(&file, it.address()), readable(name)))
        });
        Ok(Self {
            code,
            functions: functions.collect::<Result<_>>()?,
            slots: slots(&file)?,
        })
    }

    /// Bytes of code at an address, with one function at their start and others at given offsets.
    #[cfg(test)]
    pub(super) fn of_code(address: u64, code: &'data [u8], functions: &[(u64, &str)]) -> Self {
        let functions = functions
            .iter()
            .map(|&(offset, name)| (address + offset, name.to_owned()));
        Self {
            code: BTreeMap::from([(address, code)]),
            functions: functions.collect(),
            slots: BTreeMap::new(),
        }
    }

    /// The bytes from `address` to the end of its section; nothing where there is no code.
    pub(super) fn bytes_from(&self, address: u64) -> Option<&'data [u8]> {
        let (start, bytes) = self.code.range(..=address).next_back()?;
        let bytes = bytes.get(usize::try_from(address - start).ok()?..)?;
        (!bytes.is_empty()).then_some(bytes)
    }

    /// Where the function `name` begins.
    pub(super) fn entry(&self, name: &str) -> Result<u64> {
        let found = self.functions.iter().find(|(_, it)| *it == name);
        Ok(*found
            .with_context(|| format!("{name} is not in the file"))?
            .0)
    }

    /// The name of the function that begins at `address`.
    pub(super) fn function_at(&self, address: u64) -> Option<&str> {
        self.functions.get(&address).map(String::as_str)
    }

    /// What the loader puts at `address`, if that is in its table.
    pub(super) fn slot_at(&self, address: u64) -> Option<&Slot> {
        self.slots.get(&address)
    }
}

/// A symbol's value as an address: on Arm its lowest bit says that the code is Thumb's.
fn address(file: &File<'_>, value: u64) -> u64 {
    if file.architecture() == Architecture::Arm {
        value & !1
    } else {
        value
    }
}

/// The loader's table.
fn slots(file: &File<'_>) -> Result<BTreeMap<u64, Slot>> {
    let mut slots = BTreeMap::new();
    let Some(section) = file.section_by_name(".got") else {
        return Ok(slots);
    };
    let range = section.address()..section.address() + section.size();
    let symbols = file.dynamic_symbol_table();
    for (slot, relocation) in file.dynamic_relocations().into_iter().flatten() {
        let content = match (relocation.target(), &symbols) {
            (RelocationTarget::Symbol(index), Some(symbols)) => {
                Slot::Elsewhere(readable(symbols.symbol_by_index(index)?.name()?))
            }
            (RelocationTarget::Absolute, _) => Slot::Here(relocation.addend().cast_unsigned()),
            _ => continue,
        };
        if range.contains(&slot) {
            slots.insert(slot, content);
        }
    }
    Ok(slots)
}

/// The name of a symbol as the source has it.
fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
