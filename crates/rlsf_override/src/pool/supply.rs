//! Giving memory to a heap, so that every block keeps to a stride.

use super::heap::Heap;
use super::memory::Memory;
use super::status::Status;
use rlsf::Stride;

/// Makes pools of `memory`; the bytes used, counted from its start. Takes time linear in the number of pools.
///
/// # Safety
///
/// The heap owns the memory from now on. (Whether it is that of another of its pools is looked up.)
pub(super) unsafe fn add<H: Heap>(
    heap: &mut H,
    memory: Memory,
    stride: Stride,
) -> Result<usize, Status> {
    if overlaps_a_pool(heap, memory) {
        return Err(Status::Overlap);
    }
    // SAFETY: the caller's promise.
    match unsafe { insert(heap, memory, stride) } {
        0 => Err(Status::TooSmall),
        used => Ok(used),
    }
}

/// Makes the pool that ends where `memory` begins longer, and pools of what is left; the bytes used, counted
/// from its start. Takes time linear in the number of pools.
///
/// # Safety
///
/// As for `add`.
pub(super) unsafe fn append<H: Heap>(
    heap: &mut H,
    memory: Memory,
    stride: Stride,
) -> Result<usize, Status> {
    let mut pools = heap.pools();
    let before = pools.find(|pool| {
        let bytes = pool.as_ptr();
        bytes.cast::<u8>().as_ptr() as usize + bytes.len() == memory.address()
    });
    let before = before.ok_or(Status::NoPool)?.block_bytes();
    drop(pools);
    if overlaps_a_pool(heap, memory) {
        return Err(Status::Overlap);
    }
    let room = memory.len().min(H::LARGEST_BLOCK - before) & !(stride.bytes() - 1);
    // SAFETY: a pool ends where the memory begins; the rest is the caller's promise.
    let grown = unsafe { heap.append(memory.first(room).region()) };
    let rest = memory.behind(grown);
    // SAFETY: the caller's promise.
    let more = rest.map_or(0, |rest| unsafe { insert(heap, rest, stride) });
    match grown + more {
        0 => Err(Status::TooSmall),
        used => Ok(used),
    }
}

/// Makes as many pools of the memory as it has room for; the bytes used.
///
/// # Safety
///
/// As for `add`.
unsafe fn insert<H: Heap>(heap: &mut H, memory: Memory, stride: Stride) -> usize {
    let mut used = 0;
    while let Some(rest) = memory.behind(used) {
        let pool = stride.pool_of_at_most(rest.address(), rest.len(), H::LARGEST_BLOCK);
        let Some((lead, len)) = pool else { break };
        let Some(pool) = rest.behind(lead) else { break };
        // SAFETY: the caller's promise.
        let inserted = unsafe { heap.insert(pool.first(len).region()) };
        if inserted == 0 {
            break;
        }
        used += lead + inserted;
    }
    used
}

/// Whether the heap has some of the memory already.
fn overlaps_a_pool<H: Heap>(heap: &H, memory: Memory) -> bool {
    heap.pools().any(|pool| {
        let bytes = pool.as_ptr();
        memory.overlaps(bytes.cast::<u8>().as_ptr() as usize, bytes.len())
    })
}
