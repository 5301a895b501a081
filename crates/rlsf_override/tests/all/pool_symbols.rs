//! What the library exports of the pool API, and what the headers declare, are the same.

use crate::pool_toolchain::{products, read};
use object::{Object, ObjectSymbol};
use std::collections::BTreeSet;
use std::fs;

/// The names of the pool API in `text` that are called or declared there, without those in comments and types.
fn declared(header: &str) -> BTreeSet<String> {
    let mut code = String::new();
    for part in header.split("/*") {
        code.push_str(part.split_once("*/").map_or(part, |(_, rest)| rest));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let ends = code.match_indices('(').map(|(at, _)| &code[..at]);
    let names = ends.map(|before| &before[before.trim_end_matches(is_name).len()..]);
    names
        .filter(|name| is_of_pools(name))
        .map(str::to_owned)
        .collect()
}

fn is_of_pools(name: &str) -> bool {
    name.starts_with("rlsf_") || name.starts_with("tlsf_")
}

fn exported() -> BTreeSet<String> {
    let library = fs::read(products().join("librlsf_override.so")).unwrap();
    let file = object::File::parse(&*library).unwrap();
    let symbols = file.dynamic_symbols();
    let defined = symbols.filter(|symbol| !symbol.is_undefined());
    let names = defined.map(|symbol| symbol.name().unwrap().to_owned());
    names.filter(|name| is_of_pools(name)).collect()
}

#[test]
fn every_function_of_the_headers_is_exported_and_no_other() {
    let headers = ["include/rlsf.h", "include/tlsf.h"].map(|path| declared(&read(path)));
    assert_eq!(headers.each_ref().map(BTreeSet::len), [20, 20]);
    assert_eq!(exported(), headers.into_iter().flatten().collect());
}

#[test]
fn comments_and_types_declare_nothing() {
    let header = "/* rlsf_a(1) */ int rlsf_b(void); typedef int (*rlsf_c)(int);";
    assert_eq!(declared(header), BTreeSet::from(["rlsf_b".to_owned()]));
}
