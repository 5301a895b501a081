//! One adapter a heap, and the list of those that are compared.

mod buddy;
mod dlmalloc;
mod galloc;
mod linked_list;
#[cfg(feature = "o1heap")]
mod o1heap;
mod ours;
mod published;
mod talc;
mod touch;

use crate::contestant::Contestant;

/// The name of the published release that every ratio refers to.
pub const BASELINE: &str = "rlsf 0.2.3";

/// The heaps that every command compares, ours first.
pub static HEAPS: &[Contestant] = &[
    Contestant::of::<ours::Ours<false>>("rlsf"),
    Contestant::of::<ours::Ours<true>>("rlsf sized"),
    Contestant::of::<published::Tlsf28x32>(BASELINE),
    Contestant::of::<talc::Talc>("talc"),
    #[cfg(feature = "o1heap")]
    Contestant::of::<o1heap::O1>("o1heap"),
    Contestant::of::<dlmalloc::PoolDlmalloc>("dlmalloc"),
    Contestant::of::<galloc::Galloc>("galloc"),
    Contestant::of::<linked_list::LinkedList>("linked_list"),
    Contestant::of::<buddy::Buddy>("buddy"),
];

/// Other parameters of the published release, shown where a figure depends on them.
pub static PUBLISHED_VARIANTS: &[Contestant] = &[
    Contestant::of::<published::Tlsf12x16>("rlsf 0.2.3 12x16"),
    Contestant::of::<published::Tlsf16x32>("rlsf 0.2.3 16x32"),
    Contestant::of::<published::Tlsf20x8>("rlsf 0.2.3 20x8"),
    Contestant::of::<published::Tlsf52x64>("rlsf 0.2.3 52x64"),
];

/// The loop of the timed mixes with hardly anything in it: the floor under every time.
pub static TOUCH_ONLY: Contestant = Contestant::of::<touch::Touch>("touch only");
