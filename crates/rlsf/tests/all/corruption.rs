//! A heap whose memory was written to from outside: `validate` says what is
//! wrong.

use crate::verbs::{free, heap_over, take, word, words, LEAST, OVERHEAD, WORD};
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use rlsf::{Tlsf, Violation, GRANULARITY};
use rlsf_testkit::Arena;

/// Without a byte of padding: what is overwritten in it is always a field.
pub(crate) type Heap<'pool> = Tlsf<'pool, usize, usize, 12, 16>;

/// What a link back to a block has beyond its address: where the least block is three words, its lowest bit tells
/// it from a boundary tag.
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
const LINK: usize = if cfg!(target_pointer_width = "64") {
    1
} else {
    0
};

/// The flags of a header: the block is in use, the one before it is free.
const USED: usize = 1;
const PREV_FREE: usize = 2;

/// A block of 40 bytes of payload, and its boundary tag's place among its words.
pub(crate) const SIZE: usize = 48;
pub(crate) const TAG: isize = words(SIZE) - 2;

/// `[ a: 24 ][ b: free 48 ][ c: 24 ][ d: free 48 ][ e: 48 ][ rest: free ]`, where
/// `d` leads the list of its bin and `b` follows.
pub(crate) struct Scene<'arena> {
    pub(crate) heap: Heap<'arena>,
    pub(crate) a: NonNull<u8>,
    pub(crate) b: NonNull<u8>,
    pub(crate) c: NonNull<u8>,
    pub(crate) d: NonNull<u8>,
    pub(crate) e: NonNull<u8>,
}

#[allow(clippy::many_single_char_names)] // as in the picture
impl<'arena> Scene<'arena> {
    pub(crate) fn new(arena: &'arena Arena) -> Self {
        let mut heap: Heap<'arena> = heap_over(arena);
        let [a, b, c, d, e] = [16, 40, 16, 40, 40].map(|size| take(&mut heap, size));
        free(&mut heap, b);
        free(&mut heap, d);
        Self {
            heap,
            a,
            b,
            c,
            d,
            e,
        }
    }

    /// What `validate` says while a word of a block has another value; word 0 is
    /// the first of the payload.
    fn verdict(&self, block: NonNull<u8>, index: isize, value: usize) -> Result<(), Violation> {
        let place = word(block, index);
        // SAFETY: a word of the pool.
        let kept = unsafe { place.replace(value) };
        let verdict = self.heap.validate();
        // SAFETY: as above.
        unsafe { place.write(kept) };
        assert_eq!(self.heap.validate(), Ok(()));
        verdict
    }

    #[cfg(not(feature = "hardened"))]
    fn header(&self, block: NonNull<u8>, value: usize) -> Result<(), Violation> {
        self.verdict(block, -1, value)
    }
}

fn address(block: NonNull<u8>) -> usize {
    block.as_ptr() as usize
}

pub(crate) fn arena() -> Arena {
    Arena::new(480 + OVERHEAD, 0)
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn an_impossible_size_is_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    for block in [scene.a, scene.e] {
        let flags = if block == scene.a {
            USED
        } else {
            USED | PREV_FREE
        };
        let found = Err(Violation::Size {
            address: address(block),
        });
        for bytes in [0, 8, LEAST - 8, 488, 1 << 20, usize::MAX - 7, 24 + 4] {
            assert_eq!(scene.header(block, bytes | flags), found, "{bytes:#x}");
        }
    }
    let found = Err(Violation::Size {
        address: address(scene.b),
    });
    assert_eq!(scene.header(scene.b, 1 << 16), found);
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_wrong_flag_of_the_previous_block_is_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    for (block, header) in [
        (scene.a, 24 + USED + PREV_FREE),
        (scene.c, 24 + USED),
        (scene.b, SIZE | PREV_FREE),
    ] {
        let found = Err(Violation::PrevFlag {
            address: address(block),
        });
        assert_eq!(scene.header(block, header), found);
    }
    let behind = Err(Violation::PrevFlag {
        address: address(scene.c),
    });
    assert_eq!(
        scene.header(scene.b, SIZE | USED),
        behind,
        "b is not free, says its header"
    );
}

