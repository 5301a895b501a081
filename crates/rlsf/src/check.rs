//! The constant-time integrity checks of the operations that take a pointer.
//!
//! They run where debug assertions are on or the feature `hardened` is: a broken
//! header, a double free or a pointer from elsewhere ends in a panic with a
//! message before anything is written. A heap whose blocks C programs free has them
//! always, and is told of the fault instead: [`examine`].

use crate::block::Block;
use crate::int::BinInteger;
use crate::pool::{region_len, FOOTER_BYTES};
use crate::size::{BlockSize, GRANULARITY, WORD};
use crate::Tlsf;
use core::fmt;
use core::ops::Range;
use core::ptr::NonNull;

/// Whether the checks are compiled in.
pub(crate) const ON: bool = cfg!(any(debug_assertions, feature = "hardened"));

/// What is wrong with a pointer that was handed in to be freed or resized.
///
/// ```
/// assert_eq!(rlsf::Misuse::Free.to_string(), "the block is free already");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// No block has such an address.
    Misaligned,
    /// The address lies in none of the heap's memory.
    Foreign,
    /// The word before the address is no header of a block of the heap.
    Header,
    /// The block was freed before.
    Free,
    /// The block after it has another idea of it.
    Next,
    /// The free block before it is not what it should be.
    Previous,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Misaligned => "freed or resized pointer is not aligned to the granule",
            Self::Foreign => "freed or resized pointer is not from this heap",
            Self::Header => "the block's header is overwritten, or the pointer is not a payload's",
            Self::Free => "the block is free already",
            Self::Next => {
                "the next block's header is overwritten, or the pointer is not a payload's"
            }
            Self::Previous => "the free block before this one is overwritten",
        })
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Misuse {}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// The used block whose payload the caller hands in.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet. With the checks on,
    /// a breach is found if the pools have not been written to from outside.
    #[inline(always)]
    pub(crate) unsafe fn checked_block(&self, ptr: NonNull<u8>) -> Block {
        if ON {
            let checked = self.payloads_around(ptr).and_then(|payloads| {
                // SAFETY: the range is that of a pool's payloads.
                unsafe { examine(ptr, GRANULARITY, payloads) }
            });
            if let Err(misuse) = checked {
                refuse(misuse);
            }
        }
        // SAFETY: the caller's promise.
        unsafe { Block::from_payload(ptr) }
    }

    /// Whether a block in use lies at `ptr`, as far as its header and its neighbours tell.
    /// Constant time.
    ///
    /// For programs that are not trusted to hand in what they were given. A pointer into a
    /// block may be taken for a block's if the bytes before it happen to look like a header.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit, ptr::NonNull};
    /// let mut memory = [MaybeUninit::<u8>::uninit(); 1024];
    /// let region = NonNull::from(&mut memory[..]);
    /// let region = NonNull::new(region.as_ptr() as *mut [u8]).unwrap();
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// unsafe { heap.insert_free_block_ptr(region) }.unwrap();
    /// let block = heap.allocate(Layout::new::<u64>()).unwrap();
    /// let pool = heap.pools().next().unwrap().as_ptr();
    /// assert_eq!(unsafe { heap.examine(block, 8, pool) }, Ok(()));
    /// unsafe { heap.deallocate(block, 8) };
    /// assert_eq!(unsafe { heap.examine(block, 8, pool) }, Err(rlsf::Misuse::Free));
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer, which `align` is asked of, too.
    ///
    /// # Safety
    ///
    /// `pool` is a pool of this heap, from its first block's header to its end.
    #[inline]
    pub unsafe fn examine(
        &self,
        ptr: NonNull<u8>,
        align: usize,
        pool: NonNull<[u8]>,
    ) -> Result<(), Misuse> {
        let start = pool.as_ptr().cast::<u8>() as usize;
        let payloads = start + WORD..start + region_len(pool) - FOOTER_BYTES;
        // SAFETY: the caller's promise.
        unsafe { examine(ptr, align, payloads) }
    }

    /// Frees what [`examine`](Self::examine) has approved of, and sees to it that it will
    /// not approve once more, before the memory is used again. Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut memory = [MaybeUninit::uninit(); 1024];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut memory);
    /// let pool = heap.pools().next().unwrap().as_ptr();
    /// let first = heap.allocate(Layout::new::<u64>()).unwrap();
    /// let second = heap.allocate(Layout::new::<u64>()).unwrap();
    /// unsafe {
    ///     heap.deallocate_examined(first);
    ///     // It becomes a part of the free block before.
    ///     heap.deallocate_examined(second);
    ///     assert_eq!(heap.examine(second, 8, pool), Err(rlsf::Misuse::Free));
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`deallocate_unknown_align`](Self::deallocate_unknown_align).
    #[inline(always)]
    pub unsafe fn deallocate_examined(&mut self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        let block = unsafe { Block::from_payload(ptr) };
        let header = block.header();
        // SAFETY: the caller's promise.
        unsafe { self.deallocate_unknown_align(ptr) };
        if header.prev_is_free() {
            // The free block before has swallowed the header as it was: used.
            block.set_header(header.swallowed());
        }
    }

    /// The addresses from the first payload to the sentinel of the pool in which the
    /// pointer lies.
    fn payloads_around(&self, ptr: NonNull<u8>) -> Result<Range<usize>, Misuse> {
        if ptr.as_ptr() as usize % GRANULARITY != 0 {
            return Err(Misuse::Misaligned);
        }
        let pool = self.pools.iter().find(|pool| pool.has(ptr.as_ptr()));
        let pool = pool.ok_or(Misuse::Foreign)?;
        Ok(pool.first().as_ptr() as usize..pool.address().as_ptr() as usize)
    }
}

