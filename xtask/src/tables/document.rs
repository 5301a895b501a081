//! The places for tables in a document: between two comments.

/// The comment behind every table.
const END: &str = "<!-- end -->";

/// The document with the text of the table `name` replaced, or nothing if it has no place for it.
pub(super) fn replace(document: &str, name: &str, table: &str) -> Option<String> {
    let begin = format!("<!-- table: {name} -->\n");
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{begin}{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_comments_is_replaced() {
        let text =
            "a\n<!-- table: one -->\nold\n<!-- end -->\nb\n<!-- table: two -->\n<!-- end -->\n";
        let replaced = replace(text, "one", "new\n").unwrap();
        assert_eq!(replaced, text.replace("old", "new"));
        assert_eq!(replace(&replaced, "one", "new\n"), Some(replaced.clone()));
    }

    #[test]
    fn a_document_without_the_place_has_none() {
        assert_eq!(replace("text", "one", "new\n"), None);
        assert_eq!(replace("<!-- table: one -->\n", "one", "new\n"), None);
    }
}
