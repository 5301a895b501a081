//! [`FlexTlsf`]: a heap that takes memory from a source when it needs it.

#[cfg(unix)]
mod examine;
mod grow;

use crate::int::BinInteger;
use crate::pool::region_len;
use crate::region::Regions;
use crate::source::FlexSource;
#[cfg(feature = "hardened")]
use crate::validate::Violation;
use crate::Tlsf;
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;

/// A heap that takes memory from its source when a request needs it.
///
/// The parameters are those of [`Tlsf`]. Operations take constant time unless the
/// source is asked. A request first has the newest region grown, or continued by the
/// memory that the source gives next, and only then begins another region. A
/// region costs four words, and its pool what a pool costs.
///
/// Dropping the heap gives every region back, each once, if the source takes them.
///
/// ```
/// use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
/// use std::alloc::{Layout, System};
///
/// let source = GlobalAllocAsFlexSource::<_, 4096>(System);
/// let mut heap: FlexTlsf<_, u32, u32, 20, 16> = FlexTlsf::new(source);
/// let layout = Layout::new::<[u64; 1000]>();
/// let block = heap.allocate(layout).unwrap();
/// unsafe { heap.deallocate(block, layout.align()) };
/// assert!(heap.trim() >= 8000);
/// ```
pub struct FlexTlsf<Source: FlexSource, FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize>
{
    heap: Tlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>,
    regions: Regions,
    /// The bytes of all regions.
    bytes: usize,
    source: Source,
}

// SAFETY: the heap owns the memory of its regions; nothing else reads or writes it.
unsafe impl<S: FlexSource + Send, FL: Send, SL: Send, const FLLEN: usize, const SLLEN: usize> Send
    for FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
}

// SAFETY: through `&FlexTlsf` memory is only read.
unsafe impl<S: FlexSource + Sync, FL: Sync, SL: Sync, const FLLEN: usize, const SLLEN: usize> Sync
    for FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
}

impl<
        S: FlexSource + Default,
        FL: BinInteger,
        SL: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
    > Default for FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    fn default() -> Self {
        Self::new(S::default())
    }
}

#[cfg(feature = "const-default")]
impl<
        S: FlexSource + const_default::ConstDefault,
        FL: BinInteger,
        SL: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
    > const_default::ConstDefault for FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    const DEFAULT: Self = Self::new(S::DEFAULT);
}

impl<
        S: FlexSource + fmt::Debug,
        FL: BinInteger,
        SL: BinInteger,
        const FLLEN: usize,
        const SLLEN: usize,
    > fmt::Debug for FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlexTlsf")
            .field("heap", &self.heap)
            .field("source_bytes", &self.bytes)
            .field("source", &self.source)
            .finish()
    }
}

impl<S: FlexSource, FL, SL, const FLLEN: usize, const SLLEN: usize> Drop
    for FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    fn drop(&mut self) {
        #[cfg(any(feature = "asan", feature = "valgrind"))]
        self.heap.open_pools();
        if self.source.supports_dealloc() {
            give_back(&mut self.regions, &mut self.source);
        }
    }
}

/// Hands regions that no heap uses to their source; the bytes.
pub(crate) fn give_back<S: FlexSource>(regions: &mut Regions, source: &mut S) -> usize {
    let mut bytes = 0;
    while let Some(memory) = regions.pop() {
        bytes += region_len(memory);
        // SAFETY: a region of this source, which is in no list any more.
        unsafe { source.dealloc(memory) };
    }
    bytes
}

impl<S: FlexSource, FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    FlexTlsf<S, FL, SL, FLLEN, SLLEN>
{
    /// Makes a heap without memory.
    ///
    /// ```
    /// use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// let heap: FlexTlsf<Source, u16, u16, 12, 16> =
    ///     FlexTlsf::new(GlobalAllocAsFlexSource(std::alloc::System));
    /// assert_eq!(heap.source_bytes(), 0);
    /// ```
    #[must_use]
    #[inline]
    pub const fn new(source: S) -> Self {
        Self {
            heap: Tlsf::new(),
            regions: Regions::EMPTY,
            bytes: 0,
            source,
        }
    }

