//! Figures that must be just what they are, and not merely safe: each once survived a change of the code.

use crate::verbs::word;
use core::alloc::Layout;
use rlsf::{CAlloc, GlobalTlsf, Tlsf};

type Heap = Tlsf<'static, u16, u16, 12, 16>;

/// The start of a bin: a multiple of a sixteenth of the power of two below, or of the granule.
fn start_of_bin(size: usize) -> usize {
    let below = usize::BITS - 1 - size.leading_zeros();
    let step = (1_usize << below.saturating_sub(4)).max(8);
    (size + step - 1) / step * step
}

#[test]
fn the_sure_block_is_the_least_that_starts_a_bin() {
    for size in 0..20_000 {
        let sure = Heap::sure_block_size(size, 1);
        assert_eq!(sure, start_of_bin(Heap::block_size(size)), "{size} bytes");
        assert_eq!(
            sure,
            Heap::sure_block_size(size, 8),
            "the granule is no gap"
        );
    }
}

#[cfg(target_pointer_width = "64")]
#[test]
fn the_largest_block_that_starts_a_bin_is_sure_to_serve() {
    assert_eq!(Tlsf::<u8, u8, 1, 8>::LARGEST_BLOCK, 56);
    assert_eq!(Tlsf::<u8, u8, 1, 8>::sure_block_size(48, 1), 56);
}

#[test]
#[should_panic(expected = "no block is sure to serve the request")]
fn no_block_is_sure_to_serve_what_needs_the_last_bins_end() {
    let _ = Heap::sure_block_size(Heap::LARGEST_BLOCK - 8, 1);
}

#[cfg(target_pointer_width = "64")]
#[test]
fn the_largest_block_ends_the_last_bin() {
    assert_eq!(Tlsf::<u8, u8, 8, 8>::LARGEST_BLOCK, (1 << 13) - 8);
    assert_eq!(Tlsf::<u16, u16, 12, 16>::LARGEST_BLOCK, (1 << 18) - 8);
    // Where the bins reach beyond what can be addressed.
    for largest in [
        Tlsf::<u64, u8, 58, 8>::LARGEST_BLOCK,
        Tlsf::<u64, u8, 59, 8>::LARGEST_BLOCK,
        Tlsf::<u64, u8, 64, 8>::LARGEST_BLOCK,
    ] {
        assert_eq!(largest, Tlsf::<u64, u8, 60, 8>::LARGEST_BLOCK);
        // A hardened heap's headers have 48 bits for a size.
        let reach = if cfg!(feature = "hardened") {
            1 << 48
        } else {
            1 << 63
        };
        assert!(largest > reach - 64 && largest < reach);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_damaged_global_heap_is_not_valid() {
    let heap: GlobalTlsf = GlobalTlsf::new();
    let block = CAlloc::allocate(&heap, Layout::new::<[u64; 4]>()).unwrap();
    assert_eq!(heap.validate(), Ok(()));
    let header = word(block, -1);
    // SAFETY: the word before a block.
    let before = unsafe { header.read() };
    // SAFETY: as above; nobody uses the heap meanwhile.
    unsafe { header.write(7) };
    assert!(heap.validate().is_err());
    // SAFETY: as above.
    unsafe { header.write(before) };
    assert_eq!(heap.validate(), Ok(()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_new_heap_has_is_what_it_has_taken() {
    let heap: GlobalTlsf = GlobalTlsf::new();
    for size in [100, 3 << 20, 9 << 20] {
        CAlloc::allocate(&heap, Layout::from_size_align(size, 8).unwrap()).unwrap();
        assert_eq!(heap.bytes_taken(), heap.source_bytes());
    }
    assert_eq!(heap.bytes_given_back(), 0);
}
