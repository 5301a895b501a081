//! Layering: which module of the crate `rlsf` may use which.
//!
//! ARCHITECTURE.md holds the table, a fenced block of the kind `layers`, from the bottom up:
//!
//! ````text
//! ```layers
//! size:
//! bin: size
//! tlsf: bin, size
//! validate: *
//! tlsf::check: tlsf, validate
//! ```
//! ````
//!
//! A line allows its module to use modules of lines above it and no other, so the table has no cycle;
//! `*` is all of them. A module without a line of its own follows the nearest one around it. Within
//! a top-level module everything is allowed. `lib` is the crate's root.

use std::collections::BTreeMap;

use super::{imports, tree::Tree, use_tree::leaves, Finding, ARCHITECTURE, SOURCES};

/// The module of the crate's root.
const ROOT: &str = "lib";

/// One line of the table.
struct Layer<'a> {
    module: &'a str,
    allowed: Vec<&'a str>,
    line: usize,
}

/// Checks the table against the sources, and the sources against the table.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.text(ARCHITECTURE) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let layers = parse(map, &mut findings);
    if layers.is_empty() {
        let what = "there is no table of layers (a fenced block `layers`)";
        findings.push(Finding::new(ARCHITECTURE, 1, what));
        return findings;
    }
    findings.extend(table_faults(tree, &layers));
    let exports = exports(tree);
    for (file, text) in tree.rust_files_in(SOURCES) {
        if !is_for_tests(file) {
            findings.extend(file_faults(file, text, &layers, &exports));
        }
    }
    findings
}

/// Reads the table out of the document.
fn parse<'a>(map: &'a str, findings: &mut Vec<Finding>) -> Vec<Layer<'a>> {
    let mut layers = Vec::new();
    let lines = map.lines().enumerate();
    let block = lines
        .skip_while(|(_, line)| line.trim() != "```layers")
        .skip(1)
        .take_while(|(_, line)| line.trim() != "```");
    for (index, line) in block {
        let bare = line.trim_end().strip_suffix(':').map(|module| (module, ""));
        let Some((module, allowed)) = bare.or(line.split_once(": ")) else {
            let what = "a line of the layers is `module: allowed, allowed`";
            findings.push(Finding::new(ARCHITECTURE, index + 1, what));
            continue;
        };
        let allowed = allowed.split(',').map(str::trim);
        layers.push(Layer {
            module: module.trim(),
            allowed: allowed.filter(|name| !name.is_empty()).collect(),
            line: index + 1,
        });
    }
    layers
}

/// Lines whose module does not exist or that allow what does not stand above them.
fn table_faults(tree: &Tree, layers: &[Layer<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let mut note = |what: String| findings.push(Finding::new(ARCHITECTURE, layer.line, what));
        let module = layer.module;
        if !exists(tree, module) {
            note(format!("the module `{module}` does not exist"));
        }
        for name in layer.allowed.iter().filter(|name| **name != "*") {
            if !layers[..index].iter().any(|above| above.module == *name) {
                note(format!(
                    "`{module}` may only use modules of lines above it, not `{name}`"
                ));
            }
        }
    }
    findings
}

/// Whether the crate has a file for `module`.
fn exists(tree: &Tree, module: &str) -> bool {
    let path = format!("{SOURCES}/{}", module.replace("::", "/"));
    tree.contains(&format!("{path}.rs")) || tree.contains(&format!("{path}/mod.rs"))
}

/// Whether `file` is a module of tests, by its name.
fn is_for_tests(file: &str) -> bool {
    file.split('/')
        .any(|part| part == "tests" || part == "tests.rs")
}

/// Uses of `file` that the table does not allow.
fn file_faults(
    file: &str,
    text: &str,
    layers: &[Layer<'_>],
    exports: &BTreeMap<String, Vec<String>>,
) -> Vec<Finding> {
    let path = format!("{SOURCES}/{file}");
    let module = module_of(file);
    let name = module.join("::");
    let Some(layer) = layer_of(&name, layers) else {
        let what = format!("the module `{name}` is not in the table of layers");
        return vec![Finding::new(&path, 1, what)];
    };
    // The root's own paths begin at its own names: it is the module without a name.
    let scope = if name == ROOT { &[][..] } else { &module[..] };
    match imports::of(scope, text) {
        Err(error) => {
            let line = error.span().start().line;
            vec![Finding::new(&path, line, format!("is not Rust: {error}"))]
        }
        Ok(imports) => imports
            .iter()
            .filter_map(|import| {
                let used = resolve(&import.path, layers, exports);
                let what = format!("`{name}` may not use `{used}`");
                (!layer.allows(&used, layers)).then(|| Finding::new(&path, import.line, what))
            })
            .collect(),
    }
}

/// The module of `file`, from the crate's root.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
    stem.split('/').map(str::to_owned).collect()
}

/// The line for `module`: its own or the nearest around it.
fn layer_of<'t, 'a>(module: &str, layers: &'t [Layer<'a>]) -> Option<&'t Layer<'a>> {
    let around = layers
        .iter()
        .filter(|layer| is_within(module, layer.module));
    around.max_by_key(|layer| layer.module.len())
}

