//! A slab: its owner, and threads that give blocks back.

use super::block::Block;
use crate::intake::Intake;
use crate::link::Inbox;
use crate::stock::{Returns, Stock};
use crate::sync::thread;
use core::cell::{Cell, UnsafeCell};
use std::sync::Arc;

struct Scene {
    queue: Inbox,
    returns: UnsafeCell<Returns>,
    blocks: Vec<Block>,
}

// SAFETY: that threads use it in turn is what the model checks.
unsafe impl Sync for Scene {}

// SAFETY: as above.
unsafe impl Send for Scene {}

impl Scene {
    fn returns(&self) -> &Returns {
        // SAFETY: it lives as long as the scene, although the owner makes it anew.
        unsafe { &*self.returns.get() }
    }

    fn give(&self, block: &Block) {
        assert_eq!(block.write(0), 1);
        // SAFETY: a block in use, and the owner's queue.
        unsafe { self.returns().give(block.link(), &self.queue) };
    }
}

/// The owner's side.
struct Owner {
    scene: Arc<Scene>,
    intake: Intake,
    stock: Stock,
    /// How many blocks it keeps in use to the end.
    kept: usize,
    /// Whether the owner has found no free block, and waits for the slab to be in its queue.
    is_full: Cell<bool>,
    is_given_away: bool,
}

impl Owner {
    /// The owner of a slab all of whose blocks are in use.
    fn new(scene: Arc<Scene>, kept: usize) -> Self {
        let stock = Stock::new();
        for block in &scene.blocks {
            stock.count_in();
            block.write(1);
        }
        Self {
            scene,
            intake: Intake::new(),
            stock,
            kept,
            is_full: Cell::new(false),
            is_given_away: false,
        }
    }

    /// Looks at the queue; whether the slab was in it.
    fn look(&mut self) -> bool {
        // SAFETY: slots of slabs, and one intake.
        let Some(link) = (unsafe { self.intake.take_one(&self.scene.queue) }) else {
            return false;
        };
        assert!(!self.is_given_away, "a slab that is gone is in the queue");
        assert_eq!(Returns::around(link).as_ptr(), self.scene.returns.get());
        self.stock.settle(self.scene.returns());
        if self.stock.has_free() {
            self.is_full.set(false);
        }
        if self.stock.is_idle() {
            self.give_away();
        }
        true
    }

    /// Uses the slab's memory for something else: another slab, of which all is free.
    fn give_away(&mut self) {
        assert!(!self.is_given_away);
        self.is_given_away = true;
        self.stock = Stock::new();
        for block in &self.scene.blocks {
            assert_eq!(block.write(7), 0);
            self.stock.count_in();
            // SAFETY: nobody is to use the block; who does is found in the end.
            unsafe { self.stock.push(block.link()) };
        }
        // SAFETY: nobody else is to have it in hand; who has is found in the end.
        unsafe { self.scene.returns.get().write(Returns::new()) };
    }

    /// Allocates a block, if one can be had.
    fn allocate(&self) -> Option<&Block> {
        if self.is_given_away {
            return None;
        }
        if self.is_full.get() {
            return None;
        }
        let link = self.stock.pop().or_else(|| {
            self.stock.collect(self.scene.returns());
            self.stock.pop()
        });
        self.is_full.set(link.is_none());
        let link = link?;
        // SAFETY: a block of the scene.
        let block = unsafe { Block::of(link) };
        assert_eq!(block.write(1), 0, "it was free");
        Some(block)
    }

    /// Allocates a block and frees it.
    fn use_one(&mut self) {
        let Some(block) = self.allocate() else {
            return;
        };
        assert_eq!(block.write(0), 1);
        // SAFETY: just allocated.
        if unsafe { self.stock.push(block.link()) } {
            self.give_away();
        }
    }

    /// Allocates a block, if one can be had, and keeps it to the end.
    fn keep_one(&mut self) {
        let allocated = self.allocate().is_some();
        self.kept += usize::from(allocated);
    }

    /// What must be true when nobody else is there any more.
    fn finish(&mut self) {
        while self.look() {}
        if !self.is_given_away {
            self.free_what_is_kept();
        }
        assert!(self.is_given_away, "no block is in use");
        let returns = self.scene.returns();
        assert_eq!(returns.count(), 0);
        let left = core::iter::from_fn(|| self.stock.pop());
        assert_eq!(left.count(), self.scene.blocks.len());
        self.stock.collect(returns);
        assert!(!self.stock.has_free());
        assert!(!self.look());
    }

    /// Frees the blocks that are kept, and before it sees whether all others can be had.
    fn free_what_is_kept(&mut self) {
        let blocks = &self.scene.blocks;
        assert!(!self.stock.is_idle());
        let others = core::iter::from_fn(|| self.allocate()).count();
        assert_eq!(others + self.kept, blocks.len());
        for (index, block) in blocks.iter().enumerate() {
            assert_eq!(block.write(0), 1);
            // SAFETY: all are in use.
            let is_idle = unsafe { self.stock.push(block.link()) };
            assert_eq!(is_idle, index + 1 == blocks.len());
        }
        self.give_away();
    }
}

/// Some threads give back blocks of a slab while the owner looks and allocates, and keeps some.
pub(crate) fn slab(threads: usize, blocks_each: usize, kept: usize, steps: usize) {
    let given = threads * blocks_each;
    let scene = Arc::new(Scene {
        queue: Inbox::new(),
        returns: UnsafeCell::new(Returns::new()),
        blocks: (0..given + kept).map(|_| Block::new()).collect(),
    });
    let mut owner = Owner::new(scene.clone(), kept);
    let giving: Vec<_> = (0..threads)
        .map(|thread| {
            let scene = scene.clone();
            thread::spawn(move || {
                let own = scene.blocks.iter().take(given).skip(thread);
                own.step_by(threads).for_each(|block| scene.give(block));
            })
        })
        .collect();
    for _ in 0..kept {
        owner.keep_one();
        owner.look();
    }
    for _ in 0..steps {
        owner.look();
        owner.use_one();
    }
    for it in giving {
        it.join().unwrap();
    }
    owner.finish();
}
