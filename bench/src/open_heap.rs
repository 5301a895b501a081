//! A heap at work: a contestant over a pool of its own, with operations that cannot be misused.

use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::arena::Arena;
use crate::contestant::Contestant;
use crate::throughput::exchange::{Exchange, Slot};
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

    /// Writes every byte.
    pub(crate) fn fill(&mut self, byte: u8) {
        // SAFETY: a live block has as many bytes as were requested.
        unsafe { self.payload.write_bytes(byte, self.size()) };
    }

    /// Whether the first bytes, which were written, are all the same one.
    pub(crate) fn begins_with(&self, length: usize, byte: u8) -> bool {
        assert!(length <= self.size(), "a block has so many bytes");
        let bytes = NonNull::slice_from_raw_parts(self.payload, length);
        // SAFETY: a live block, whose first bytes were written.
        unsafe { bytes.as_ref() }.iter().all(|&here| here == byte)
    }
}

/// A contestant with a pool.
#[derive(Debug)]
pub(crate) struct OpenHeap {
    contestant: &'static Contestant,
    state: *mut (),
    number: u64,
    arena: Arena,
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
            arena,
        }
    }

    /// The contestant's name.
    pub(crate) fn name(&self) -> &'static str {
        self.contestant.name
    }

    /// Whether a block lies in the pool as a whole.
    pub(crate) fn is_in_pool(&self, block: &Block) -> bool {
        let (start, end) = self.arena.range();
        let first = block.payload.addr().get();
        start <= first && first + block.size() <= end
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
