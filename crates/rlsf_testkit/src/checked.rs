//! A heap beside a naive model.

use crate::picture::{places, Place};
use crate::{Live, Op};
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::Tlsf;
use std::panic::catch_unwind;

/// A heap whose every step is checked against a list of live blocks.
#[derive(Debug)]
pub struct Checked<'pool, FL, SL, const FLLEN: usize, const SLLEN: usize>
where
    FL: BinInteger,
    SL: BinInteger,
{
    heap: Tlsf<'pool, FL, SL, FLLEN, SLLEN>,
    live: Vec<Live>,
    fill: u8,
}

impl<'pool, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Checked<'pool, FL, SL, FLLEN, SLLEN>
{
    /// Takes a heap that has its pools and no live block.
    pub fn new(heap: Tlsf<'pool, FL, SL, FLLEN, SLLEN>) -> Self {
        let checked = Self {
            heap,
            live: Vec::new(),
            fill: 0,
        };
        checked.check();
        checked
    }

    /// The heap.
    pub fn heap(&mut self) -> &mut Tlsf<'pool, FL, SL, FLLEN, SLLEN> {
        &mut self.heap
    }

    /// The number of live blocks.
    pub fn live_blocks(&self) -> usize {
        self.live.len()
    }

    /// Does one step and checks everything.
    ///
    /// # Panics
    ///
    /// If the heap and the model disagree.
    pub fn step(&mut self, op: Op) {
        match op {
            Op::Allocate { size, align_log2 } => {
                self.allocate(Layout::from_size_align(size, 1 << align_log2).expect("small"));
            }
            Op::Deallocate { block } => self.with(block, Self::deallocate),
            Op::Reallocate { block, size } => {
                self.with(block, |this, index| this.reallocate(index, size));
            }
            Op::Grow { block, size } => self.with(block, |this, index| this.grow(index, size)),
            Op::Shrink { block, size } => self.with(block, |this, index| this.shrink(index, size)),
        }
        self.check();
    }

    /// Frees every block, checking everything.
    pub fn free_all(&mut self) {
        while !self.live.is_empty() {
            self.deallocate(self.live.len() / 2);
            self.check();
        }
    }

    fn with(&mut self, block: usize, act: impl FnOnce(&mut Self, usize)) {
        if !self.live.is_empty() {
            act(self, block % self.live.len());
        }
    }

    fn allocate(&mut self, layout: Layout) {
        let before = places(&self.heap);
        match self.heap.allocate(layout) {
            Some(payload) => {
                self.check_place(payload, layout);
                self.fill = self.fill.wrapping_add(37);
                let fill = self.fill;
                self.live.push(Live {
                    payload,
                    layout,
                    fill,
                });
                self.live[self.live.len() - 1].write();
            }
            None => self.check_refusal(&before, layout),
        }
    }

    /// A refused request has changed nothing, and no block was sure to serve it.
    fn check_refusal(&self, before: &[Place], layout: Layout) {
        assert_eq!(before, places(&self.heap), "a refusal changed the heap");
        if let Some(sure) = Self::sure_block_size(layout) {
            let large = before
                .iter()
                .find(|&&(_, size, used)| !used && size >= sure);
            assert_eq!(large, None, "refused {layout:?} though {sure} would do");
        }
        if layout.align() <= rlsf::GRANULARITY {
            assert!(layout.size() > self.heap.largest_allocatable());
        }
    }

    /// The size of a free block that is sure to serve, if there is one.
    fn sure_block_size(layout: Layout) -> Option<usize> {
        let sure = Tlsf::<FL, SL, FLLEN, SLLEN>::sure_block_size;
        catch_unwind(|| sure(layout.size(), layout.align())).ok()
    }

    fn check_place(&self, payload: NonNull<u8>, layout: Layout) {
        let address = payload.as_ptr() as usize;
        assert_eq!(address % layout.align(), 0, "{layout:?}");
        let size = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size(layout.size());
        let least = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size(0);
        let block = places(&self.heap)
            .into_iter()
            .find(|&(start, bytes, used)| {
                used && start == address - size_of::<usize>()
                    && (size..size + least).contains(&bytes)
            });
        assert!(block.is_some(), "no block of {size} bytes at {address:#x}");
    }

    fn deallocate(&mut self, index: usize) {
        let block = self.live.swap_remove(index);
        block.check(block.layout.size());
        if block.fill & 1 == 0 {
            // SAFETY: a live block of this heap.
            unsafe { self.heap.deallocate(block.payload, block.layout.align()) };
        } else {
            // SAFETY: a live block of this heap.
            unsafe { self.heap.deallocate_sized(block.payload, block.layout) };
        }
    }

    fn reallocate(&mut self, index: usize, size: usize) {
        let old = self.live[index];
        let layout = Layout::from_size_align(size, old.layout.align()).expect("small");
        let before = places(&self.heap);
        // SAFETY: a live block of this heap.
        let Some(payload) = (unsafe { self.heap.reallocate(old.payload, layout) }) else {
            assert!(size > old.layout.size(), "shrinking always succeeds");
            return self.check_refusal(&before, layout);
        };
        let new = Live {
            payload,
            layout,
            ..old
        };
        assert_eq!(new.address() % layout.align(), 0);
        new.check(size.min(old.layout.size()));
        new.write();
        self.live[index] = new;
    }

    fn grow(&mut self, index: usize, size: usize) {
        let before = places(&self.heap);
        let block = self.live[index];
        // SAFETY: a live block of this heap.
        let grown = unsafe { self.heap.try_grow_in_place(block.payload, size) };
        if grown.is_some() {
            block.check(block.layout.size());
            self.resize(index, size.max(block.layout.size()));
        } else {
            assert_eq!(before, places(&self.heap), "a refusal changed the heap");
        }
    }

    fn shrink(&mut self, index: usize, size: usize) {
        let before = places(&self.heap);
        let block = self.live[index];
        // SAFETY: a live block of this heap.
        let shrunk = unsafe { self.heap.shrink_in_place(block.payload, size) };
        if shrunk.is_some() {
            block.check(size.min(block.layout.size()));
            self.resize(index, size);
        } else {
            let larger = size > block.layout.size();
            assert!(larger, "a smaller size is always granted");
            assert_eq!(before, places(&self.heap), "a refusal changed the heap");
        }
    }

    fn resize(&mut self, index: usize, size: usize) {
        let block = &mut self.live[index];
        block.layout = Layout::from_size_align(size, block.layout.align()).expect("small");
        block.write();
    }

    /// Checks the heap's invariants, the contents of every live block, that no
    /// two overlap, and that the heap knows of no other block in use. (The
    /// statistics are among the invariants.)
    fn check(&self) {
        assert_eq!(self.heap.validate(), Ok(()));
        let mut order: Vec<&Live> = self.live.iter().collect();
        order.sort_unstable_by_key(|block| block.address());
        for pair in order.windows(2) {
            assert!(pair[0].address() + pair[0].layout.size() <= pair[1].address());
        }
        for block in order {
            block.check(block.layout.size());
        }
        let used = self.heap.blocks().filter(rlsf::BlockInfo::is_occupied);
        assert_eq!(used.count(), self.live.len());
    }
}
