//! What a heap tells of itself.

/// Bytes, unless a name says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::malloc) struct Figures {
    pub(in crate::malloc) live_blocks: usize,
    /// What programs may use of the blocks in use.
    pub(in crate::malloc) live_bytes: usize,
    pub(in crate::malloc) peak_bytes: usize,
    pub(in crate::malloc) free_bytes: usize,
    /// What the heap has from the system now.
    pub(in crate::malloc) pool_bytes: usize,
    /// The largest request that needs no more pages.
    pub(in crate::malloc) largest_free: usize,
    pub(in crate::malloc) taken_bytes: usize,
    pub(in crate::malloc) given_back_bytes: usize,
}
