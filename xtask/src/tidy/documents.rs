//! The documents: all there, their relative links resolve, and the map of the sources is complete.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{
    tree::{extension, Tree},
    Finding, ARCHITECTURE, SOURCES,
};

/// What a reader may expect at the root.
const EXPECTED: [&str; 4] = ["README.md", ARCHITECTURE, "DESIGN.md", "CHANGELOG.md"];

/// Checks the expected documents.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in EXPECTED {
        match tree.text(name) {
            Some(text) => findings.extend(broken_links(tree, name, text)),
            None => findings.push(Finding::new(name, 1, "the document is missing")),
        }
    }
    if let Some(map) = tree.text(ARCHITECTURE) {
        findings.extend(unnamed_sources(tree, map));
    }
    findings
}

/// Links of the document `name` that lead nowhere.
fn broken_links(tree: &Tree, name: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
            if !is_absolute(&dest_url) && !resolves(tree, name, &dest_url) {
                let line = text[..range.start].matches('\n').count() + 1;
                let what = format!("the link `{dest_url}` leads nowhere");
                findings.push(Finding::new(name, line, what));
            }
        }
    }
    findings
}

/// Whether `link` has a scheme, as in `https:` or `mailto:`.
fn is_absolute(link: &str) -> bool {
    link.split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Whether the relative `link` of the root document `name` leads to a path and, there, to a heading.
fn resolves(tree: &Tree, name: &str, link: &str) -> bool {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let path = if path.is_empty() && link.starts_with('#') {
        name
    } else {
        path
    };
    let has_heading = || {
        tree.text(path)
            .is_some_and(|text| slugs(text).any(|slug| slug == heading))
    };
    tree.contains(path) && (heading.is_empty() || extension(path) != "md" || has_heading())
}

/// The anchors of the headings of `text`, as hosts of Markdown form them.
fn slugs(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut heading: Option<String> = None;
    Parser::new(text).filter_map(move |event| {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(title) = heading.as_mut() {
                    title.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => return heading.take().map(|title| slug(&title)),
            _ => {}
        }
        None
    })
}

/// The anchor of one heading.
fn slug(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Source files that the map does not name.
fn unnamed_sources(tree: &Tree, map: &str) -> Vec<Finding> {
    tree.rust_files_in(SOURCES)
        .filter(|(file, _)| !names(map, file))
        .map(|(file, _)| {
            let what = format!("`{file}` is not named in {ARCHITECTURE}");
            Finding::new(&format!("{SOURCES}/{file}"), 1, what)
        })
        .collect()
}

/// Whether `map` names `file`, alone or below `src/`.
fn names(map: &str, file: &str) -> bool {
    map.match_indices(file).any(|(at, _)| {
        let before = &map[..at];
        let in_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
        before.ends_with("src/") || !before.ends_with(in_path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(readme: &str, architecture: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("README.md", readme),
            (ARCHITECTURE, architecture),
            ("DESIGN.md", "# Why\n## One word, `one` header!\n"),
            ("CHANGELOG.md", ""),
            ("crates/rlsf/src/bin.rs", ""),
            ("crates/rlsf/src/source/unix.rs", ""),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    const MAP: &str = "src/bin.rs and `source/unix.rs`";

    #[test]
    fn a_missing_document_is_found() {
        let findings = check(&Tree::of(&[("README.md", "")]));
        assert_eq!(findings.len(), EXPECTED.len() - 1);
    }

    #[test]
    fn a_broken_link_is_found_at_its_line() {
        let readme = "See\n[this](DESIGN.md) and\n[that](docs/none.md).\n";
        let expected = ["README.md:3: the link `docs/none.md` leads nowhere"];
        assert_eq!(found(readme, MAP), expected);
    }

    #[test]
    fn links_to_directories_headings_and_other_hosts_resolve() {
        let readme = "# A b\n[a](crates/rlsf/) [b](#a-b) [c](./DESIGN.md#one-word-one-header)\n\
            [d](https://example.org/x) [e](crates/rlsf/src/bin.rs#L1)\n";
        assert_eq!(found(readme, MAP), [""; 0]);
    }

    #[test]
    fn a_link_to_no_heading_is_found() {
        assert_eq!(found("[a](DESIGN.md#how) [b](#none)", MAP).len(), 2);
    }

    #[test]
    fn a_source_that_the_map_does_not_name_is_found() {
        let expected = ["crates/rlsf/src/source/unix.rs:1: \
            `source/unix.rs` is not named in ARCHITECTURE.md"];
        assert_eq!(found("", "`bin.rs`"), expected);
        assert_eq!(found("", "robin.rs, other/source/unix.rs").len(), 2);
    }
}
