//! The heap: [`Tlsf`], its pools, allocation and deallocation.

use crate::bin::Binning;
use crate::bins::Bins;
use crate::block::{Block, Span};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::pool::{Pools, POOL_OVERHEAD};
use crate::seal::{Key, Request, Seal, Site};
use crate::size::{BlockSize, GRANULARITY};
use crate::stats::Counters;
use crate::watch;
use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// A two-level segregated fit heap over the memory pools it is given.
///
/// `'pool` is the pools' lifetime; `FLBitmap` and `SLBitmap` are any integers
/// with at least `FLLEN` and `SLLEN` bits.
///
/// - The largest block has at least `(4 * size_of::<usize>() << FLLEN) -
///   GRANULARITY` bytes (exactly [`LARGEST_BLOCK`](Self::LARGEST_BLOCK)).
/// - A block costs one word beyond its payload, rounded up to the granule, and
///   has three words at least.
/// - `SLLEN`, a power of two, is the number of bins an octave: a larger one
///   finds closer fits and makes the heap itself larger
///   (`FLLEN * SLLEN * size_of::<usize>()` bytes of list heads).
/// - An allocation succeeds if some free block has
///   [`sure_block_size`](Self::sure_block_size) bytes: about one part in `SLLEN`
///   more than it needs. A block among the first two of its bin serves its whole
///   payload, so a lone free block of `b` bytes serves every request up to
///   `b - size_of::<usize>()`.
///
/// [`allocate`](Self::allocate), [`deallocate`](Self::deallocate) and the
/// in-place forms of [`reallocate`](Self::reallocate) take constant time: they
/// have no loop but the probe of at most two blocks of one bin.
///
/// The algorithm: M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic
/// memory allocator for real-time systems", ECRTS 2004.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// use rlsf::Tlsf;
///
/// let mut pool = [MaybeUninit::uninit(); 65536];
/// let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
/// heap.insert_free_block(&mut pool);
///
/// let layout = Layout::new::<u64>();
/// let number = heap.allocate(layout).unwrap().cast::<u64>();
/// unsafe {
///     number.as_ptr().write(42);
///     assert_eq!(number.as_ptr().read(), 42);
///     heap.deallocate(number.cast(), layout.align());
/// }
/// ```
#[repr(C)] // the pools, which few operations use, have the far offsets
pub struct Tlsf<'pool, FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize> {
    pub(crate) bins: Bins<FLBitmap, SLBitmap, FLLEN, SLLEN>,
    pub(crate) counters: Counters,
    pub(crate) pools: Pools,
    pub(crate) key: Key,
    _pool: PhantomData<&'pool ()>,
}

// SAFETY: the heap owns the memory of its pools; nothing else reads or writes
// what its pointers lead to.
unsafe impl<FL: Send, SL: Send, const FLLEN: usize, const SLLEN: usize> Send
    for Tlsf<'_, FL, SL, FLLEN, SLLEN>
{
}

// SAFETY: through `&Tlsf` memory is only read.
unsafe impl<FL: Sync, SL: Sync, const FLLEN: usize, const SLLEN: usize> Sync
    for Tlsf<'_, FL, SL, FLLEN, SLLEN>
{
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize> Default
    for Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "const-default")]
impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    const_default::ConstDefault for Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    const DEFAULT: Self = Self::new();
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize> fmt::Debug
    for Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tlsf")
            .field("pools", &self.pools.iter().count())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

/// What a tool outside was told of the pools' memory does not hold for its next user.
#[cfg(any(feature = "asan", feature = "valgrind"))]
impl<FL, SL, const FLLEN: usize, const SLLEN: usize> Drop for Tlsf<'_, FL, SL, FLLEN, SLLEN> {
    fn drop(&mut self) {
        self.open_pools();
    }
}

