//! What a program takes of the board's memories, as its file says.

use std::{fs, path::Path};

use anyhow::Result;
use object::{Object, ObjectSection, SectionKind};

/// The sections that only hold the stack's place; it is the rest of the memory.
const NOT_COUNTED: [&str; 3] = [".stack", ".heap", ".second"];

/// Bytes of a program.
pub(super) struct Size {
    /// Code, constants and the first values of variables.
    pub(super) flash: u64,
    /// Variables and pools, without the stack and the second memory.
    pub(super) ram: u64,
}

impl Size {
    /// Of the program at `path`.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let bytes = fs::read(path)?;
        let file = object::File::parse(&*bytes)?;
        let mut size = Self { flash: 0, ram: 0 };
        for section in file.sections() {
            if NOT_COUNTED.contains(&section.name()?) {
                continue;
            }
            match section.kind() {
                SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                    size.flash += section.size();
                }
                SectionKind::Data => {
                    size.flash += section.size();
                    size.ram += section.size();
                }
                SectionKind::UninitializedData => size.ram += section.size(),
                _ => {}
            }
        }
        Ok(size)
    }
}
