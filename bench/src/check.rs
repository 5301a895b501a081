//! Whether a heap does what a heap has to: before anything is measured, each is put to the test in a process of
//! its own. One that fails is shown as failing, and not measured.

use std::io::{pipe, Read, Write};
use std::panic;

use nix::sys::wait::{waitpid, WaitStatus};
use nix::unistd::{alarm, fork, ForkResult};

use crate::contestant::Contestant;
use crate::fill::{fill_with, plain};
use crate::mix::{Alignments, Mix, Sizes};
use crate::open_heap::{Block, OpenHeap};
use crate::rng::Rng;

/// Random operations of the test.
const OPERATIONS: usize = 20_000;

/// The pool.
const POOL_SIZE: usize = 1 << 20;

/// Blocks of which a pool in one piece holds many, and one in small pieces none.
const LARGE: usize = 48 << 10;

/// The seconds that the test may take: linear heaps take a part of one.
const LIMIT: u32 = 60;

const MIX: Mix = Mix {
    name: "check",
    sizes: Sizes::LogUniform(1, 4096),
    alignments: Alignments::Over(20),
};

/// What is wrong with a heap, if anything is.
#[must_use]
pub fn fault(heap: &'static Contestant) -> Option<String> {
    test_in_child(heap).err()
}

/// Puts a heap to the test in a child, which may crash.
fn test_in_child(heap: &'static Contestant) -> Result<(), String> {
    let (mut reader, mut writer) = pipe().map_err(|error| error.to_string())?;
    // SAFETY: the child runs the test, which locks nothing but the system's allocator, and exits.
    let fork = unsafe { fork() }.map_err(|error| error.to_string())?;
    let ForkResult::Parent { child } = fork else {
        alarm::set(LIMIT);
        let tested = panic::catch_unwind(|| test(heap));
        let told = match tested.unwrap_or_else(|_| Err("a block is misaligned".to_owned())) {
            Ok(()) => Ok(()),
            Err(fault) => writer.write_all(fault.as_bytes()),
        };
        // SAFETY: ends the child at once, without the parent's exit handlers.
        unsafe { libc::_exit(i32::from(told.is_err())) }
    };
    drop(writer);
    let mut fault = String::new();
    let told = reader.read_to_string(&mut fault);
    told.map_err(|error| error.to_string())?;
    match waitpid(child, None) {
        Ok(WaitStatus::Exited(_, 0)) if fault.is_empty() => Ok(()),
        Ok(WaitStatus::Exited(_, 0)) => Err(fault),
        Ok(WaitStatus::Signaled(_, signal, _)) => Err(format!("ended by {signal}")),
        ended => Err(format!("{ended:?}")),
    }
}

/// A live block with what was written all over it.
struct Written(Block, u8);

/// Allocates, frees and resizes at random; every byte of every block is written and compared. At the end what
/// the fresh heap served is served again, but for one large block.
fn test(heap: &'static Contestant) -> Result<(), String> {
    let mut heap = OpenHeap::new(heap, POOL_SIZE);
    let served = count_large(&mut heap);
    let mut rng = Rng::new(1);
    let mut blocks: Vec<Written> = Vec::new();
    for _ in 0..OPERATIONS {
        let action = rng.below(10);
        if action < 5 || blocks.is_empty() {
            if let Some(block) = heap.allocate(MIX.draw(&mut rng)) {
                blocks.push(write(&heap, block, &mut rng)?);
            }
            continue;
        }
        let Written(mut block, byte) = blocks.swap_remove(rng.below(blocks.len()));
        compare(&block, block.size(), byte)?;
        if action < 9 {
            heap.free(block);
            continue;
        }
        let size = block.size();
        if heap.resize(&mut block, rng.log_between(1, 4096)) {
            compare(&block, size.min(block.size()), byte)?;
        }
        blocks.push(write(&heap, block, &mut rng)?);
    }
    for Written(block, byte) in blocks {
        compare(&block, block.size(), byte)?;
        heap.free(block);
    }
    let again = count_large(&mut heap);
    let fault = || format!("{served} large blocks in a fresh pool, {again} after all was freed");
    // A heap may keep something for the next small block, in the midst of one place.
    (again + 1 >= served).then_some(()).ok_or_else(fault)
}

/// How many large blocks the empty heap serves at once.
fn count_large(heap: &mut OpenHeap) -> usize {
    let blocks = fill_with(heap, plain(LARGE));
    let count = blocks.len();
    for block in blocks {
        heap.free(block);
    }
    count
}

fn write(heap: &OpenHeap, mut block: Block, rng: &mut Rng) -> Result<Written, String> {
    if !heap.is_in_pool(&block) {
        return Err("a block reaches beyond the pool".to_owned());
    }
    let byte = rng.bits().to_le_bytes()[0];
    block.fill(byte);
    Ok(Written(block, byte))
}

fn compare(block: &Block, length: usize, byte: u8) -> Result<(), String> {
    let changed = || "a block was changed".to_owned();
    block
        .begins_with(length, byte)
        .then_some(())
        .ok_or_else(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::Heap;
    use crate::heaps::{HEAPS, OF_C, PUBLISHED_VARIANTS, TOUCH_ONLY};
    use core::alloc::Layout;
    use core::mem::MaybeUninit;

    #[test]
    fn every_heap_that_is_compared_passes() {
        for heap in HEAPS.iter().chain([&OF_C]).chain(PUBLISHED_VARIANTS) {
            assert_eq!(fault(heap), None, "{}", heap.name);
        }
    }

    /// Gives every block the same place.
    struct OnePlace(*mut u8);

    impl Heap for OnePlace {
        fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
            Self(pool.as_mut_ptr().cast())
        }

        unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
            if layout.size() < LARGE {
                self.0
            } else {
                core::ptr::null_mut()
            }
        }

        unsafe fn deallocate(&mut self, _: *mut u8, _: Layout) {}
    }

    #[test]
    fn blocks_that_overlap_are_found() {
        static HEAP: Contestant = Contestant::of::<OnePlace>("one place");
        assert_eq!(fault(&HEAP).as_deref(), Some("a block was changed"));
    }

    #[test]
    fn memory_that_is_lost_is_found() {
        let fault = fault(&TOUCH_ONLY).expect("it loses memory");
        assert!(fault.ends_with("after all was freed"), "{fault}");
    }
}
