//! A `use` item, flattened: one leaf a name that it brings into scope.

use proc_macro2::Span;
use syn::UseTree;

/// One name of a `use` item.
pub(super) struct Leaf {
    /// The name in scope; `*` for all.
    pub(super) name: String,
    /// The path as written.
    pub(super) path: Vec<String>,
    /// Where the leaf stands.
    pub(super) span: Span,
}

/// The leaves of `tree`, in order.
pub(super) fn leaves(tree: &UseTree) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    gather(&[], tree, &mut leaves);
    leaves
}

/// Adds the leaves of `tree`, which stands below `prefix`.
fn gather(prefix: &[String], tree: &UseTree, leaves: &mut Vec<Leaf>) {
    let (last, name, span) = match tree {
        UseTree::Path(it) => {
            return gather(&join(prefix, &it.ident.to_string()), &it.tree, leaves);
        }
        UseTree::Group(it) => {
            return it.items.iter().for_each(|it| gather(prefix, it, leaves));
        }
        UseTree::Name(it) => (it.ident.to_string(), it.ident.to_string(), it.ident.span()),
        UseTree::Rename(it) => (it.ident.to_string(), it.rename.to_string(), it.ident.span()),
        UseTree::Glob(it) => ("*".to_owned(), "*".to_owned(), it.star_token.spans[0]),
    };
    let leaf = match prefix.last() {
        Some(module) if last == "self" => {
            let name = if name == last { module.clone() } else { name };
            let path = prefix.to_vec();
            Leaf { name, path, span }
        }
        _ => Leaf {
            name,
            path: join(prefix, &last),
            span,
        },
    };
    leaves.push(leaf);
}

/// `prefix` and then `name`.
fn join(prefix: &[String], name: &str) -> Vec<String> {
    [prefix, &[name.to_owned()]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_self_renames_and_globs_become_leaves() {
        let item: syn::ItemUse =
            syn::parse_str("use a::{b::{self, C as D}, e::{self as f}, g::*};").unwrap();
        let leaves = leaves(&item.tree);
        let leaves = leaves
            .iter()
            .map(|it| (it.name.as_str(), it.path.join("::")));
        let expected = [
            ("b", "a::b"),
            ("D", "a::b::C"),
            ("f", "a::e"),
            ("*", "a::g::*"),
        ];
        assert!(leaves.eq(expected.map(|(name, path)| (name, path.to_owned()))));
    }
}