/// Ends an operation that was given a bad pointer.
#[cold]
pub(crate) fn refuse(misuse: Misuse) -> ! {
    panic!("rlsf: {misuse}")
}

/// Whether a used block's payload lies at `ptr`, as far as its header and its two
/// neighbours tell. Constant time.
///
/// `payloads` ends with a sentinel's address, or further on within memory of the heap
/// that holds no payload.
///
/// # Safety
///
/// The bytes of `payloads` and the word before them can be read, and no one writes headers
/// there meanwhile.
#[inline]
pub(crate) unsafe fn examine(
    ptr: NonNull<u8>,
    align: usize,
    payloads: Range<usize>,
) -> Result<(), Misuse> {
    let address = ptr.as_ptr() as usize;
    if address % align != 0 {
        return Err(Misuse::Misaligned);
    }
    if !payloads.contains(&address) {
        return Err(Misuse::Foreign);
    }
    // SAFETY: only the words that the caller allows are read.
    let block = unsafe { Block::from_payload(ptr) };
    check_header(&block, align, payloads.end - address)?;
    check_prev(&block, address - payloads.start)
}

/// The block is in use, and the next one agrees.
#[inline]
fn check_header(block: &Block, align: usize, room: usize) -> Result<(), Misuse> {
    let header = block.header();
    if header.has_unknown_flag()
        || header.bytes() % align != 0
        || header.bytes() < BlockSize::LEAST.get()
        || header.bytes() > room
    {
        return Err(Misuse::Header);
    }
    if header.is_free() {
        return Err(Misuse::Free);
    }
    if block.next(block.size()).header().prev_is_free() {
        return Err(Misuse::Next);
    }
    Ok(())
}

/// The block before is what this one's flag and its own last word say.
#[inline]
fn check_prev(block: &Block, before: usize) -> Result<(), Misuse> {
    if !block.header().prev_is_free() {
        return Ok(());
    }
    let bytes = block.bytes_before();
    let in_pool = bytes % GRANULARITY == 0 && bytes >= BlockSize::LEAST.get() && bytes <= before;
    let agrees = in_pool
        && block.prev_if_free().map_or(false, |(prev, _)| {
            prev.header().is_free() && prev.header().bytes() == bytes
        });
    if agrees {
        Ok(())
    } else {
        Err(Misuse::Previous)
    }
}
