//! Calling the exported operations in many states of a heap.

use core::ptr::NonNull;

use crate::random::Random;

/// The most blocks that live at a time.
const SLOTS: usize = 48;

/// The largest request is below this fraction of the pool.
const LARGEST: usize = 8;

/// What is called; the numbers are what tells a tracing process.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `Tlsf::allocate` at any alignment.
    Allocate = 0,
    /// `Tlsf::allocate` at an alignment that every block has.
    AllocatePlain = 1,
    /// `Tlsf::deallocate`.
    Deallocate = 2,
    /// `Tlsf::try_grow_in_place`.
    Grow = 3,
    /// `Tlsf::shrink_in_place`.
    Shrink = 4,
}

/// Looks on while operations are called.
pub trait Observer {
    /// Makes the call, which is just one of `operation`.
    fn observe<R>(&mut self, operation: Operation, call: impl FnOnce() -> R) -> R;
}

/// The exported operations of a kind of heap.
#[derive(Debug)]
#[expect(missing_docs, reason = "they are the operations above")]
pub struct Probes<H> {
    pub allocate: unsafe extern "C-unwind" fn(&mut H, usize, usize) -> Option<NonNull<u8>>,
    pub deallocate: unsafe extern "C-unwind" fn(&mut H, NonNull<u8>, usize),
    pub grow: unsafe extern "C-unwind" fn(&mut H, NonNull<u8>, usize) -> bool,
    pub shrink: unsafe extern "C-unwind" fn(&mut H, NonNull<u8>, usize) -> bool,
}

/// A live block.
#[derive(Clone, Copy)]
struct Block {
    start: NonNull<u8>,
    size: usize,
    align: usize,
}

/// A heap under way.
struct Drive<'a, H, O> {
    probes: Probes<H>,
    heap: &'a mut H,
    observer: &'a mut O,
    random: Random,
    /// A power of two that no request reaches.
    end: usize,
}

impl<H> Probes<H> {
    /// Makes `rounds` random calls on `heap`, which has a pool of about `pool_size` bytes and nothing else.
    pub fn drive(
        self,
        heap: &mut H,
        pool_size: usize,
        rounds: usize,
        observer: &mut impl Observer,
    ) {
        let mut drive = Drive {
            // So that the compiler calls what we read the code of.
            probes: core::hint::black_box(self),
            heap,
            observer,
            random: Random::new(0x1234_5689),
            end: (pool_size / LARGEST).next_power_of_two(),
        };
        let mut slots = [None; SLOTS];
        for _ in 0..rounds {
            let slot = &mut slots[drive.random.below(SLOTS)];
            *slot = match *slot {
                None => drive.allocate(),
                Some(block) => drive.resize_or_free(block),
            };
        }
    }
}

impl<H, O: Observer> Drive<'_, H, O> {
    /// Asks for a block, every other one at a random alignment.
    fn allocate(&mut self) -> Option<Block> {
        let size = self.random.octaves_below(self.end);
        let (operation, align) = if self.random.below(2) == 0 {
            (Operation::AllocatePlain, 1 << self.random.below(4))
        } else {
            let octave = self.random.below(self.end.ilog2() as usize);
            (Operation::Allocate, 1 << octave)
        };
        let (heap, allocate) = (&mut *self.heap, self.probes.allocate);
        let call = || {
            // SAFETY: a small size, and a power of two.
            unsafe { allocate(heap, size, align) }
        };
        let start = self.observer.observe(operation, call);
        start.map(|start| Block { start, size, align })
    }

    /// Grows, shrinks or frees `block`.
    fn resize_or_free(&mut self, block: Block) -> Option<Block> {
        match self.random.below(4) {
            0 => Some(self.grow(block)),
            1 => Some(self.shrink(block)),
            _ => {
                self.deallocate(block);
                None
            }
        }
    }

    fn grow(&mut self, block: Block) -> Block {
        let (heap, grow) = (&mut *self.heap, self.probes.grow);
        let size = block.size + self.random.octaves_below(self.end);
        let call = || {
            // SAFETY: the block is live.
            unsafe { grow(heap, block.start, size) }
        };
        let grown = self.observer.observe(Operation::Grow, call);
        Block {
            size: if grown { size } else { block.size },
            ..block
        }
    }

    fn shrink(&mut self, block: Block) -> Block {
        let (heap, shrink) = (&mut *self.heap, self.probes.shrink);
        let size = self.random.below(block.size + 1);
        let call = || {
            // SAFETY: the block is live.
            unsafe { shrink(heap, block.start, size) }
        };
        let shrunk = self.observer.observe(Operation::Shrink, call);
        Block {
            size: if shrunk { size } else { block.size },
            ..block
        }
    }

    fn deallocate(&mut self, block: Block) {
        let (heap, deallocate) = (&mut *self.heap, self.probes.deallocate);
        let call = || {
            // SAFETY: the block is live, and has this alignment.
            unsafe { deallocate(heap, block.start, block.align) };
        };
        self.observer.observe(Operation::Deallocate, call);
    }
}
