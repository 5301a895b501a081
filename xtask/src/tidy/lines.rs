//! What a single line shows: leftovers, commented-out code, trailing blanks; and the length of a file.

use super::{
    tree::{extension, Tree},
    Finding,
};

/// The most lines that a Rust file outside of `tests` may have.
const MOST_LINES: usize = 400;

/// Words that say the work is not done. They are put together so that this file does not hold them.
const LEFTOVERS: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!"),
    concat!("unimplemented", "!"),
    concat!("d", "bg!"),
];

/// Checks every line of every text.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        let is_rust = extension(path) == "rs";
        if is_rust && !path.split('/').any(|part| part == "tests") {
            findings.extend(too_long(path, text));
        }
        for (index, line) in text.lines().enumerate() {
            let faults = faults(line, is_rust);
            findings.extend(faults.map(|what| Finding::new(path, index + 1, what)));
        }
    }
    findings
}

/// The finding that `text` has too many lines.
fn too_long(path: &str, text: &str) -> Option<Finding> {
    let count = text.lines().count();
    let what = format!("{count} lines, more than {MOST_LINES}: split the file");
    (count > MOST_LINES).then(|| Finding::new(path, MOST_LINES + 1, what))
}

/// What is wrong with `line`.
fn faults(line: &str, is_rust: bool) -> impl Iterator<Item = String> {
    let blank = line.ends_with([' ', '\t']);
    let blank = blank.then(|| "trailing blank".to_owned());
    let commented = is_rust && is_commented_out(line);
    let commented = commented.then(|| "commented-out code".to_owned());
    let leftover = LEFTOVERS.iter().find(|word| is_rust && holds(line, word));
    let leftover = leftover.map(|word| format!("leftover `{word}`"));
    blank.into_iter().chain(commented).chain(leftover)
}

/// Whether `line` is an ordinary comment that ends like a statement.
fn is_commented_out(line: &str) -> bool {
    line.trim_start().strip_prefix("//").is_some_and(|comment| {
        !comment.starts_with(['/', '!']) && comment.trim_end().ends_with([';', '{'])
    })
}

/// Whether `word` stands in `line` by itself.
fn holds(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(in_word) && !line[at + word.len()..].starts_with(in_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let findings = check(&Tree::of(&[(path, text)]));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_leftover_is_found_at_its_line() {
        for word in LEFTOVERS {
            let text = format!("fn f() {{\n    {word}();\n}}\n");
            assert_eq!(found("a.rs", &text), [format!("a.rs:2: leftover `{word}`")]);
        }
    }

    #[test]
    fn a_longer_word_is_no_leftover() {
        let text = format!("let {}_LIST = my{};", LEFTOVERS[0], LEFTOVERS[4]);
        assert_eq!(found("a.rs", &text), [""; 0]);
    }

    #[test]
    fn commented_out_statements_and_openings_are_found() {
        assert_eq!(
            found("a.rs", "// let x = 1;"),
            ["a.rs:1: commented-out code"]
        );
        assert_eq!(found("a.rs", "  // if x {"), ["a.rs:1: commented-out code"]);
    }

    #[test]
    fn doc_examples_and_sentences_are_no_commented_out_code() {
        let text = "//! let x = 1;\n/// if x {\n// A reason.\nlet s = \"//\";\n";
        assert_eq!(found("a.rs", text), [""; 0]);
    }

    #[test]
    fn a_trailing_blank_is_found_in_any_text() {
        assert_eq!(found("a.md", "one\ntwo \n"), ["a.md:2: trailing blank"]);
        assert_eq!(found(".ci/run", "one\t\n"), [".ci/run:1: trailing blank"]);
    }

    #[test]
    fn only_a_rust_file_outside_of_tests_may_not_grow_beyond_the_limit() {
        let text = "\n".repeat(MOST_LINES + 1);
        assert_eq!(found("src/a.rs", &text).len(), 1);
        assert_eq!(found("src/a.rs", &text[1..]), [""; 0]);
        assert_eq!(found("x/tests/all/a.rs", &text), [""; 0]);
        assert_eq!(found("a.md", &text), [""; 0]);
    }
}
