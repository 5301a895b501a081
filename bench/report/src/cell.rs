//! One figure of a table.

use core::fmt;

use serde::{Deserialize, Serialize};

/// One figure of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// A number and how many digits of its fraction are shown.
    Number(f64, usize),
    /// As `Number`, and the best of its row.
    Best(f64, usize),
    /// A middle and the most, where it differs.
    #[serde(rename = "counts")]
    MedianAndMost(u64, u64),
    /// What was measured did not pass its checks.
    Failed,
    /// No figure: not possible, or given up.
    Missing,
}

impl Cell {
    /// A count.
    #[must_use]
    pub const fn count(count: u64) -> Self {
        Self::MedianAndMost(count, count)
    }

    /// The figure by which rows are compared.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub const fn value(&self) -> Option<f64> {
        match *self {
            Self::Number(value, _) | Self::Best(value, _) => Some(value),
            Self::MedianAndMost(median, _) => Some(median as f64),
            Self::Failed | Self::Missing => None,
        }
    }

    /// The largest figure.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub const fn most(&self) -> Option<f64> {
        match *self {
            Self::MedianAndMost(_, most) => Some(most as f64),
            _ => self.value(),
        }
    }

    /// The cell without a mark.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        match *self {
            Self::Best(value, digits) => Self::Number(value, digits),
            _ => self.clone(),
        }
    }
}

impl From<Option<u64>> for Cell {
    fn from(count: Option<u64>) -> Self {
        count.map_or(Self::Missing, Self::count)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(value, digits) => write!(formatter, "{value:.digits$}"),
            Self::MedianAndMost(median, most) if median == most => write!(formatter, "{median}"),
            Self::MedianAndMost(median, most) => write!(formatter, "{median} ({most})"),
            Self::Best(value, digits) => write!(formatter, "{value:.digits$}*"),
            Self::Failed => formatter.write_str("fails"),
            Self::Missing => formatter.write_str("-"),
        }
    }
}
