//! Which modules of the crate a source file uses: its `use` items and its paths, macros included.
//!
//! Code for tests (`#[cfg(test)]`) may use what it likes and is left out.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{
    visit::{self, Visit},
    Attribute, Item, ItemMod, ItemUse,
};

use super::use_tree::leaves;

/// A path inside the crate, from its root, and the line that holds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// The paths into the crate that `text`, the source of `module`, holds.
///
/// # Errors
///
/// `text` is not Rust.
pub(super) fn of(module: &[String], text: &str) -> syn::Result<Vec<Import>> {
    let file = syn::parse_file(text)?;
    let mut collector = Collector {
        module: module.to_vec(),
        imports: Vec::new(),
    };
    collector.visit_file(&file);
    Ok(collector.imports)
}

/// Walks the syntax of a file.
struct Collector {
    /// Where the walk is: the file's module and the inline modules around.
    module: Vec<String>,
    imports: Vec<Import>,
}

impl Collector {
    /// Notes the path `segments` when it begins in this crate and names something there.
    fn note(&mut self, segments: &[String], span: Span) {
        let Some(mut path) = self.start(&segments[0]) else {
            return;
        };
        for segment in &segments[1..] {
            if segment == "super" {
                path.pop();
            } else {
                path.push(segment.clone());
            }
        }
        if segments.len() > 1 && !path.is_empty() {
            let line = span.start().line;
            self.imports.push(Import { path, line });
        }
    }

    /// Where a path that begins with `segment` begins; nothing for a path out of the crate.
    fn start(&self, segment: &str) -> Option<Vec<String>> {
        let above = self.module.len().saturating_sub(1);
        match segment {
            "crate" => Some(Vec::new()),
            "self" => Some(self.module.clone()),
            "super" => Some(self.module[..above].to_vec()),
            _ => None,
        }
    }

    /// Notes the paths that stand among the tokens of a macro.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(first) => {
                    let path = path_at(first, &tokens[index + 1..]);
                    self.note(&path, first.span());
                }
                TokenTree::Group(group) => self.note_tokens(group.stream()),
                _ => {}
            }
        }
    }
}

/// The path that begins with `first` and goes on with `rest`.
fn path_at(first: &Ident, mut rest: &[TokenTree]) -> Vec<String> {
    let mut path = vec![first.to_string()];
    while let [TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(next), tail @ ..] = rest {
        if a.as_char() != ':' || b.as_char() != ':' {
            break;
        }
        path.push(next.to_string());
        rest = tail;
    }
    path
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for leaf in leaves(&item.tree) {
            self.note(&leaf.path, leaf.span);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        self.note(&segments, path.segments[0].ident.span());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.note_tokens(call.tokens.clone());
    }

    /// `pub(in crate::…)` gives, it does not use.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

/// The attributes of the kinds of items that tests are made of.
fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

/// Whether an attribute is `#[cfg(test)]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        list.is_ok_and(|it| it.path.is_ident("cfg") && it.tokens.to_string() == "test")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(module: &[&str], text: &str) -> Vec<String> {
        let module: Vec<_> = module.iter().map(ToString::to_string).collect();
        let imports = of(&module, text).unwrap();
        let lines = imports
            .iter()
            .map(|it| format!("{} {}", it.line, it.path.join("::")));
        lines.collect()
    }

    #[test]
    fn every_leaf_of_a_use_tree_is_found() {
        let text = "use core::ptr;\nuse crate::{bin::{self, Bin as B}, size::*};\n";
        assert_eq!(found(&["x"], text), ["2 bin", "2 bin::Bin", "2 size::*"]);
    }

    #[test]
    fn inline_paths_and_types_are_found() {
        let text = "fn f(a: crate::block::Block) {\n crate::pool::walk::<crate::int::I>();\n}";
        let expected = ["1 block::Block", "2 pool::walk", "2 int::I"];
        assert_eq!(found(&["x"], text), expected);
    }

    #[test]
    fn super_and_self_are_resolved() {
        let text = "use super::super::bins;\nmod y { use self::z; use super::w; }";
        let expected = ["1 bins", "2 tlsf::check::y::z", "2 tlsf::check::w"];
        assert_eq!(found(&["tlsf", "check"], text), expected);
    }

    #[test]
    fn paths_in_macros_are_found() {
        let text = "fn f() { assert!(g(crate::stats::on())); }\n\
            macro_rules! m { () => { $crate::lock::take() } }";
        assert_eq!(found(&["x"], text), ["1 stats::on", "2 lock::take"]);
    }

    #[test]
    fn code_for_tests_and_visibilities_are_left_out() {
        let text = "#[cfg(test)] mod t { use crate::tlsf; }\n#[cfg(test)] use crate::pool;\n\
            pub(in crate::tlsf) fn f() {}";
        assert_eq!(found(&["x"], text), [""; 0]);
    }
}
