//! Where the output goes: how wide it is, and what it can show.

use console::Term;
use std::env;

const DEFAULT_WIDTH: usize = 80;

/// The standard output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Columns of text.
    pub(crate) width: usize,
    /// Whether only ASCII characters are to be used.
    pub(crate) is_ascii: bool,
    /// Whether colours are to be used.
    pub(crate) is_coloured: bool,
}

impl Screen {
    /// Looks at the terminal and the environment.
    pub(crate) fn detect(wants_ascii: bool) -> Self {
        let terminal = Term::stdout();
        let width = terminal.size_checked().map(|(_, columns)| columns.into());
        Self {
            width: width.unwrap_or(DEFAULT_WIDTH),
            is_ascii: wants_ascii || !locale_is_utf8(),
            is_coloured: terminal.is_term() && console::colors_enabled(),
        }
    }

    /// The text for this screen: other characters for those that it cannot show.
    pub(crate) fn fit(&self, text: &str) -> String {
        if self.is_ascii {
            text.replace('µ', "u")
        } else {
            text.to_owned()
        }
    }
}

/// Whether the locale of characters is one of UTF-8: the first of these
/// variables that has a value decides.
fn locale_is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|variable| env::var(variable).ok())
        .find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