#[cfg(any(feature = "asan", feature = "valgrind"))]
impl<FL, SL, const FLLEN: usize, const SLLEN: usize> Tlsf<'_, FL, SL, FLLEN, SLLEN> {
    /// Tells that all pools are the heap's no more, nor does it know of them.
    pub(crate) fn open_pools(&mut self) {
        self.pools.open();
        self.pools = Pools::EMPTY;
    }
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    const PARAMETERS_ARE_VALID: () = {
        assert!(FLLEN >= 1, "FLLEN must be at least 1");
        assert!(SLLEN >= 1, "SLLEN must be at least 1");
        assert!(
            FLLEN <= FLBitmap::BITS as usize,
            "FLLEN must not exceed the number of bits of FLBitmap"
        );
        assert!(
            SLLEN <= SLBitmap::BITS as usize,
            "SLLEN must not exceed the number of bits of SLBitmap"
        );
        assert!(SLLEN.is_power_of_two(), "SLLEN must be a power of two");
    };

    /// The size of the largest block in bytes, header included.
    ///
    /// ```
    /// type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
    /// assert!(Heap::LARGEST_BLOCK >= (4 * core::mem::size_of::<usize>() << 12) - 8);
    /// ```
    pub const LARGEST_BLOCK: usize = Binning::<FLLEN, SLLEN>::LARGEST.get();

    /// The bytes that a pool takes beyond its blocks, in memory aligned to a word.
    ///
    /// ```
    /// type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
    /// assert_eq!(Heap::POOL_OVERHEAD, 8 + 4 * core::mem::size_of::<usize>());
    /// ```
    pub const POOL_OVERHEAD: usize = POOL_OVERHEAD;

    /// Makes a heap without memory.
    ///
    /// An `FLLEN` or `SLLEN` out of range is a compile-time error: zero, more than
    /// the bitmap has bits, or an `SLLEN` that is no power of two.
    ///
    /// ```compile_fail
    /// let heap: rlsf::Tlsf<'_, u8, u8, 9, 8> = rlsf::Tlsf::new();
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::Tlsf<'_, u8, u8, 0, 8> = rlsf::Tlsf::new();
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::Tlsf<'_, u8, u8, 8, 0> = rlsf::Tlsf::new();
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::Tlsf<'_, u8, u8, 8, 16> = rlsf::Tlsf::new();
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::Tlsf<'_, u8, u8, 8, 3> = rlsf::Tlsf::new();
    /// ```
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        #[allow(clippy::let_unit_value)] // evaluates the assertions
        let () = Self::PARAMETERS_ARE_VALID;
        Self {
            bins: Bins::EMPTY,
            pools: Pools::EMPTY,
            counters: Counters::ZERO,
            key: Key::NONE,
            _pool: PhantomData,
        }
    }

    /// Allocates `layout.size()` bytes at a multiple of `layout.align()`.
    ///
    /// `None` if no free block is sure to fit; then nothing has changed. A
    /// request of zero bytes gets a distinct address like any other. Constant
    /// time.
    ///
    /// An alignment above [`GRANULARITY`](crate::GRANULARITY) takes a block that is
    /// large enough wherever it lies, or else the nearest in size or one of the largest
    /// if the aligned bytes happen to lie in it. The gap before the aligned address
    /// stays a free block. Of the aligned addresses in a large free block it is the first, where
    /// the allocation can grow; on 32 bits, up to an alignment of 32 and 4 KiB, it is the last, which
    /// is quicker, and [`reallocate`](Self::reallocate) moves it if it grows.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// let line = Layout::from_size_align(100, 64).unwrap();
    /// assert!(heap.allocate(line).is_none());
    /// heap.insert_free_block(&mut pool);
    /// assert_eq!(heap.allocate(line).unwrap().as_ptr() as usize % 64, 0);
    /// ```
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.allocate_bytes(layout.size(), layout.align())
    }

    /// `allocate`, in the order of arguments in which a global allocator gets them.
    #[inline]
    #[cfg_attr(feature = "hardened", track_caller)]
    fn allocate_bytes(&mut self, payload: usize, align: usize) -> Option<NonNull<u8>> {
        if align > GRANULARITY {
            return self.allocate_aligned(payload, align);
        }
        let seal = self.seal(Site::here(Operation::Allocate));
        let size = match self.admit(payload) {
            Some(size) => size,
            None => return self.fail(),
        };
        match self.bins.take(size, seal) {
            Some(span) => {
                let front = self.bins.file_rest(span, size);
                Some(self.claim(front, Request::of(payload)).payload())
            }
            None => self.fail(),
        }
    }

    /// A seal to peek with.
    pub(crate) const KEYLESS: Seal = Seal::keyless(Binning::<FLLEN, SLLEN>::SIZE_BITS);

    /// The heap's seal, for one call.
    #[inline(always)]
    pub(crate) const fn seal(&self, site: Site) -> Seal {
        Seal::new(&self.key, Binning::<FLLEN, SLLEN>::SIZE_BITS, site)
    }

    /// The block size that holds `payload` bytes; `None` above the largest.
    #[inline]
    pub(crate) const fn block_size_of(payload: usize) -> Option<BlockSize> {
        if payload > Binning::<FLLEN, SLLEN>::LARGEST.payload() {
            return None;
        }
        Some(BlockSize::of_payload(payload))
    }

    /// The block size for a request, which is noted if it is the largest so far.
    #[inline]
    pub(crate) fn admit(&mut self, payload: usize) -> Option<BlockSize> {
        if self.counters.has_seen(payload) {
            return Some(BlockSize::of_payload(payload));
        }
        let size = Self::block_size_of(payload)?;
        self.counters.on_request(payload);
        Some(size)
    }

    #[inline]
    pub(crate) fn fail(&mut self) -> Option<NonNull<u8>> {
        self.counters.on_failure();
        None
    }

    /// Makes a used block of a span for a request; the block before it is in use.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(crate) fn claim(&mut self, span: Span, request: Request) -> Block {
        self.counters.on_allocate(span.size().get());
        Self::claim_counted(span, request)
    }

    /// The same; who calls counts it.
    #[inline(always)]
    pub(crate) fn claim_counted(span: Span, request: Request) -> Block {
        let size = span.size();
        let block = span.claim(request);
        watch::allocated(block.payload(), size.payload() - request.slack_in(size));
        block
    }

    /// `[ span ][ next ] => [ ---- span ---- ]` if the next block is free; or
    /// tells the next block that what lies before it is free now.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(crate) fn merge_next(&mut self, span: Span) -> Span {
        match span.next().known_if_free() {
            Ok(next) => {
                unlikely();
                self.bins.merge_next(span, &next)
            }
            Err(next) => {
                next.set_prev_free();
                span
            }
        }
    }
}

/// Tells the compiler that the branch it stands in is the rarer one: in steady work
/// most blocks are freed between used ones.
#[cold]
#[inline]
pub(crate) fn unlikely() {}