#[test]
fn a_wrong_boundary_tag_is_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    for tag in [0, SIZE - 8, SIZE + 8, SIZE << 1, usize::MAX - 7] {
        let found = Err(Violation::Tag {
            address: address(scene.b),
        });
        assert_eq!(scene.verdict(scene.b, TAG, tag), found);
    }
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn two_free_neighbours_are_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    let found = Err(Violation::FreeNeighbours {
        address: address(scene.c),
    });
    assert_eq!(scene.header(scene.c, 24), found);
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_broken_list_is_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    let list = |block| Err(Violation::List { address: block });
    let [b, d] = [scene.b, scene.d].map(address);
    assert_eq!(scene.verdict(scene.d, 0, 0), list(b), "nothing leads to b");
    for wild in [
        8,
        b + 4,
        usize::MAX - 7,
        address(scene.a),
        d,
        arena.address() + arena.len(),
    ] {
        assert_eq!(
            scene.verdict(scene.b, 0, wild),
            list(wild),
            "b leads to {wild:#x}"
        );
        if wild != d {
            assert_eq!(
                scene.verdict(scene.b, 1, wild + LINK),
                list(b),
                "b follows {wild:#x}"
            );
        }
    }
    // The numbers of 12 x 16 bins begin at 48; 48 + 6 is the right one.
    for bin in [0, 47, 48, 53, 55, 48 + 12 * 16, usize::MAX / 8] {
        assert_eq!(
            scene.verdict(scene.d, 1, bin * 8 + 3),
            list(d),
            "d leads bin {bin}"
        );
    }
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_link_out_of_the_pools_is_not_followed() {
    let arena = Arena::new(480 + OVERHEAD + 160, 0);
    let mut heap = Heap::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.region(0, 480 + OVERHEAD)) }.unwrap();
    let [b, _a] = [40, 40].map(|size| take(&mut heap, size));
    free(&mut heap, b);
    // A free block that is all right, but in nobody's pool.
    let forged = arena.region(480 + OVERHEAD + 80, 0).cast::<u8>();
    for (index, value) in [(-1, SIZE), (0, 0), (1, address(b) + LINK)] {
        // SAFETY: within the arena.
        unsafe { word(forged, index).write(value) };
    }
    // SAFETY: within the arena.
    unsafe { word(b, 0).write(address(forged)) };
    let found = Violation::List {
        address: address(forged),
    };
    assert_eq!(heap.validate(), Err(found));
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_free_block_that_only_seems_to_be_listed_is_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    // A word of a live payload passes for a list member that leads to `b`.
    // SAFETY: the payload of a live block.
    unsafe { word(scene.e, 0).write(address(scene.b)) };
    let links = [(scene.b, 1, address(scene.e) + LINK), (scene.d, 0, 0)];
    for (block, index, value) in links {
        // SAFETY: a link of a free block.
        unsafe { word(block, index).write(value) };
    }
    assert_eq!(scene.heap.validate(), Err(Violation::Sums));
}

/// The list leads from `d` through `e`, which is in use and has words as a free block has, to `b`.
#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_block_in_use_in_a_list_is_found() {
    let arena = arena();
    let Scene { heap, b, d, e, .. } = Scene::new(&arena);
    let [to_b, to_d, to_e] = [b, d, e].map(address);
    for (block, index, value) in [
        (d, 0, to_e),
        (e, 0, to_b),
        (e, 1, to_d + LINK),
        (b, 1, to_e + LINK),
    ] {
        // SAFETY: a word of a payload, used or free.
        unsafe { word(block, index).write(value) };
    }
    let found = Violation::List { address: to_e };
    assert_eq!(heap.validate(), Err(found));
}

/// `d` leads to `b`, and so does a word of a live payload, which is where `b` leads back to.
#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_free_block_that_leads_back_to_another_place_is_found() {
    let arena = arena();
    let Scene { heap, b, e, .. } = Scene::new(&arena);
    for (block, index, value) in [(e, 0, address(b)), (b, 1, address(e) + LINK)] {
        // SAFETY: a word of a payload, used or free.
        unsafe { word(block, index).write(value) };
    }
    let address = address(b);
    assert_eq!(heap.validate(), Err(Violation::List { address }));
}

/// What lies within the payload of `e` has the header of a free block that no heap has.
#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_list_member_of_an_impossible_size_is_found() {
    let arena = arena();
    let Scene { heap, b, d, e, .. } = Scene::new(&arena);
    let (to_b, address) = (address(b), address(e) + 16);
    for (block, index, value) in [
        (d, 0, address),
        (e, words(16), to_b),
        (b, 1, address + LINK),
    ] {
        // SAFETY: a word of a payload, used or free.
        unsafe { word(block, index).write(value) };
    }
    for size in [0, 8, LEAST - 8, Heap::LARGEST_BLOCK + 8, usize::MAX - 7] {
        // SAFETY: the payload of a live block.
        unsafe { word(e, words(16) - 1).write(size) };
        assert_eq!(heap.validate(), Err(Violation::List { address }));
    }
}