    /// The source.
    #[must_use]
    #[inline]
    pub fn source_ref(&self) -> &S {
        &self.source
    }

    /// The source, to be changed.
    ///
    /// # Safety
    ///
    /// The source still owns, and takes back, what it gave to this heap.
    #[must_use]
    #[inline]
    pub unsafe fn source_mut_unchecked(&mut self) -> &mut S {
        &mut self.source
    }

    /// The heap inside, to be looked at: its statistics, blocks and checks.
    ///
    /// ```
    /// # use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// # type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// # let heap: FlexTlsf<Source, u16, u16, 12, 16> = FlexTlsf::default();
    /// assert_eq!(heap.as_tlsf().largest_allocatable(), 0);
    /// ```
    #[must_use]
    #[inline]
    pub fn as_tlsf(&self) -> &Tlsf<'static, FL, SL, FLLEN, SLLEN> {
        &self.heap
    }

    #[cfg(unix)]
    #[inline(always)]
    pub(crate) fn as_tlsf_mut(&mut self) -> &mut Tlsf<'static, FL, SL, FLLEN, SLLEN> {
        &mut self.heap
    }

    /// The memory of the region that was added `index` regions before the newest.
    #[cfg(unix)]
    pub(crate) fn region(&self, index: usize) -> Option<NonNull<[u8]>> {
        self.regions.iter().nth(index)
    }

    /// Sets the key of the heap inside, as [`Tlsf::set_key`] does: before the first request.
    ///
    /// ```
    /// # use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// # type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// let mut heap: FlexTlsf<Source, u16, u16, 12, 16> = FlexTlsf::default();
    /// heap.set_key(0x3141_5926_5358_9793);
    /// ```
    pub fn set_key(&mut self, key: u64) {
        self.heap.set_key(key);
    }

    /// Checks the next `budget` blocks or bins, as [`Tlsf::validate_step`] does.
    ///
    /// ```
    /// # use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// # type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// let mut heap: FlexTlsf<Source, u16, u16, 12, 16> = FlexTlsf::default();
    /// # #[cfg(feature = "hardened")]
    /// while !heap.validate_step(100).unwrap() {}
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    #[cfg(feature = "hardened")]
    pub fn validate_step(&mut self, budget: usize) -> Result<bool, Violation> {
        self.heap.validate_step(budget)
    }

    /// The bytes that the heap has from its source.
    #[must_use]
    #[inline]
    pub fn source_bytes(&self) -> usize {
        self.bytes
    }

    /// Allocates as [`Tlsf::allocate`] does, with memory from the source if need be.
    ///
    /// `None` if the source gives none; then nothing has changed. Constant time but
    /// for the source.
    ///
    /// ```
    /// # use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// # use core::alloc::Layout;
    /// # type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// let mut heap: FlexTlsf<Source, u16, u16, 12, 16> = FlexTlsf::default();
    /// assert!(heap.allocate(Layout::new::<[u8; 100]>()).is_some());
    /// ```
    #[inline]
    pub fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        match self.heap.allocate(layout) {
            Some(payload) => Some(payload),
            None => self.allocate_from_source(layout),
        }
    }

    #[cold]
    fn allocate_from_source(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.with_more(|heap| heap.want(layout), |heap| heap.allocate(layout))
    }

    /// Frees the allocation at `ptr`. Constant time.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::deallocate`].
    #[inline]
    pub unsafe fn deallocate(&mut self, ptr: NonNull<u8>, align: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.heap.deallocate(ptr, align) };
    }

    /// Frees the allocation at `ptr`, whatever its alignment. Constant time.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::deallocate_unknown_align`].
    #[inline]
    pub unsafe fn deallocate_unknown_align(&mut self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { self.heap.deallocate_unknown_align(ptr) };
    }

    /// Frees the allocation at `ptr`, whose layout is known. Constant time.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::deallocate_sized`].
    #[inline]
    pub unsafe fn deallocate_sized(&mut self, ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.heap.deallocate_sized(ptr, layout) };
    }

    /// Resizes the allocation at `ptr` as [`Tlsf::reallocate`] does, with memory from
    /// the source if need be.
    ///
    /// A block at the end of the newest region grows where it stands if the region
    /// does. `None` leaves the allocation untouched.
    ///
    /// ```
    /// # use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// # use core::alloc::Layout;
    /// # type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// let mut heap: FlexTlsf<Source, u16, u16, 12, 16> = FlexTlsf::default();
    /// let block = heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// unsafe {
    ///     block.as_ptr().write(7);
    ///     let block = heap.reallocate(block, Layout::new::<[u8; 50_000]>()).unwrap();
    ///     assert_eq!(block.as_ptr().read(), 7);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::reallocate`].
    pub unsafe fn reallocate(
        &mut self,
        ptr: NonNull<u8>,
        new_layout: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let resized = unsafe { self.heap.reallocate(ptr, new_layout) };
        resized.or_else(|| {
            self.with_more(
                // SAFETY: the caller's promise.
                |heap| unsafe { heap.want_resized(ptr, new_layout) },
                // SAFETY: the caller's promise: what failed has changed nothing.
                |heap| unsafe { heap.reallocate(ptr, new_layout) },
            )
        })
    }

    /// Grows the allocation at `ptr` where it stands. Constant time.
    ///
    /// The source is not asked.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::try_grow_in_place`].
    #[inline]
    pub unsafe fn try_grow_in_place(&mut self, ptr: NonNull<u8>, new_size: usize) -> Option<()> {
        // SAFETY: the caller's promise.
        unsafe { self.heap.try_grow_in_place(ptr, new_size) }
    }

    /// Shrinks the allocation at `ptr` where it stands. Constant time.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::shrink_in_place`].
    #[inline]
    pub unsafe fn shrink_in_place(&mut self, ptr: NonNull<u8>, new_size: usize) -> Option<()> {
        // SAFETY: the caller's promise.
        unsafe { self.heap.shrink_in_place(ptr, new_size) }
    }

    /// The bytes that the allocation at `ptr` may use. Constant time.
    ///
    /// # Safety
    ///
    /// As for [`Tlsf::allocation_usable_size`].
    #[must_use]
    #[inline]
    pub unsafe fn allocation_usable_size(ptr: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Tlsf::<'static, FL, SL, FLLEN, SLLEN>::allocation_usable_size(ptr) }
    }

    /// Gives back every region that holds no allocation, if the source takes regions;
    /// the bytes.
    ///
    /// Takes time linear in the number of regions, and for each that is given back,
    /// too.
    ///
    /// ```
    /// # use rlsf::{FlexTlsf, GlobalAllocAsFlexSource};
    /// # use core::alloc::Layout;
    /// # type Source = GlobalAllocAsFlexSource<std::alloc::System, 64>;
    /// let mut heap: FlexTlsf<Source, u16, u16, 12, 16> = FlexTlsf::default();
    /// let block = heap.allocate(Layout::new::<u64>()).unwrap();
    /// assert_eq!(heap.trim(), 0);
    /// unsafe { heap.deallocate(block, 8) };
    /// assert!(heap.trim() > 0);
    /// assert_eq!(heap.source_bytes(), 0);
    /// ```
    pub fn trim(&mut self) -> usize {
        let mut regions = self.detach_free_regions();
        give_back(&mut regions, &mut self.source)
    }

    /// Takes the regions that hold no allocation out of the heap, if the source takes
    /// regions.
    pub(crate) fn detach_free_regions(&mut self) -> Regions {
        if !self.source.supports_dealloc() {
            return Regions::EMPTY;
        }
        let (heap, bytes) = (&mut self.heap, &mut self.bytes);
        self.regions.take_out(|region| {
            let memory = region.memory();
            // SAFETY: the region with all its pools.
            let is_free = unsafe { heap.remove_pool(memory) }.is_ok();
            *bytes -= if is_free { region_len(memory) } else { 0 };
            is_free
        })
    }
}
