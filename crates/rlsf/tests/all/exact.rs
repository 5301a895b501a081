//! Figures that must be just what they are, and not merely safe: each once survived a change of the code.

use crate::verbs::{word, LEAST, OVERHEAD};
use core::alloc::Layout;
use rlsf::{CAlloc, Demand, GlobalTlsf, Tlsf, GRANULARITY};

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

/// The most bytes from a granule's start to a multiple of `align`, none or a block's at least.
fn largest_gap(align: usize) -> usize {
    let gap = |start: usize| {
        let places = (start..).step_by(GRANULARITY);
        let mut gaps = places
            .filter(|place| place % align == 0)
            .map(|place| place - start);
        gaps.find(|&gap| gap == 0 || gap >= LEAST).unwrap()
    };
    (0..align).step_by(GRANULARITY).map(gap).max().unwrap()
}

/// What the proof in DESIGN.md adds up, a block at a time.
fn sufficient(demand: Demand) -> usize {
    let (size, align) = (demand.largest_request, demand.largest_align);
    let request = Heap::block_size(size);
    let need = request + largest_gap(align.max(GRANULARITY));
    let sure = Heap::sure_block_size(size, align);
    assert_eq!(sure, start_of_bin(need));
    let mut blocks = demand.live_bytes.saturating_sub(request) + GRANULARITY;
    for block in 0..demand.live_blocks {
        // Two of the free ones are looked at.
        let too_small = if block < 2 { need } else { sure };
        blocks += too_small - GRANULARITY;
        if block > 0 {
            blocks += LEAST - GRANULARITY;
        }
    }
    blocks + OVERHEAD + 2 * (GRANULARITY - 1)
}

#[test]
fn the_sufficient_pool_is_what_the_proof_adds_up() {
    for live_blocks in 0..6 {
        for live_bytes in [0, 40, 4000] {
            for largest_request in [0, 17, 100, 777] {
                for largest_align in [1, 8, 16, 32, 256] {
                    let demand = Demand {
                        live_bytes,
                        live_blocks,
                        largest_request,
                        largest_align,
                    };
                    let pool = Heap::checked_sufficient_pool_size(demand);
                    assert_eq!(pool, Some(sufficient(demand)), "{demand:?}");
                }
            }
        }
    }
}

#[test]
fn the_largest_sufficient_pool_has_a_block_of_the_largest_size() {
    let demand = |live_bytes| Demand {
        live_bytes,
        live_blocks: 0,
        largest_request: 16,
        largest_align: 8,
    };
    let others = sufficient(demand(0)) - GRANULARITY;
    let most = Heap::LARGEST_BLOCK - GRANULARITY + Heap::block_size(16);
    let pool = Heap::LARGEST_BLOCK + others;
    assert_eq!(Heap::checked_sufficient_pool_size(demand(most)), Some(pool));
    assert_eq!(Heap::checked_sufficient_pool_size(demand(most + 1)), None);
}

#[test]
#[cfg(feature = "stats")]
fn a_demand_is_kept_up_to_each_of_its_figures() {
    for align in [1, 8, 16, 64] {
        let demand = Demand {
            live_bytes: 1000,
            live_blocks: 3,
            largest_request: 100,
            largest_align: align,
        };
        // Blocks may be larger than they were asked for by what is too small for a block.
        let mut most = Heap::new().statistics();
        most.peak_live_blocks = 3;
        most.peak_used_bytes = 1000 + 3 * (LEAST - GRANULARITY);
        most.largest_request = if align > 8 {
            100 + largest_gap(align) + LEAST
        } else {
            100
        };
        assert!(demand.is_kept(&most));
        let mut figures = [most; 3];
        figures[0].peak_live_blocks += 1;
        figures[1].peak_used_bytes += 1;
        figures[2].largest_request += 1;
        assert!(!figures.iter().any(|figures| demand.is_kept(figures)));
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
