//! Where an incremental check of a hardened heap stands between two of its steps. Without
//! the feature `hardened` all of this is empty.

#[cfg(feature = "hardened")]
mod hardened;
#[cfg(not(feature = "hardened"))]
mod plain;

#[cfg(feature = "hardened")]
pub(crate) use hardened::{Cursor, Place};
#[cfg(not(feature = "hardened"))]
pub(crate) use plain::Cursor;
