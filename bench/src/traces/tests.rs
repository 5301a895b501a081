//! The traces that come with the project, on our heap.

use super::*;
use crate::heaps::HEAPS;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use rlsf_trace::step::Operation;

use crate::arena::Arena;
use crate::rng::Rng;

type Heap = rlsf::Tlsf<'static, u32, u32, 28, 32>;

/// A block that knows what was written to it.
struct Filled {
    place: NonNull<u8>,
    layout: Layout,
    seed: u64,
}

impl Filled {
    /// Writes the whole block.
    fn fill(place: NonNull<u8>, layout: Layout, seed: u64) -> Self {
        let bytes = contents(seed, layout.size());
        // SAFETY: a live block has as many bytes as were requested.
        unsafe { place.copy_from_nonoverlapping(NonNull::from(&bytes[..]).cast(), bytes.len()) };
        Self {
            place,
            layout,
            seed,
        }
    }

    /// Asserts that the first bytes are still what was written.
    fn check(&self, place: NonNull<u8>, length: usize) {
        // SAFETY: a live block, of as many bytes as it had at least, all of them written.
        let bytes = unsafe { NonNull::slice_from_raw_parts(place, length).as_ref() };
        assert!(bytes == contents(self.seed, length), "a block was changed");
    }
}

/// Bytes that are another block's with hardly any chance.
fn contents(seed: u64, length: usize) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let words = (0..length.div_ceil(8)).flat_map(|_| rng.bits().to_le_bytes());
    words.take(length).collect()
}

fn layout(size: u64, align: u64) -> Layout {
    let size = usize::try_from(size.max(1)).unwrap();
    Layout::from_size_align(size, usize::try_from(align).unwrap()).unwrap()
}

/// Does one step on the heap, and checks what it touches.
fn step(heap: &mut Heap, blocks: &mut Vec<Option<Filled>>, operation: Operation, seed: u64) {
    match operation {
        Operation::Allocate { size, align } => {
            let layout = layout(size, align);
            let place = heap.allocate(layout).expect("the pool is large enough");
            assert_eq!(place.addr().get() % layout.align(), 0);
            blocks.push(Some(Filled::fill(place, layout, seed)));
        }
        Operation::Free { id } => {
            let block = blocks[id as usize].take().unwrap();
            block.check(block.place, block.layout.size());
            // SAFETY: a live block of the heap.
            unsafe { heap.deallocate(block.place, block.layout.align()) };
        }
        Operation::Resize { id, size } => {
            let block = blocks[id as usize].take().unwrap();
            let layout = layout(size, block.layout.align() as u64);
            // SAFETY: a live block of the heap.
            let place = unsafe { heap.reallocate(block.place, layout) }.unwrap();
            block.check(place, layout.size().min(block.layout.size()));
            blocks[id as usize] = Some(Filled::fill(place, layout, seed));
        }
    }
}

/// Replays a trace with every byte checked, and the heap in the middle and at the end.
fn replay_checked(file: &Path) {
    let trace = rlsf_trace::file::read(file).unwrap();
    let peak = usize::try_from(trace.figures().peak_bytes).unwrap();
    let mut arena = Arena::new(2 * peak + (1 << 20));
    // SAFETY: the heap goes before the arena.
    let pool: &'static mut [MaybeUninit<u8>] = unsafe { arena.lend() };
    let mut heap = Heap::new();
    heap.insert_free_block(pool);
    let mut blocks = Vec::new();
    let steps = trace.steps();
    for (index, one) in steps.iter().enumerate() {
        step(&mut heap, &mut blocks, one.operation, index as u64);
        if index == steps.len() / 2 {
            heap.validate().unwrap();
        }
    }
    heap.validate().unwrap();
    for block in blocks.iter_mut().filter_map(Option::take) {
        block.check(block.place, block.layout.size());
        // SAFETY: a live block of the heap.
        unsafe { heap.deallocate(block.place, block.layout.align()) };
    }
    heap.validate().unwrap();
    assert_eq!(heap.blocks().count(), 1, "all is one free block again");
}

#[test]
fn every_trace_that_is_shipped_replays_on_our_heap_with_every_byte_checked() {
    let files = shipped().unwrap();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert!(fs::metadata(&file).unwrap().len() < 300 << 10, "{file:?}");
        replay_checked(&file);
    }
}

#[test]
fn the_smallest_pool_completes_and_a_smaller_one_does_not() {
    for file in shipped().unwrap() {
        let script = load(&file).unwrap();
        let attempt = |size| attempt(&HEAPS[0], &script, size);
        let pool = smallest_pool(script.peak(), script.peak() / 100, attempt).unwrap();
        assert_eq!(attempt(pool), Try::Completes, "{}", script.name);
        assert_eq!(attempt(script.peak() / 2), Try::Fails, "{}", script.name);
        assert!(pool >= script.peak(), "no heap is denser than its contents");
    }
}

#[test]
fn a_file_that_is_no_trace_is_named_with_its_fault() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let told = load(&file).unwrap_err();
    assert!(
        told.ends_with("Cargo.toml: no trace: it does not begin as one (at byte 0)"),
        "{told}"
    );
}
