//! Addresses as processes have them.

/// The bits of an address that the system gives without being asked for a higher one.
pub(crate) const BITS: u32 = if cfg!(target_arch = "aarch64") {
    48
} else {
    47
};

#[cfg(test)]
#[path = "tests/address.rs"]
mod tests;
