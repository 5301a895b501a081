//! Calling the exported operations in many states of a heap.

use core::ptr::NonNull;

use crate::random::Random;

/// The most blocks that live at a time.
const SLOTS: usize = 48;

/// The calls after which the largest request changes: from a pool that is mostly free to one that is mostly
/// full of small pieces.
const PHASE: usize = 500;

/// The largest request is below the pool's bytes by a factor from two to two to the power of this.
const FACTORS: usize = 8;

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

/// An exported operation of a heap `H`: it takes a size or a block, and one number more.
pub type Probe<H, A, R> = unsafe extern "C" fn(&mut H, A, usize) -> R;

/// Looks on while operations are called.
pub trait Observer {
    /// Returns what `probe` returns for the arguments.
    ///
    /// # Safety
    ///
    /// The probe may be called with the arguments.
    unsafe fn observe<H, A: Copy, R: Default>(
        &mut self,
        operation: Operation,
        probe: Probe<H, A, R>,
        arguments: (&mut H, A, usize),
    ) -> R;
}

/// The exported operations of a kind of heap.
#[derive(Debug)]
#[expect(missing_docs, reason = "they are the operations above")]
pub struct Probes<H> {
    pub allocate: Probe<H, usize, Option<NonNull<u8>>>,
    pub deallocate: Probe<H, NonNull<u8>, ()>,
    pub grow: Probe<H, NonNull<u8>, bool>,
    pub shrink: Probe<H, NonNull<u8>, bool>,
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
            end: 0,
        };
        let mut slots = [None; SLOTS];
        for round in 0..rounds {
            if round % PHASE == 0 {
                let factor = 2 << drive.random.below(FACTORS);
                drive.end = (pool_size / factor).next_power_of_two();
            }
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
        let arguments = (&mut *self.heap, size, align);
        // SAFETY: a small size, and a power of two.
        let start = unsafe {
            self.observer
                .observe(operation, self.probes.allocate, arguments)
        };
        start.map(|start| Block { start, size, align })
    }

    /// Grows, shrinks or frees `block`.
    fn resize_or_free(&mut self, block: Block) -> Option<Block> {
        let kind = self.random.below(4);
        let (operation, probe, size) = match kind {
            0 => {
                let size = block.size + self.random.octaves_below(self.end);
                (Operation::Grow, self.probes.grow, size)
            }
            1 => {
                let size = self.random.below(block.size + 1);
                (Operation::Shrink, self.probes.shrink, size)
            }
            _ => {
                self.deallocate(block);
                return None;
            }
        };
        let arguments = (&mut *self.heap, block.start, size);
        // SAFETY: the block is live.
        let done = unsafe { self.observer.observe(operation, probe, arguments) };
        let size = if done { size } else { block.size };
        Some(Block { size, ..block })
    }

    fn deallocate(&mut self, block: Block) {
        let (operation, probe) = (Operation::Deallocate, self.probes.deallocate);
        let arguments = (&mut *self.heap, block.start, block.align);
        // SAFETY: the block is live, and has this alignment.
        unsafe { self.observer.observe(operation, probe, arguments) };
    }
}
