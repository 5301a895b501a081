//! One adapter a heap, and the list of those that are compared.

mod buddy;
mod dlmalloc;
#[cfg(feature = "embedded-alloc")]
mod embedded;
mod galloc;
mod linked_list;
#[cfg(feature = "o1heap")]
mod o1heap;
mod ours;
mod published;
mod talc;
mod touch;

use crate::contestant::Contestant;
use crate::versions::version;

/// The name of the published release that every ratio refers to.
pub const BASELINE: &str = "rlsf 0.2.3";

/// The heaps that every command compares, ours first.
pub static HEAPS: &[Contestant] = &[
    Contestant::of::<ours::Ours<false>>("rlsf"),
    Contestant::of::<ours::Ours<true>>("rlsf sized"),
    Contestant::of::<ours::Slabs>("rlsf slabs"),
    Contestant::of::<published::Tlsf28x32>(BASELINE),
    #[cfg(feature = "embedded-alloc")]
    Contestant::of::<embedded::TlsfHeap>("embedded-alloc"),
    Contestant::of::<talc::Talc>("talc"),
    #[cfg(feature = "o1heap")]
    Contestant::of::<o1heap::O1>("o1heap"),
    Contestant::of::<dlmalloc::PoolDlmalloc>("dlmalloc"),
    Contestant::of::<galloc::Galloc>("galloc"),
    Contestant::of::<linked_list::LinkedList>("linked_list"),
    Contestant::of::<buddy::Buddy>("buddy"),
];

/// Our heap as C has it, which joins where requests are those of C programs.
pub static OF_C: Contestant = Contestant::of::<ours::Strided>("rlsf stride 16");

/// The packages of the peers.
const PACKAGES: [(&str, &str); 8] = [
    (BASELINE, "rlsf"),
    ("embedded-alloc", "embedded-alloc"),
    ("talc", "talc"),
    ("o1heap", "o1heap"),
    ("dlmalloc", "dlmalloc"),
    ("galloc", "good_memory_allocator"),
    ("linked_list", "linked_list_allocator"),
    ("buddy", "buddy_system_allocator"),
];

/// The packages and versions of the peers among these heaps.
#[must_use]
pub fn versions(heaps: &[&Contestant]) -> Vec<String> {
    let is_used = |heap: &str| heaps.iter().any(|used| used.name == heap);
    let packages = PACKAGES.iter().filter(|(heap, _)| is_used(heap));
    let version = |(_, package): &(_, &str)| Some(format!("{package} {}", version(package)?));
    packages.filter_map(version).collect()
}

/// Other parameters of the published release, shown where a figure depends on them.
pub static PUBLISHED_VARIANTS: &[Contestant] = &[
    Contestant::of::<published::Tlsf12x16>("rlsf 0.2.3 12x16"),
    Contestant::of::<published::Tlsf16x32>("rlsf 0.2.3 16x32"),
    Contestant::of::<published::Tlsf20x8>("rlsf 0.2.3 20x8"),
    Contestant::of::<published::Tlsf52x64>("rlsf 0.2.3 52x64"),
];

/// The loop of the timed mixes with hardly anything in it: the floor under every time.
pub static TOUCH_ONLY: Contestant = Contestant::of::<touch::Touch>("touch only");