#[test]
fn a_violation_says_what_is_wrong_and_where() {
    let address = 0x1230;
    for violation in [
        Violation::PoolList { address },
        Violation::Size { address },
        Violation::PrevFlag { address },
        Violation::Tag { address },
        Violation::FreeNeighbours { address },
        Violation::Seal { address },
        Violation::Slack { address },
        Violation::List { address },
        Violation::Slab { address },
    ] {
        let told = violation.to_string();
        assert!(told.contains("0x1230") && told.len() > 20, "{told}");
    }
    assert!(Violation::Bitmap { bin: 77 }.to_string().contains("bin 77"));
    assert!(Violation::Sums.to_string().contains("differ"));
    assert!(Violation::Statistics.to_string().contains("differ"));
}

/// What stands behind the end is the address of the pool's first block, as if it led there.
#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
fn a_free_block_to_which_only_the_end_of_its_pool_leads_is_found() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let [first, _wall, other, _rest] = [40; 4].map(|size| take(&mut heap, size));
    free(&mut heap, first);
    free(&mut heap, other);
    let end = address(first) + 480;
    for (block, index, value) in [(first, 1, end + LINK), (other, 0, 0)] {
        // SAFETY: a link of a free block.
        unsafe { word(block, index).write(value) };
    }
    let address = address(first);
    assert_eq!(heap.validate(), Err(Violation::List { address }));
}

#[test]
fn a_broken_list_of_pools_is_found() {
    let arena = Arena::new(2 * (480 + OVERHEAD), 0);
    let mut heap = Heap::new();
    // The footer's words: the first block, the next pool, the previous one.
    let mut footers = [0, 1].map(|pool| {
        let start = pool * (480 + OVERHEAD);
        // SAFETY: the arena outlives the heap.
        unsafe { heap.insert_free_block_ptr(arena.region(start, 480 + OVERHEAD)) }.unwrap();
        arena.region(start + GRANULARITY + 480, LEAST).cast::<u8>()
    });
    footers.reverse();
    for (place, footer) in footers.into_iter().enumerate() {
        let prev = word(footer, 2);
        // SAFETY: a word of the footer.
        let kept = unsafe { prev.replace(arena.address() + 8 * place) };
        let address = address(footer);
        assert_eq!(heap.validate(), Err(Violation::PoolList { address }));
        // SAFETY: as above.
        unsafe { prev.write(kept) };
    }
    // A link to nowhere, and a pool that follows itself.
    for (index, wild) in [(0, 0x4141_4140), (1, 0x4141_4140), (2, 1), (3, 0)] {
        let place = word(footers[0], index);
        // SAFETY: a word of the footer.
        let kept = unsafe { place.replace(wild) };
        let address = address(footers[0]);
        assert_eq!(heap.validate(), Err(Violation::PoolList { address }));
        // SAFETY: as above.
        unsafe { place.write(kept) };
    }
    // SAFETY: a word of the footer.
    unsafe { word(footers[0], 1).write(address(footers[0])) };
    assert!(matches!(heap.validate(), Err(Violation::PoolList { .. })));
}

/// The newest pool's block comes after the oldest's in its list, so the oldest is looked
/// for while the newest is walked; the link to it is broken.
#[test]
fn a_pool_is_not_looked_for_by_a_broken_link() {
    let arena = Arena::new(3 * (480 + OVERHEAD), 0);
    let mut heap = Heap::new();
    let pool = |number| arena.region(number * (480 + OVERHEAD), 480 + OVERHEAD);
    let blocks = [0, 1, 2].map(|number| {
        // SAFETY: the arena outlives the heap.
        unsafe { heap.insert_free_block_ptr(pool(number)) }.unwrap();
        take(&mut heap, 480 - WORD)
    });
    for block in [blocks[2], blocks[0]] {
        free(&mut heap, block);
    }
    assert_eq!(heap.validate(), Ok(()));
    let next_of_the_second = word(blocks[1], words(480) + 1);
    for bit in 0..usize::BITS {
        // SAFETY: a word of the footer.
        let kept = unsafe { next_of_the_second.read() };
        // SAFETY: as above.
        unsafe { next_of_the_second.write(kept ^ (1_usize << bit)) };
        let address = address(blocks[1]) + 480;
        assert_eq!(heap.validate(), Err(Violation::PoolList { address }));
        // SAFETY: as above.
        unsafe { next_of_the_second.write(kept) };
    }
}

#[test]
fn the_same_bit_flipped_in_two_words_of_a_pools_end_is_found() {
    let arena = arena();
    let heap: Heap<'_> = heap_over(&arena);
    let footer = arena.region(GRANULARITY + 480, LEAST).cast::<u8>();
    let flip = |pair: [isize; 2], bit| {
        for index in pair {
            // SAFETY: a word of the footer.
            let kept = unsafe { word(footer, index).read() };
            // SAFETY: as above.
            unsafe { word(footer, index).write(kept ^ (1_usize << bit)) };
        }
    };
    for pair in [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] {
        for bit in 0..usize::BITS {
            flip(pair, bit);
            let found = heap.validate();
            flip(pair, bit);
            let address = address(footer);
            assert_eq!(found, Err(Violation::PoolList { address }));
        }
    }
}

