//! Does one thing with a heap's memory, for a tool that watches (Valgrind's memcheck, or
//! `AddressSanitizer`) to see: the argument tells what. `cargo xtask watched` runs all.
#![allow(clippy::unwrap_used)] // the program's way to fail

use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::Tlsf;
use rlsf_testkit::Arena;
use std::process::ExitCode;

type Heap<'pool> = Tlsf<'pool, usize, usize, 12, 16>;

/// What fills a block's payload, and leaves no slack.
const SNUG: usize = 56;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 1).unwrap()
}

fn heap(arena: &Arena) -> Heap<'_> {
    let mut heap = Heap::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
    heap
}

fn free(heap: &mut Heap<'_>, block: NonNull<u8>) {
    // SAFETY: a live block.
    unsafe { heap.deallocate(block, 1) };
}

/// Reads a byte that may not be the program's.
fn peek(block: NonNull<u8>, offset: usize) -> u8 {
    // SAFETY: a byte of the arena.
    unsafe { block.as_ptr().wrapping_add(offset).read_volatile() }
}

/// Writes one.
fn poke(block: NonNull<u8>, offset: usize) {
    // SAFETY: as above; the heap is not used any more then.
    unsafe { block.as_ptr().wrapping_add(offset).write_volatile(7) };
}

type Misuse = fn(&mut Heap<'_>);

/// What a tool is to report.
const MISUSES: [(&str, Misuse); 13] = [
    ("read-after-free-first", |heap| after_free(heap, 0)),
    ("read-after-free-second-word", |heap| after_free(heap, 8)),
    ("read-after-free-middle", |heap| after_free(heap, 24)),
    ("read-after-free-last", |heap| after_free(heap, SNUG - 1)),
    ("write-after-free-first", |heap| {
        let block = heap.allocate(layout(SNUG)).unwrap();
        free(heap, block);
        poke(block, 0);
    }),
    ("read-after-free-merged", |heap| {
        let [before, block] = [(); 2].map(|()| heap.allocate(layout(SNUG)).unwrap());
        free(heap, before);
        free(heap, block);
        peek(block, 0);
    }),
    ("read-past-the-end", |heap| {
        let block = heap.allocate(layout(SNUG)).unwrap();
        peek(block, SNUG);
    }),
    ("write-past-the-end", |heap| {
        let block = heap.allocate(layout(SNUG)).unwrap();
        poke(block, SNUG);
    }),
    ("read-before-the-start", |heap| {
        let block = heap.allocate(layout(SNUG)).unwrap();
        peek(block, 0_usize.wrapping_sub(1));
    }),
    ("read-of-no-block", |heap| {
        let block = heap.allocate(layout(SNUG)).unwrap();
        peek(block, 500);
    }),
    ("read-past-a-shrunk-block", |heap| {
        let block = heap.allocate(layout(500)).unwrap();
        // SAFETY: a live block.
        unsafe { heap.shrink_in_place(block, SNUG) }.unwrap();
        peek(block, 200);
    }),
    ("read-after-moving-away", |heap| {
        let block = heap.allocate(layout(SNUG)).unwrap();
        heap.allocate(layout(SNUG)).unwrap();
        // SAFETY: a live block.
        unsafe { heap.reallocate(block, layout(500)) }.unwrap();
        peek(block, 20);
    }),
    ("read-after-moving-down", |heap| {
        let [before, block] = [400, SNUG].map(|size| heap.allocate(layout(size)).unwrap());
        heap.allocate(layout(SNUG)).unwrap();
        free(heap, before);
        // SAFETY: a live block.
        unsafe { heap.reallocate(block, layout(100)) }.unwrap();
        peek(block, 20);
    }),
];

fn after_free(heap: &mut Heap<'_>, offset: usize) {
    let block = heap.allocate(layout(SNUG)).unwrap();
    free(heap, block);
    peek(block, offset);
}

/// What memcheck alone is to report: a decision by what nobody has written.
fn use_of_what_is_not_written(heap: &mut Heap<'_>) {
    let block = heap.allocate(layout(SNUG)).unwrap();
    if peek(block, 20) == 3 {
        println!("by chance");
    }
}

/// What is to be reported if the heap is hardened, and so knows what was asked for.
fn read_of_slack(heap: &mut Heap<'_>) {
    let block = heap.allocate(layout(SNUG - 3)).unwrap();
    peek(block, SNUG - 3);
}

/// Everything that is allowed, over and over; the contents of every block are compared.
fn sound() {
    let arena = Arena::new(20_000, 0);
    let mut rng = fastrand::Rng::with_seed(3);
    for _ in 0..20 {
        let mut heap = heap(&arena);
        let mut live: Vec<(NonNull<u8>, usize, u8)> = Vec::new();
        for _ in 0..2000 {
            let size = rng.usize(1..400);
            let index = rng.usize(..live.len().max(1));
            match rng.u8(..8) {
                0..=2 => {
                    let align = 1 << rng.u32(..8);
                    let block = heap.allocate(Layout::from_size_align(size, align).unwrap());
                    live.extend(block.map(|block| fill((block, size, rng.u8(..)))));
                }
                _ if live.is_empty() => {}
                3..=4 => resize(&mut heap, &mut live[index], size),
                _ => {
                    let (block, size, byte) = live.swap_remove(index);
                    check(block, size, byte);
                    free(&mut heap, block);
                }
            }
        }
        heap.validate().unwrap();
        assert!(heap.blocks().count() > live.len());
    }
    // Without a heap the memory is the program's.
    let start = arena.whole().cast::<u8>();
    assert!((0..20_000).any(|offset| peek(start, offset) != 0));
}

fn fill((block, size, byte): (NonNull<u8>, usize, u8)) -> (NonNull<u8>, usize, u8) {
    // SAFETY: a live block.
    unsafe { block.as_ptr().write_bytes(byte, size) };
    (block, size, byte)
}

fn check(block: NonNull<u8>, size: usize, byte: u8) {
    assert!((0..size).all(|offset| peek(block, offset) == byte));
}

fn resize(heap: &mut Heap<'_>, (block, size, byte): &mut (NonNull<u8>, usize, u8), new: usize) {
    // SAFETY: a live block.
    if let Some(moved) = unsafe { heap.reallocate(*block, layout(new)) } {
        check(moved, new.min(*size), *byte);
        (*block, *size, *byte) = fill((moved, new, *byte));
    }
}

fn main() -> ExitCode {
    let case = if let Some(case) = std::env::args().nth(1) {
        case
    } else {
        for (name, _) in &MISUSES {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    };
    let arena = Arena::new(2000, 0);
    let mut heap = heap(&arena);
    match (&*case, MISUSES.iter().find(|(name, _)| *name == case)) {
        (_, Some((_, commit))) => commit(&mut heap),
        ("read-of-slack", _) => read_of_slack(&mut heap),
        ("use-of-what-is-not-written", _) => use_of_what_is_not_written(&mut heap),
        ("sound", _) => sound(),
        _ => {
            eprintln!("no such case: {case}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
