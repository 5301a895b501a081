//! [`SlabTlsf`]: a heap whose small blocks have no header.

mod class;
mod guarded;
mod lists;
mod resize;
mod slab;
mod supply;
mod validate;

use crate::check::ON;
use crate::int::BinInteger;
use crate::misuse::{Misuse, Operation};
use crate::seal::Site;
use crate::size::WORD;
use crate::Tlsf;
use class::Class;
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;
use lists::Lists;
use slab::{Slab, SIZES};

/// Who frees: the place is the program's own, which is not handed down.
const SITE: Site = Site::of(Operation::Deallocate);

/// A [`Tlsf`] whose blocks of up to 64 bytes have no header: they lie side by side in
/// slabs of one size each, which are blocks of the heap.
///
/// For programs that free with the layout that they asked for, as Rust does, and of
/// whose blocks many are small: a block of 20 bytes takes 20 bytes where a `Tlsf` takes
/// 32. Sizes up to 64 bytes, aligned to up to 64, are rounded up to a multiple of 4 and
/// of their alignment; what is larger is the `Tlsf`'s. `SLAB` is the bytes of a slab, a
/// power of two from 256 to 32 768: a larger one has less overhead (its header's 16
/// bytes, on 64-bit machines 24, and a word), a smaller one leaves less unused in a
/// small heap.
///
/// [`allocate`](Self::allocate) and [`deallocate`](Self::deallocate) take constant
/// time: a small block costs a `Tlsf`'s operation only where a slab is begun or given
/// back. One slab that has become free is kept for whichever size needs one next, and
/// given back where a larger request would fail.
///
/// A small request fails where the heap has no `SLAB` bytes in one piece, aligned to
/// `SLAB`, and no free block of its own or a larger small size:
/// [`sufficient_pool_size`](Tlsf::sufficient_pool_size) does not hold for this heap.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// use rlsf::SlabTlsf;
///
/// let mut pool = [MaybeUninit::uninit(); 65536];
/// let mut heap: SlabTlsf<'_, u16, u16, 12, 16> = SlabTlsf::new();
/// heap.insert_free_block(&mut pool);
///
/// let layout = Layout::new::<[u8; 20]>();
/// let one = heap.allocate(layout).unwrap();
/// let two = heap.allocate(layout).unwrap();
/// assert_eq!(two.as_ptr() as usize - one.as_ptr() as usize, 20);
/// unsafe {
///     heap.deallocate(one, layout);
///     heap.deallocate(two, layout);
/// }
/// ```
pub struct SlabTlsf<
    'pool,
    FLBitmap,
    SLBitmap,
    const FLLEN: usize,
    const SLLEN: usize,
    const SLAB: usize = DEFAULT_SLAB,
> {
    heap: Tlsf<'pool, FLBitmap, SLBitmap, FLLEN, SLLEN>,
    lists: Lists<SLAB>,
}

/// The bytes of a slab where a program does not say: 1024 on 64-bit machines.
const DEFAULT_SLAB: usize = 128 * WORD;

// SAFETY: the heap owns the memory of its pools, slabs included; nothing else reads or
// writes what its pointers lead to.
unsafe impl<FL: Send, SL: Send, const FLLEN: usize, const SLLEN: usize, const SLAB: usize> Send
    for SlabTlsf<'_, FL, SL, FLLEN, SLLEN, SLAB>
{
}

// SAFETY: through `&SlabTlsf` memory is only read.
unsafe impl<FL: Sync, SL: Sync, const FLLEN: usize, const SLLEN: usize, const SLAB: usize> Sync
    for SlabTlsf<'_, FL, SL, FLLEN, SLLEN, SLAB>
{
}

impl<
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > Default for SlabTlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > fmt::Debug for SlabTlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlabTlsf")
            .field("heap", &self.heap)
            .finish_non_exhaustive()
    }
}

