//! Lets two threads meet in one block, for `ThreadSanitizer` to see: the arguments tell how, and the block's size.
//! `cargo xtask tsan` runs all.
//!
//! What is planted does not depend on luck: the threads take turns, through a flag that orders nothing.
#![allow(clippy::unwrap_used)] // the program's way to fail

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicBool, Ordering};
use rlsf_threads::ThreadedTlsf;
use std::process::ExitCode;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;

#[global_allocator]
static HEAP: ThreadedTlsf = ThreadedTlsf::new();

/// How many blocks each thread sends to the next one when all is as it should be.
const SENT: usize = 2000;

/// A block of the thread's heap, whoever has it.
#[derive(Clone, Copy)]
struct Block {
    start: *mut u8,
    layout: Layout,
}

// SAFETY: whether two threads have it at once is what this program is about.
unsafe impl Send for Block {}

impl Block {
    fn of(size: usize) -> Self {
        let layout = Layout::from_size_align(size, 8).unwrap();
        // SAFETY: the heap serves zero bytes, too.
        let start = unsafe { HEAP.alloc(layout) };
        assert!(!start.is_null());
        Self { start, layout }
    }

    /// Writes a byte, which may not be this thread's; the heap's own words lie elsewhere in a free block.
    fn poke(self) {
        let middle = self.start.wrapping_add(self.layout.size() / 2);
        // SAFETY: memory of the heap's, whoever has it now.
        unsafe { middle.write_volatile(7) };
    }

    /// Writes the byte where a free block has its link.
    fn poke_first(self) {
        // SAFETY: as above.
        unsafe { self.start.write_volatile(7) };
    }

    fn fill(self, byte: u8) {
        // SAFETY: a live block, which this thread has.
        unsafe { self.start.write_bytes(byte, self.layout.size()) };
    }

    fn check(self, byte: u8) {
        let mut offsets = 0..self.layout.size();
        // SAFETY: as above.
        assert!(offsets.all(|offset| unsafe { self.start.wrapping_add(offset).read() } == byte));
    }

    fn free(self) {
        // SAFETY: a live block with this layout.
        unsafe { HEAP.dealloc(self.start, self.layout) };
    }
}

/// What tells one thread that it is its turn, and orders nothing else.
static TURN: AtomicBool = AtomicBool::new(false);

fn give_turn() {
    TURN.store(true, Ordering::Relaxed);
}

fn await_turn() {
    while !TURN.load(Ordering::Relaxed) {
        thread::yield_now();
    }
}

/// What is to be reported; the thread that allocated the block calls it.
type Race = fn(Block);

const RACES: [(&str, Race); 3] = [
    ("write-beside-a-write", |block| {
        let other = thread::spawn(move || block.poke());
        block.poke();
        other.join().unwrap();
    }),
    // The heap itself is the other party: it writes a link into the block.
    ("write-beside-a-free", |block| {
        let other = thread::spawn(move || {
            await_turn();
            block.free();
        });
        block.poke_first();
        give_turn();
        other.join().unwrap();
    }),
    ("write-after-free", |block| {
        let other = thread::spawn(move || {
            block.free();
            block.poke();
            give_turn();
        });
        await_turn();
        again(block).poke();
        other.join().unwrap();
    }),
];

/// Allocates until the block, which another thread has freed, is served again.
fn again(block: Block) -> Block {
    let mut blocks = (0..10_000).map(|_| Block::of(block.layout.size()));
    let same = blocks.find(|it| it.start == block.start);
    same.expect("the block does not come back")
}

/// Three threads in a ring, each of which fills blocks for the next one to check and to free.
fn sound() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| channel()).unzip();
    thread::scope(|scope| {
        for (index, from) in receivers.into_iter().enumerate() {
            let to = senders[(index + 1) % senders.len()].clone();
            scope.spawn(move || pass_on(index as u64, &to, &from));
        }
        drop(senders);
    });
}

fn pass_on(seed: u64, to: &Sender<(Block, u8)>, from: &Receiver<(Block, u8)>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    for _ in 0..SENT {
        let block = Block::of(1 << rng.u32(4..14));
        let byte = rng.u8(..);
        block.fill(byte);
        to.send((block, byte)).unwrap();
        let (block, byte) = from.recv().unwrap();
        block.check(byte);
        block.free();
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => RACES.iter().for_each(|(name, _)| println!("{name}")),
        ["sound"] => sound(),
        [name, size] => {
            let race = RACES.iter().find(|(it, _)| *it == name);
            let (_, race) = race.expect("a race's name");
            race(Block::of(size.parse().expect("a block's size")));
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}
