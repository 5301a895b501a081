//! The constant-time integrity checks of the operations that take a pointer.
//!
//! They run where debug assertions are on or the feature `hardened` is: a broken
//! header, a double free or a pointer from elsewhere ends in a panic with a
//! message before anything is written. A heap whose blocks C programs free has them
//! always, and is told of the fault instead: [`examine`].

use crate::block::{Block, Glance};
use crate::header::Header;
use crate::int::BinInteger;
use crate::misuse::{Misuse, Operation};
use crate::pool::{region_len, FOOTER_BYTES};
use crate::seal::{Seal, Site};
use crate::size::{BlockSize, GRANULARITY, WORD};
use crate::Tlsf;
use core::ops::Range;
use core::ptr::NonNull;

/// Whether the pool is looked for in which a pointer lies: the time that takes is linear in
/// the number of pools.
const EXACT: bool = cfg!(all(debug_assertions, not(feature = "hardened")));

/// Whether the checks are compiled in.
pub(crate) const ON: bool = cfg!(any(debug_assertions, feature = "hardened"));

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// The used block whose payload the caller hands in, and its header.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet. With the checks on,
    /// a breach is found if the pools have not been written to from outside.
    #[inline(always)]
    pub(crate) unsafe fn checked_block(&self, ptr: NonNull<u8>, site: Site) -> (Block, Header) {
        let seal = self.seal(site);
        if EXACT {
            self.check_exactly(ptr, site, seal);
        }
        // SAFETY: the caller's promise.
        let block = unsafe { Block::from_payload(ptr, seal) };
        let header = checked_header(&block);
        (block, header)
    }

    /// One look at a block that is to be freed.
    #[inline(always)]
    pub(crate) fn glance(&self, ptr: NonNull<u8>, site: Site) -> Glance {
        // SAFETY: it is looked at before anything is concluded.
        let block = unsafe { Block::from_payload(ptr, self.seal(site)) };
        block.glance()
    }

    /// Ends the operation unless a block in use lies at `ptr`, in one of the pools.
    fn check_exactly(&self, ptr: NonNull<u8>, site: Site, seal: Seal) {
        let payloads = match self.payloads_around(ptr) {
            Ok(payloads) => payloads,
            Err(misuse) => site.refuse(misuse, ptr, 0..0, 0),
        };
        // SAFETY: the range is that of a pool's payloads.
        if let Err(misuse) = unsafe { examine(ptr, GRANULARITY, payloads.clone(), seal) } {
            site.refuse(misuse, ptr, payloads, !(GRANULARITY - 1));
        }
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
        let payloads = payloads_of(pool);
        // SAFETY: the caller's promise.
        unsafe {
            examine(
                ptr,
                align,
                payloads,
                self.seal(Site::of(Operation::Examine)),
            )
        }
    }

    /// The bytes that the block in use at `ptr` may use, if its own header can be one's: nothing else can be looked at
    /// while another thread is using the heap. Constant time.
    ///
    /// As [`allocation_usable_size`](Self::allocation_usable_size), but of a pointer that may be anything: a header
    /// that would have it read beyond the pool is refused.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// type Heap<'pool> = rlsf::Tlsf<'pool, u16, u16, 12, 16>;
    /// let mut memory = [MaybeUninit::uninit(); 1024];
    /// let mut heap = Heap::new();
    /// heap.insert_free_block(&mut memory);
    /// let pool = heap.pools().next().unwrap().as_ptr();
    /// let block = heap.allocate(Layout::new::<[u64; 9]>()).unwrap();
    /// unsafe {
    ///     block.as_ptr().write_bytes(0x55, 72);
    ///     assert!(Heap::examine_shared(block, 8, pool).unwrap() >= 72);
    ///     let inside = core::ptr::NonNull::new(block.as_ptr().add(16)).unwrap();
    ///     assert_eq!(Heap::examine_shared(inside, 8, pool), Err(rlsf::Misuse::Header));
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer, of which `align` is asked, too.
    ///
    /// # Safety
    ///
    /// `pool` is a pool of a heap of this type, from its first block's header to its end, and stays one.
    #[inline(always)]
    pub unsafe fn examine_shared(
        ptr: NonNull<u8>,
        align: usize,
        pool: NonNull<[u8]>,
    ) -> Result<usize, Misuse> {
        let payloads = payloads_of(pool);
        let address = ptr.as_ptr() as usize;
        if address % align != 0 {
            return Err(Misuse::Misaligned);
        }
        if !payloads.contains(&address) {
            return Err(Misuse::Foreign);
        }
        // SAFETY: the word before lies in the pool.
        let block = unsafe { Block::from_payload(ptr, Self::KEYLESS) };
        let header = block.peek_shared();
        check_size(header, align, payloads.end - address)?;
        if header.is_free() {
            return Err(Misuse::Free);
        }
        Ok(block.usable(header))
    }

    /// Frees what [`examine`](Self::examine) has approved of, and sees to it that it will
    /// not approve once more, before the memory is used again. A hardened heap does not look at
    /// the block's neighbours and slack a second time. Constant time.
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
        let site = Site::of(Operation::Deallocate);
        if Seal::ON {
            // SAFETY: the caller's promise.
            return unsafe { self.free_examined(ptr, site) };
        }
        // SAFETY: the caller's promise.
        let (block, header) = unsafe { self.checked_block(ptr, site) };
        self.counters.on_deallocate(header.size().get());
        self.free_marked(block, header);
    }

    /// Frees a block, whose header says so even if the free block before swallows it. Who calls counts it.
    #[inline(always)]
    pub(crate) fn free_marked(&mut self, block: Block, header: Header) {
        if header.prev_is_free() {
            // It would stay as it is: used.
            block.set_header(header.swallowed());
        }
        self.free_counted(block, header);
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

/// The header of a used block, as far as the seals tell of it and the next one's; if not,
/// ends the operation. Constant time; no more than a look where the heap is not hardened.
#[inline]
fn checked_header(block: &Block) -> Header {
    if !Seal::ON {
        return block.header();
    }
    let (seal, ptr) = (block.seal(), block.payload());
    if !seal.reaches(ptr.as_ptr()) {
        let aligned = ptr.as_ptr() as usize % GRANULARITY == 0;
        seal.demand(aligned, ptr, Misuse::Misaligned);
        seal.demand(false, ptr, Misuse::Foreign);
    }
    if block.look().is_none() {
        seal.demand(!block.is_swallowed(), ptr, Misuse::Free);
    }
    let header = block.header();
    seal.demand(!header.is_free(), ptr, Misuse::Free);
    // Where a pool ends below another one there is a header, too.
    seal.demand(!header.is_sentinel(), ptr, Misuse::Foreign);
    let next = block.next(header.size()).look();
    let agrees = next.map_or(false, |next| !next.prev_is_free());
    seal.demand(agrees, ptr, Misuse::Next);
    seal.demand(block.slack_is_intact(header), ptr, Misuse::Slack);
    header
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
    seal: Seal,
) -> Result<(), Misuse> {
    let address = ptr.as_ptr() as usize;
    if address % align != 0 {
        return Err(Misuse::Misaligned);
    }
    if !payloads.contains(&address) {
        return Err(Misuse::Foreign);
    }
    // SAFETY: only the words that the caller allows are read.
    let block = unsafe { Block::from_payload(ptr, seal) };
    if !Seal::ON {
        return check_block(&block, align, payloads, Slack::Any);
    }
    match check_block(&block, align, payloads.clone(), Slack::Plain) {
        Ok(()) => Ok(()),
        // SAFETY: as above.
        Err(_) => unsafe { examine_closely(ptr, align, payloads, seal) },
    }
}

/// Examines what is no usual block, or none at all: apart, so that the usual block needs few
/// registers.
///
/// # Safety
///
/// As for [`examine`]; `ptr` is aligned, and one of `payloads`.
#[cold]
#[inline(never)]
unsafe fn examine_closely(
    ptr: NonNull<u8>,
    align: usize,
    payloads: Range<usize>,
    seal: Seal,
) -> Result<(), Misuse> {
    // SAFETY: the caller's promise.
    let block = unsafe { Block::from_payload(ptr, seal) };
    check_block(&block, align, payloads, Slack::Any)
}

/// The slack that a block may have.
#[derive(Clone, Copy)]
enum Slack {
    Any,
    /// A word at most.
    Plain,
}

/// The block is in use, and its neighbours agree.
#[inline(always)]
fn check_block(
    block: &Block,
    align: usize,
    payloads: Range<usize>,
    slack: Slack,
) -> Result<(), Misuse> {
    let address = block.payload().as_ptr() as usize;
    let header = check_header(block, align, payloads.end - address, slack)?;
    check_prev(block, header, address - payloads.start)
}

/// The addresses from the first payload of a pool to its sentinel.
#[inline(always)]
fn payloads_of(pool: NonNull<[u8]>) -> Range<usize> {
    let start = pool.as_ptr().cast::<u8>() as usize;
    start + WORD..start + region_len(pool) - FOOTER_BYTES
}

/// The header's size is one that a block may have, in so many bytes.
#[inline(always)]
fn check_size(header: Header, align: usize, room: usize) -> Result<(), Misuse> {
    if header.has_unknown_flag()
        || header.bytes() % align != 0
        || header.bytes() < BlockSize::LEAST.get()
        || header.bytes() > room
    {
        return Err(Misuse::Header);
    }
    Ok(())
}

/// The block is in use, and the next one agrees.
#[inline(always)]
fn check_header(block: &Block, align: usize, room: usize, slack: Slack) -> Result<Header, Misuse> {
    if Seal::ON && block.is_swallowed() {
        return Err(Misuse::Free);
    }
    let header = block.look().ok_or(Misuse::Header)?;
    check_size(header, align, room)?;
    if header.is_free() {
        return Err(Misuse::Free);
    }
    let next = block.next(header.size()).look();
    if next.map_or(true, Header::prev_is_free) {
        return Err(Misuse::Next);
    }
    let slack_is_intact = match slack {
        Slack::Any => block.slack_is_intact(header),
        Slack::Plain => block.slack_is_plain(header),
    };
    if !slack_is_intact {
        return Err(Misuse::Slack);
    }
    Ok(header)
}

/// The block before is what this one's flag and its own last word say.
#[inline(always)]
fn check_prev(block: &Block, header: Header, before: usize) -> Result<(), Misuse> {
    if !header.prev_is_free() {
        return Ok(());
    }
    let bytes = block.bytes_before();
    let in_pool = bytes % GRANULARITY == 0 && bytes >= BlockSize::LEAST.get() && bytes <= before;
    if in_pool && block.is_behind_free(bytes) {
        Ok(())
    } else {
        Err(Misuse::Previous)
    }
}