impl<
        'pool,
        FLBitmap: BinInteger,
        SLBitmap: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
        const SLAB: usize,
    > SlabTlsf<'pool, FLBitmap, SLBitmap, FLLEN, SLLEN, SLAB>
{
    const PARAMETERS_ARE_VALID: () = {
        assert!(SLAB.is_power_of_two(), "SLAB must be a power of two");
        assert!(
            SLAB >= *SIZES.start() && SLAB <= *SIZES.end(),
            "SLAB must be from 256 to 32768"
        );
        assert!(
            SLAB <= Tlsf::<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>::LARGEST_BLOCK / 2,
            "FLLEN must allow for blocks of twice SLAB"
        );
    };

    /// What a slab asks of the heap.
    const LAYOUT: Layout = match Layout::from_size_align(Slab::<SLAB>::BYTES, SLAB) {
        Ok(layout) => layout,
        Err(_) => panic!("a slab has a layout"),
    };

    /// Makes a heap without memory.
    ///
    /// A `SLAB` that is no power of two or out of range is a compile-time error, as are
    /// the parameters that [`Tlsf::new`] refuses.
    ///
    /// ```
    /// type Heap = rlsf::SlabTlsf<'static, u16, u8, 10, 8, 256>;
    /// const HEAP: Heap = Heap::new();
    /// # let _ = HEAP;
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::SlabTlsf<'_, u16, u8, 10, 8, 300> = rlsf::SlabTlsf::new();
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::SlabTlsf<'_, u16, u8, 4, 8, 4096> = rlsf::SlabTlsf::new();
    /// ```
    /// ```compile_fail
    /// let heap: rlsf::SlabTlsf<'_, u16, u8, 10, 8, 128> = rlsf::SlabTlsf::new();
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        #[allow(clippy::let_unit_value)] // evaluates the assertions
        let () = Self::PARAMETERS_ARE_VALID;
        Self {
            heap: Tlsf::new(),
            lists: Lists::EMPTY,
        }
    }

    /// Allocates `layout.size()` bytes at a multiple of `layout.align()`.
    ///
    /// `None` if nothing that fits is sure to be found; then nothing has changed.
    /// Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// assert!(heap.allocate(Layout::new::<u8>()).is_none());
    /// heap.insert_free_block(&mut pool);
    /// let aligned = heap.allocate(Layout::from_size_align(5, 32).unwrap()).unwrap();
    /// assert_eq!(aligned.as_ptr() as usize % 32, 0);
    /// ```
    #[inline]
    pub fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        match Class::of(layout) {
            Some(class) => self.allocate_small(class, layout.align()),
            None => self.allocate_large(layout),
        }
    }

    #[inline]
    fn allocate_small(&mut self, class: Class, align: usize) -> Option<NonNull<u8>> {
        let slab = match self.lists.of(class) {
            Some(slab) => slab,
            None => self.another_slab(class, align)?,
        };
        Some(self.lists.take_from(slab))
    }

    /// A slab for a class that has none with a free block: a new one, or else one of a
    /// larger class whose blocks are as aligned.
    #[cold]
    fn another_slab(&mut self, class: Class, align: usize) -> Option<Slab<SLAB>> {
        let spare = self.lists.take_spare().map(Slab::memory);
        if let Some(memory) = spare.or_else(|| self.heap.allocate(Self::LAYOUT)) {
            // SAFETY: a new block with a slab's layout, or a slab that nobody uses.
            let slab = unsafe { Slab::format(memory, class) };
            self.lists.add(slab);
            return Some(slab);
        }
        let larger = self.lists.above(class, align)?;
        self.heap.counters.on_retry();
        Some(larger)
    }

    fn allocate_large(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let block = self.heap.allocate(layout);
        if block.is_some() || !self.give_spare() {
            return block;
        }
        self.heap.counters.on_retry();
        self.heap.allocate(layout)
    }

    /// Gives the spare slab back to the heap; whether there was one.
    #[cold]
    fn give_spare(&mut self) -> bool {
        let spare = self.lists.take_spare();
        if let Some(slab) = spare {
            self.give_slab(slab);
        }
        spare.is_some()
    }

    /// Gives a slab that is in no list, and has no block in use, back to the heap.
    fn give_slab(&mut self, slab: Slab<SLAB>) {
        // SAFETY: A1: a block of the heap, and nobody uses it any more.
        unsafe { self.heap.deallocate(slab.memory(), SLAB) };
    }

    /// Frees the allocation at `ptr`. Constant time; with the checks on, a block that looks
    /// as if it were free already is searched for among the slab's.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let layout = Layout::new::<[u32; 9]>();
    /// let place = heap.allocate(layout).unwrap();
    /// unsafe { heap.deallocate(place, layout) };
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this heap and is not freed yet; `layout` is the one that it
    /// was allocated, or last resized, with.
    #[inline]
    pub unsafe fn deallocate(&mut self, ptr: NonNull<u8>, layout: Layout) {
        if Class::of(layout).is_none() {
            // SAFETY: the caller's promise.
            return unsafe { self.heap.deallocate(ptr, layout.align()) };
        }
        // SAFETY: the caller's promise: a small layout's block lies in a slab.
        let slab = unsafe { self.checked_slab(ptr) };
        // SAFETY: the caller's promise.
        if let Some(idle) = unsafe { self.lists.give_to(slab, ptr) } {
            self.give_slab(idle);
        }
    }

    /// The slab of a block that the caller hands in.
    ///
    /// # Safety
    ///
    /// `ptr` is a small block of this heap in use. With the checks on, a breach is found
    /// if the pools have not been written to from outside.
    #[inline(always)]
    unsafe fn checked_slab(&self, ptr: NonNull<u8>) -> Slab<SLAB> {
        // SAFETY: the caller's promise.
        let slab = unsafe { Slab::<SLAB>::around(ptr) };
        if ON {
            // SAFETY: the caller's promise: a slab is a used block of the heap.
            let _ = unsafe { self.heap.checked_block(slab.memory(), SITE) };
            if !slab.has_block_at(ptr) {
                SITE.refuse(Misuse::Header, ptr, 0..0, 0);
            }
            if slab.has_freed(ptr) {
                SITE.refuse(Misuse::Free, ptr, 0..0, 0);
            }
        }
        slab
    }

    /// A size that an allocation, aligned to up to
    /// [`GRANULARITY`](crate::GRANULARITY), is sure to get now. Constant time.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// assert_eq!(heap.largest_allocatable(), 0);
    /// heap.insert_free_block(&mut pool);
    /// assert!(heap.largest_allocatable() > 4000);
    /// ```
    #[must_use]
    pub fn largest_allocatable(&self) -> usize {
        let large = self.heap.largest_allocatable();
        if large > class::LARGEST {
            return large;
        }
        self.lists.largest_open()
    }

    /// The heap behind: its figures, pools and blocks, of which a slab is one.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::SlabTlsf<'_, u16, u16, 12, 16> = rlsf::SlabTlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// for _ in 0..20 {
    ///     heap.allocate(Layout::new::<u64>()).unwrap();
    /// }
    /// assert_eq!(heap.heap().blocks().filter(|block| block.is_occupied()).count(), 1);
    /// ```
    #[must_use]
    pub const fn heap(&self) -> &Tlsf<'pool, FLBitmap, SLBitmap, FLLEN, SLLEN> {
        &self.heap
    }
}
