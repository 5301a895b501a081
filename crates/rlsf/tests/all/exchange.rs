//! Freeing and allocating in one operation: as one after the other.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{heap_over, layout, take};
use core::alloc::Layout;
use core::ptr::NonNull;
use fastrand::Rng;
use rlsf::int::BinInteger;
use rlsf::{Misuse, Tlsf};
use rlsf_testkit::Arena;

for_every_parameter_set!(
    an_exchange_is_a_deallocation_and_an_allocation,
    an_exchange_that_fails_has_freed,
);

const POOL: usize = 5000;

/// Used bytes, live blocks, their peaks, failed requests, and the largest one.
type Figures = [usize; 6];

#[cfg(feature = "stats")]
fn figures<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>,
) -> Figures {
    let told = heap.statistics();
    [
        told.used_bytes,
        told.live_blocks,
        told.peak_used_bytes,
        told.peak_live_blocks,
        told.failed_requests,
        told.largest_request,
    ]
}

#[cfg(not(feature = "stats"))]
fn figures<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    _heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>,
) -> Figures {
    Figures::default()
}

/// A heap in an arena, and the live blocks by their offsets.
struct Twin<'pool, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize> {
    heap: Tlsf<'pool, FL, SL, FLLEN, SLLEN>,
    start: usize,
    live: Vec<NonNull<u8>>,
}

/// What can be told of a heap: its blocks' places and sizes, whether they are in use, and its figures.
type Told = (Vec<(usize, usize, bool)>, Figures);

impl<'pool, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Twin<'pool, FL, SL, FLLEN, SLLEN>
{
    fn new(arena: &'pool Arena) -> Self {
        Self {
            heap: heap_over(arena),
            start: arena.address(),
            live: Vec::new(),
        }
    }

    /// Puts a block that may be there to the live ones; its offset.
    fn keep(&mut self, block: Option<NonNull<u8>>) -> Option<usize> {
        self.live.extend(block);
        block.map(|block| block.as_ptr() as usize - self.start)
    }

    fn told(&self) -> Told {
        assert_eq!(self.heap.validate(), Ok(()));
        let blocks = self.heap.blocks();
        let told = blocks.map(|block| {
            let place = block.as_ptr().as_ptr().cast::<u8>() as usize - self.start;
            (place, block.size(), block.is_occupied())
        });
        (told.collect(), figures(&self.heap))
    }
}

/// A layout of up to a third of the pool, or of more than there is.
fn any(rng: &mut Rng) -> Layout {
    let size = match rng.u32(..20) {
        0 => rng.usize(..2 * POOL),
        1 => usize::MAX >> 2,
        _ => {
            let most = 1 << rng.u32(1..11);
            rng.usize(..most)
        }
    };
    layout(size, 1 << rng.u32(..8))
}

fn an_exchange_is_a_deallocation_and_an_allocation<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let arenas = [Arena::new(POOL, 0), Arena::new(POOL, 0)];
    let mut rng = Rng::with_seed(11);
    let mut one = Twin::<FL, SL, FLLEN, SLLEN>::new(&arenas[0]);
    let mut other = Twin::<FL, SL, FLLEN, SLLEN>::new(&arenas[1]);
    let mut served = 0;
    for _ in 0..2000 {
        let layout = any(&mut rng);
        if one.live.is_empty() || rng.u32(..3) == 0 {
            let block = one.heap.allocate(layout);
            let again = other.heap.allocate(layout);
            assert_eq!(one.keep(block), other.keep(again));
            continue;
        }
        let index = rng.usize(..one.live.len());
        let (old, same) = (one.live.swap_remove(index), other.live.swap_remove(index));
        // SAFETY: a live block.
        let block = unsafe { one.heap.exchange(old, layout) };
        // SAFETY: its twin.
        unsafe { other.heap.deallocate_examined(same) };
        let again = other.heap.allocate(layout);
        served += usize::from(block.is_some());
        assert_eq!(one.keep(block), other.keep(again), "{layout:?}");
        assert_eq!(one.told(), other.told());
    }
    assert!(served > 100, "{}", served);
}

fn an_exchange_that_fails_has_freed<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let arena = Arena::new(POOL, 0);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let before = figures(&heap);
    for (size, align) in [(POOL, 1), (usize::MAX >> 2, 1), (1, 1 << 15)] {
        let block = take(&mut heap, 8);
        // SAFETY: a live block.
        assert!(unsafe { heap.exchange(block, layout(size, align)) }.is_none());
        assert_eq!(heap.validate(), Ok(()));
        assert!(heap.blocks().all(|block| !block.is_occupied()));
    }
    let [used, live, _, _, failed, _] = figures(&heap);
    assert_eq!([used, live], before[..2]);
    assert!(!cfg!(feature = "stats") || failed == before[4] + 3);
}

#[test]
fn what_an_exchange_has_freed_is_known_to_be_free() {
    let arena = Arena::new(POOL, 0);
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    let pool = heap.pools().next().unwrap().as_ptr();
    let [first, second, third] = [(); 3].map(|()| take(&mut heap, 100));
    for block in [first, second, third] {
        // The second one and the third are swallowed by the free block before.
        // SAFETY: a live block.
        assert!(unsafe { heap.exchange(block, layout(1000, 1)) }.is_some());
        // SAFETY: the pool's only bytes are the heap's.
        assert_eq!(unsafe { heap.examine(block, 8, pool) }, Err(Misuse::Free));
    }
}
