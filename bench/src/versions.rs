//! The versions of the packages that are compared.

/// The versions of everything that this program was built with.
const LOCK: &str = include_str!("../../Cargo.lock");

/// A package's version as it was built, of two the newer one.
pub(crate) fn version(package: &str) -> Option<&'static str> {
    let versions = LOCK.split("[[package]]").filter_map(|entry| {
        let mut lines = entry.lines().filter_map(|line| line.split_once(" = "));
        lines.find(|&(key, value)| key == "name" && value.trim_matches('"') == package)?;
        let (_, version) = lines.find(|&(key, _)| key == "version")?;
        entry
            .contains("source = ")
            .then(|| version.trim_matches('"'))
    });
    versions.last()
}