#[test]
fn an_overrun_past_the_last_block_of_a_pool_is_found() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let block = take(&mut heap, 480 - WORD);
    for index in 0..words(OVERHEAD) - 1 {
        // SAFETY: past the payload, but within the arena.
        unsafe { word(block, words(480) - 1 + index).write(0x4141_4141) };
        let address = address(block) + 480;
        assert_eq!(heap.validate(), Err(Violation::PoolList { address }));
    }
}

#[test]
#[cfg(not(feature = "hardened"))] // sealed or hidden words differ
#[cfg(feature = "stats")]
fn blocks_that_nobody_counted_are_found() {
    let arena = arena();
    let scene = Scene::new(&arena);
    // `[ e: 48 ] => [ e: 24 ][ 24 ]`, both in use.
    // SAFETY: the payload of a live block.
    unsafe { word(scene.e, words(24) - 1).write(24 + USED) };
    assert_eq!(
        scene.header(scene.e, 24 + USED + PREV_FREE),
        Err(Violation::Statistics)
    );
}

/// Every word of the heap itself: bitmaps, heads of lists, the link to the pools and
/// its check, and counters.
#[test]
fn a_heap_whose_own_words_are_overwritten_is_found_out() {
    let arena = arena();
    let scene = Scene::new(&arena);
    let (mut unseen, mut bitmaps, mut lists, mut pools, mut counters) = (0, 0, 0, 0, 0);
    for place in 0..size_of::<Heap<'_>>() / WORD {
        let mut copy = MaybeUninit::uninit();
        // SAFETY: a heap is plain data; only one of the two is written to.
        copy.write(unsafe { ptr::read(&raw const scene.heap) });
        let word = copy.as_mut_ptr().cast::<usize>().wrapping_add(place);
        // SAFETY: the heap consists of words.
        let was = unsafe { word.read() };
        // SAFETY: as above.
        unsafe { word.write(was ^ 1 << 20) };
        // SAFETY: any bits are a heap's as far as types go.
        match unsafe { copy.assume_init_ref() }.validate() {
            Ok(()) => unseen += 1,
            Err(Violation::Bitmap { .. }) => bitmaps += 1,
            Err(Violation::List { .. }) => lists += 1,
            Err(Violation::PoolList { .. }) => pools += 1,
            Err(Violation::Statistics) => counters += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(bitmaps >= 12 * 16 + 12 - 2, "all heads but two are empty");
    // Of a hardened heap's key the secret shows in the first seal; the addresses are compared
    // with what comes from outside only. Nor does it matter where a check in slices stands.
    let (secret, others) = if cfg!(feature = "hardened") {
        (1, 2 + 3)
    } else {
        (0, 0)
    };
    assert_eq!((lists, pools), (2, 2 + secret));
    if cfg!(feature = "stats") {
        assert_eq!(
            (unseen, counters),
            (2 + others, 5),
            "refusals and the largest request"
        );
    } else {
        assert_eq!((unseen, counters), (others, 0));
    }
}

/// Every header, and every link and tag of a free block, with several values.
#[test]
#[allow(clippy::many_single_char_names)] // as in the picture
fn no_word_of_the_heap_can_be_overwritten_unseen() {
    let arena = arena();
    let scene = Scene::new(&arena);
    let Scene { a, b, c, d, e, .. } = scene;
    let headers = [a, b, c, d, e].map(|block| (block, -1));
    let links = [b, d]
        .into_iter()
        .flat_map(|block| [0, 1, TAG].map(|index| (block, index)));
    for (block, index) in headers.into_iter().chain(links) {
        // SAFETY: a word of the pool.
        let right = unsafe { word(block, index).read() };
        let wrong = [
            0,
            1,
            2,
            3,
            24,
            25,
            48,
            49,
            0x4141,
            1 << 20,
            usize::MAX - 7,
            address(c) + 1,
        ];
        for value in wrong.into_iter().filter(|&value| value != right) {
            assert!(
                scene.verdict(block, index, value).is_err(),
                "{index} {value:#x}"
            );
        }
    }
}

#[test]
fn a_payload_may_hold_anything() {
    let arena = arena();
    let scene = Scene::new(&arena);
    for index in 0..words(40) {
        for value in [0, 1, 24 + USED, SIZE | PREV_FREE, usize::MAX] {
            assert_eq!(scene.verdict(scene.e, index, value), Ok(()));
        }
    }
}
