//! Where a growing heap's pages come from: one file a platform.

pub(crate) mod linux;
