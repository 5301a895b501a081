//! A heap at work: a contestant over a pool of its own, with operations that cannot be misused.

use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::arena::Arena;
use crate::contestant::Contestant;
use crate::time::exchange::{Exchange, Slot};
use crate::traces::replay;

/// Gives every heap a number of its own.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// A live block; only the heap that it came from takes it back.
#[derive(Debug)]
#[must_use = "a block that is dropped is never freed"]
pub(crate) struct Block {
    payload: NonNull<u8>,
    layout: Layout,
    owner: u64,
}

impl Block {
    /// The number of bytes that were requested.
    pub(crate) const fn size(&self) -> usize {
        self.layout.size()
    }
}

/// A contestant with a pool.
#[derive(Debug)]
pub(crate) struct OpenHeap {
    contestant: &'static Contestant,
    state: *mut (),
    number: u64,
    _arena: Arena,
}

impl OpenHeap {
    /// Opens a heap over a fresh pool of `pool_size` bytes.
    pub(crate) fn new(contestant: &'static Contestant, pool_size: usize) -> Self {
        let mut arena = Arena::new(pool_size);
        // SAFETY: the heap is closed before the arena goes.
        let pool = unsafe { arena.lend() };
        let state = (contestant.entries.open)(pool);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        Self {
            contestant,
            state,
            number,
            _arena: arena,
        }
    }

    /// The contestant's name.
    pub(crate) fn name(&self) -> &'static str {
        self.contestant.name
    }

    /// Requests a block.
    pub(crate) fn allocate(&mut self, layout: Layout) -> Option<Block> {
        assert!(layout.size() > 0, "heaps are asked for at least one byte");
        // SAFETY: the state comes from `open`, and the size is not zero.
        let payload = unsafe {
            (self.contestant.entries.allocate)(self.state, layout.size(), layout.align())
        };
        let payload = NonNull::new(payload)?;
        assert!(
            payload.addr().get() % layout.align() == 0,
            "{} misaligns a block",
            self.contestant.name
        );
        Some(Block {
            payload,
            layout,
            owner: self.number,
        })
    }

    /// Gives a block back.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a block that was freed is gone"
    )]
    pub(crate) fn free(&mut self, block: Block) {
        assert_eq!(
            block.owner, self.number,
            "a block goes back to its own heap"
        );
        let (payload, layout) = (block.payload.as_ptr(), block.layout);
        // SAFETY: the block is this heap's, and live since there is no copy of it.
        unsafe {
            (self.contestant.entries.deallocate)(
                self.state,
                payload,
                layout.size(),
                layout.align(),
            );
        }
    }

    /// Gives a block another size; when that fails it stays as it was.
    pub(crate) fn resize(&mut self, block: &mut Block, new_size: usize) -> bool {
        assert_eq!(
            block.owner, self.number,
            "a block is resized by its own heap"
        );
        assert!(new_size > 0, "heaps are asked for at least one byte");
        let layout = Layout::from_size_align(new_size, block.layout.align())
            .expect("sizes are smaller than a pool");
        let (payload, size, align) = (block.payload.as_ptr(), block.size(), layout.align());
        // SAFETY: the block is this heap's, and live since there is no copy of it.
        let moved = unsafe {
            (self.contestant.entries.reallocate)(self.state, payload, size, align, new_size)
        };
        let Some(moved) = NonNull::new(moved) else {
            return false;
        };
        (block.payload, block.layout) = (moved, layout);
        true
    }

    /// Runs exchanges and returns how many of them failed.
    ///
    /// # Safety
    /// The blocks in `slots` are this heap's.
    pub(crate) unsafe fn exchange(&mut self, slots: &mut [Slot], exchanges: &[Exchange]) -> usize {
        // SAFETY: the state comes from `open`; the caller's promise.
        unsafe { (self.contestant.entries.exchange)(self.state, slots, exchanges) }
    }

    /// Replays actions, and returns how many were done.
    ///
    /// # Safety
    /// The blocks in `slots` are this heap's, and the actions keep the rules of a script.
    pub(crate) unsafe fn replay(
        &mut self,
        slots: &mut [replay::Slot],
        actions: &[replay::Action],
    ) -> usize {
        // SAFETY: the state comes from `open`; the caller's promise.
        unsafe { (self.contestant.entries.replay)(self.state, slots, actions) }
    }
}

impl Drop for OpenHeap {
    fn drop(&mut self) {
        // SAFETY: the state comes from `open` and goes with this value.
        unsafe { (self.contestant.entries.close)(self.state) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heaps::{HEAPS, OF_C};
    use crate::mix::{Alignments, Mix, Sizes};
    use crate::rng::Rng;

    /// The first and the last of a block's first `length` bytes.
    fn ends(block: &Block, length: usize) -> [NonNull<u8>; 2] {
        // SAFETY: a live block has as many bytes as were requested, and no test asks for more.
        [block.payload, unsafe { block.payload.add(length - 1) }]
    }

    fn mark(block: &Block, length: usize, mark: u8) {
        for end in ends(block, length) {
            // SAFETY: the ends lie in the block.
            unsafe { end.write(mark) };
        }
    }

    fn is_marked(block: &Block, length: usize, mark: u8) -> bool {
        // SAFETY: the ends lie in the block and were marked before.
        ends(block, length).map(|byte| unsafe { byte.read() }) == [mark; 2]
    }

    #[test]
    fn blocks_keep_their_contents_until_they_are_freed_in_every_heap() {
        let mix = Mix {
            name: "test",
            sizes: Sizes::LogUniform(1, 4096),
            alignments: Alignments::Only(16),
        };
        for heap in HEAPS.iter().chain([&OF_C]) {
            let mut rng = Rng::new(1);
            let mut heap = OpenHeap::new(heap, 1 << 20);
            let mut blocks: Vec<(Block, u8)> = Vec::new();
            for _ in 0..20_000 {
                if rng.percent(50) && !blocks.is_empty() {
                    let (block, written) = blocks.swap_remove(rng.below(blocks.len()));
                    assert!(is_marked(&block, block.size(), written), "{}", heap.name());
                    heap.free(block);
                } else if let Some(block) = heap.allocate(mix.draw(&mut rng)) {
                    let written = rng.bits().to_le_bytes()[0];
                    mark(&block, block.size(), written);
                    blocks.push((block, written));
                }
            }
        }
    }

    #[test]
    fn resizing_keeps_what_both_sizes_share_in_every_heap() {
        for heap in HEAPS.iter().chain([&OF_C]) {
            let mut rng = Rng::new(1);
            let mut heap = OpenHeap::new(heap, 1 << 20);
            let layout = Layout::from_size_align(64, 8).unwrap();
            let mut blocks: Vec<Block> = (0..64).filter_map(|_| heap.allocate(layout)).collect();
            for _ in 0..5_000 {
                let block = &mut blocks[rng.below(64)];
                let new_size = rng.log_between(1, 4096);
                let (shared, written) = (block.size().min(new_size), rng.bits().to_le_bytes()[0]);
                mark(block, shared, written);
                assert!(heap.resize(block, new_size), "{}", heap.name());
                assert!(is_marked(block, shared, written), "{}", heap.name());
            }
        }
    }
}
