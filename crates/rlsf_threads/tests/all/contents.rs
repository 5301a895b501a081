//! Blocks of all sizes, resized and freed by any thread, their contents checked.

use core::alloc::{GlobalAlloc, Layout};
use rlsf_threads::ThreadedTlsf;
use std::sync::mpsc::{channel, Sender};
use std::thread;

#[global_allocator]
static HEAP: ThreadedTlsf = ThreadedTlsf::new();

/// What a block holds.
fn pattern(first: u8) -> impl Iterator<Item = u8> {
    (0..251)
        .cycle()
        .map(move |index: u8| first.wrapping_add(index))
}

/// A live block that knows what it holds.
struct Block {
    start: *mut u8,
    layout: Layout,
    first: u8,
}

// SAFETY: a block belongs to who has it.
unsafe impl Send for Block {}

impl Block {
    fn new(rng: &mut fastrand::Rng) -> Self {
        let bits = rng.u32(0..20);
        let size = 1 + rng.usize(..1 << bits);
        let layout = Layout::from_size_align(size, 1 << rng.u32(..8)).unwrap();
        // SAFETY: more than nothing.
        let start = unsafe { HEAP.alloc(layout) };
        assert!(!start.is_null());
        assert_eq!(start as usize % layout.align(), 0);
        let first = rng.u8(..);
        let mut block = Self {
            start,
            layout,
            first,
        };
        block.fill();
        block
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: a live block.
        unsafe { core::slice::from_raw_parts_mut(self.start, self.layout.size()) }
    }

    fn fill(&mut self) {
        let first = self.first;
        for (byte, expected) in self.bytes().iter_mut().zip(pattern(first)) {
            *byte = expected;
        }
    }

    fn check(&mut self, most: usize) {
        let first = self.first;
        let same = self.bytes().iter().take(most).zip(pattern(first));
        assert!(same.into_iter().all(|(byte, expected)| *byte == expected));
    }

    fn resize(&mut self, size: usize) {
        let old = self.layout.size();
        // SAFETY: a live block with this layout.
        self.start = unsafe { HEAP.realloc(self.start, self.layout, size) };
        assert!(!self.start.is_null());
        assert_eq!(self.start as usize % self.layout.align(), 0);
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        self.check(old.min(size));
        self.fill();
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.check(usize::MAX);
        // SAFETY: a live block with this layout.
        unsafe { HEAP.dealloc(self.start, self.layout) };
    }
}

/// Allocates, resizes, frees, and sends blocks away.
fn work(seed: u64, steps: usize, others: &[Sender<Block>]) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut live: Vec<Block> = Vec::new();
    for _ in 0..steps {
        match rng.u8(..8) {
            0..4 if live.len() < 500 => live.push(Block::new(&mut rng)),
            4 if !live.is_empty() => {
                let chosen = rng.usize(..live.len());
                let bits = rng.u32(0..18);
                live[chosen].resize(1 + rng.usize(..1 << bits));
            }
            5 if !live.is_empty() && !others.is_empty() => {
                let block = live.swap_remove(rng.usize(..live.len()));
                // Who has ended frees what it was sent.
                let _ = others[rng.usize(..others.len())].send(block);
            }
            _ if !live.is_empty() => drop(live.swap_remove(rng.usize(..live.len()))),
            _ => {}
        }
    }
}

#[test]
fn one_thread_keeps_its_contents() {
    work(1, 60_000, &[]);
}

#[test]
fn threads_free_what_others_allocated() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..8).map(|_| channel::<Block>()).unzip();
    let threads: Vec<_> = receivers
        .into_iter()
        .enumerate()
        .map(|(index, receiver)| {
            let senders = senders.clone();
            thread::spawn(move || {
                for round in 0..20 {
                    work(index as u64 * 100 + round, 2000, &senders);
                    receiver.try_iter().for_each(drop);
                }
            })
        })
        .collect();
    drop(senders);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn short_threads_leave_their_heaps_to_others() {
    for round in 0..200 {
        let threads: Vec<_> = (0..4)
            .map(|index| {
                thread::spawn(move || {
                    vec![Block::new(&mut fastrand::Rng::with_seed(round * 4 + index))]
                })
            })
            .collect();
        for thread in threads {
            drop(thread.join().unwrap());
        }
    }
}