/// Whether `module` is `outer` or a part of it.
fn is_within(module: &str, outer: &str) -> bool {
    module
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The module that a path from the root leads to, through what the root exports.
fn resolve(
    path: &[String],
    layers: &[Layer<'_>],
    exports: &BTreeMap<String, Vec<String>>,
) -> String {
    let whole = path.join("::");
    let exported = exports.get(&path[0]).map(|path| path.join("::"));
    let known = |path: &String| layer_of(path, layers).map(|layer| layer.module.to_owned());
    known(&whole)
        .or_else(|| exported.as_ref().and_then(known))
        .unwrap_or_else(|| ROOT.to_owned())
}

/// The names that the crate's root takes from its modules, each with its path.
fn exports(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let root = tree.text(&format!("{SOURCES}/{ROOT}.rs")).unwrap_or("");
    let items = syn::parse_file(root).map_or_else(|_| Vec::new(), |file| file.items);
    let mut exports = BTreeMap::new();
    for item in items {
        if let syn::Item::Use(item) = item {
            for leaf in leaves(&item.tree) {
                let path = leaf.path.into_iter();
                let path = path.filter(|part| part != "crate" && part != "self");
                exports.insert(leaf.name, path.collect());
            }
        }
    }
    exports
}

impl Layer<'_> {
    /// Whether the module of this line may use the module `used`.
    fn allows(&self, used: &str, layers: &[Layer<'_>]) -> bool {
        let own = self.module.split("::").next().unwrap_or(self.module);
        let above = layers.iter().take_while(|layer| layer.line < self.line);
        let any = || above.clone().any(|layer| is_within(used, layer.module));
        is_within(used, own)
            || self.allowed.iter().any(|name| is_within(used, name))
            || self.allowed.contains(&"*") && any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# Layers\n```layers\nsize:\nbin: size\ntlsf: bin\nvalidate: *\n\
        tlsf::check: validate\n\
        tlsf::bare:\nlib: *\n```\n";

    /// What is found when `text` replaces or joins the file at `path` of a sound crate.
    fn found(path: &str, text: &str) -> Vec<String> {
        let inner = |file: &str| format!("{SOURCES}/{file}");
        let mut files = BTreeMap::from([
            (ARCHITECTURE.to_owned(), TABLE),
            (
                inner("lib.rs"),
                "mod size;\npub use size::{Size, GRAIN as G};",
            ),
            (inner("size.rs"), "#[cfg(test)] mod t { use crate::tlsf; }"),
            (inner("bin.rs"), "use crate::size::Size;\nuse super::size;"),
            (
                inner("tlsf.rs"),
                "mod check;\nfn f() { crate::bin::g(check::all()) }",
            ),
            (
                inner("tlsf/check.rs"),
                "use crate::validate;\nuse super::Tlsf;",
            ),
            (inner("tlsf/bare/mod.rs"), "use super::check;"),
            (inner("validate.rs"), "use crate::{bin, tlsf::Tlsf, Size};"),
        ]);
        files.insert(path.to_owned(), text);
        let files: Vec<_> = files.iter().map(|(path, text)| (&**path, *text)).collect();
        let findings = check(&Tree::of(&files));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_crate_has_no_finding() {
        assert_eq!(found("README.md", ""), [""; 0]);
    }

    #[test]
    fn a_use_of_a_higher_module_is_found() {
        let expected = ["crates/rlsf/src/size.rs:2: `size` may not use `tlsf`"];
        assert_eq!(
            found("crates/rlsf/src/size.rs", "\nuse crate::tlsf::Tlsf;"),
            expected
        );
        assert_eq!(
            found("crates/rlsf/src/size.rs", "\nuse super::tlsf;"),
            expected
        );
        let inline = "\nfn f(heap: &crate::tlsf::Tlsf) {}";
        assert_eq!(found("crates/rlsf/src/size.rs", inline), expected);
    }

    #[test]
    fn a_use_that_no_line_allows_is_found() {
        let expected = ["crates/rlsf/src/tlsf.rs:1: `tlsf` may not use `validate`"];
        assert_eq!(
            found("crates/rlsf/src/tlsf.rs", "use crate::validate::all;"),
            expected
        );
    }

    #[test]
    fn names_that_the_root_exports_count_as_their_module() {
        let expected = ["crates/rlsf/src/tlsf.rs:1: `tlsf` may not use `size`"];
        assert_eq!(found("crates/rlsf/src/tlsf.rs", "use crate::G;"), expected);
        assert_eq!(
            found("crates/rlsf/src/bin.rs", "use crate::{Size, G};"),
            [""; 0]
        );
    }

    #[test]
    fn a_module_without_a_line_is_found() {
        let expected = ["crates/rlsf/src/pool.rs:1: \
            the module `pool` is not in the table of layers"];
        assert_eq!(found("crates/rlsf/src/pool.rs", ""), expected);
    }

    #[test]
    fn a_line_or_an_edge_without_a_module_is_found() {
        let table = TABLE.replace("bin: size", "bin: size, gone\ngone:");
        let expected = [
            "ARCHITECTURE.md:4: `bin` may only use modules of lines above it, not `gone`",
            "ARCHITECTURE.md:5: the module `gone` does not exist",
        ];
        assert_eq!(found(ARCHITECTURE, &table), expected);
    }

    #[test]
    fn a_line_of_another_form_is_found() {
        let table = TABLE.replace("bin: size", "bin: size\nbins");
        let expected = ["ARCHITECTURE.md:5: a line of the layers is `module: allowed, allowed`"];
        assert_eq!(found(ARCHITECTURE, &table), expected);
    }

    #[test]
    fn a_missing_table_is_found() {
        assert_eq!(found(ARCHITECTURE, "# Layers\n").len(), 1);
    }
}
