//! [`PerCore`]: a heap a core, without an operating system.

mod core_heap;

use crate::link::Link;
use core::alloc::{GlobalAlloc, Layout};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::num::NonZeroUsize;
use core::ptr::{null_mut, NonNull};
use core_heap::CoreHeap;
use rlsf::int::BinInteger;
use rlsf::{Tlsf, Violation};

/// How many blocks that others have freed are taken back in each allocation: more than one, so
/// that an inbox that is being filled does not grow for ever.
const TAKEN_BACK: usize = 2;

/// What a program tells [`PerCore`] about its cores.
///
/// # Safety
///
/// Two calls that run at the same time, or of which one interrupts the other, never get the same
/// number. So an interrupt handler gets `None`, as does a task that another task of its core may
/// interrupt.
pub unsafe trait Cores {
    /// The number of the heap that the caller may use now, from zero up; `None` if it may use
    /// none. Such a caller can free blocks, but not allocate any.
    ///
    /// ```
    /// struct OneCore;
    ///
    /// // SAFETY: there is one core, and this program has no interrupt handlers.
    /// unsafe impl rlsf_threads::Cores for OneCore {
    ///     fn own() -> Option<usize> {
    ///         Some(0)
    ///     }
    /// }
    /// # use rlsf_threads::Cores;
    /// # assert_eq!(OneCore::own(), Some(0));
    /// ```
    fn own() -> Option<usize>;
}

/// `N` heaps, one a core: a block that another core frees, or an interrupt handler, goes into an
/// inbox of the heap that it came from, with one swap and one store, whatever others do. The
/// owner takes two blocks back in each allocation. Nothing waits, no interrupt is turned off, and
/// every operation takes constant time.
///
/// Needs an atomic swap of pointers, which Cortex-M0 does not have. The other parameters are
/// those of [`Tlsf`].
///
/// ```
/// use core::mem::MaybeUninit;
/// use rlsf_threads::{Cores, PerCore};
///
/// struct Two;
///
/// // SAFETY: this program only uses the first of them, and has no interrupt handlers. On two
/// // cores: read the core's number, and ask whether a handler runs.
/// unsafe impl Cores for Two {
///     fn own() -> Option<usize> {
///         Some(0)
///     }
/// }
///
/// static HEAP: PerCore<Two, u16, u16, 12, 16, 2> = PerCore::new();
/// static mut MEMORY: [MaybeUninit<u8>; 65536] = [MaybeUninit::uninit(); 65536];
///
/// // Each core gives its heap the memory.
/// # #[allow(static_mut_refs)]
/// // SAFETY: nobody else uses it.
/// HEAP.insert(unsafe { &mut MEMORY }).unwrap();
/// let block = HEAP.allocate(core::alloc::Layout::new::<[u32; 100]>()).unwrap();
/// unsafe { HEAP.deallocate(block) };
/// ```
#[derive(Debug)]
pub struct PerCore<C, FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize, const N: usize>
where
    FLBitmap: BinInteger,
    SLBitmap: BinInteger,
{
    heaps: [CoreHeap<Tlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>>; N],
    _cores: PhantomData<fn() -> C>,
}

impl<C, FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize, const N: usize>
    PerCore<C, FLBitmap, SLBitmap, FLLEN, SLLEN, N>
where
    C: Cores,
    FLBitmap: BinInteger,
    SLBitmap: BinInteger,
{
    /// Heaps without memory.
    ///
    /// ```
    /// # struct Never;
    /// # unsafe impl rlsf_threads::Cores for Never {
    /// #     fn own() -> Option<usize> { None }
    /// # }
    /// static HEAP: rlsf_threads::PerCore<Never, u16, u16, 12, 16, 4> = rlsf_threads::PerCore::new();
    /// assert!(HEAP.allocate(core::alloc::Layout::new::<u8>()).is_none());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heaps: [const { CoreHeap::new(Tlsf::new()) }; N],
            _cores: PhantomData,
        }
    }

    /// Uses the heap that is the caller's, if it has one.
    fn with_own<R>(
        &self,
        act: impl FnOnce(
            &CoreHeap<Tlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>>,
            &mut Tlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>,
        ) -> R,
    ) -> Option<R> {
        let heap = self.heaps.get(C::own()?)?;
        // SAFETY: P1, by the promise of `Cores`; no `act` comes here again.
        let blocks = unsafe { heap.blocks() };
        Some(act(heap, blocks))
    }

    /// Gives memory to the heap of the calling core; how many bytes of it are used. `None` if the
    /// caller has no heap, the heap has its memory already, or the memory is too small.
    ///
    /// ```
    /// # use rlsf_threads::{Cores, PerCore};
    /// # struct One;
    /// # unsafe impl Cores for One {
    /// #     fn own() -> Option<usize> { Some(0) }
    /// # }
    /// # static HEAP: PerCore<One, u16, u16, 12, 16, 1> = PerCore::new();
    /// let memory = Box::leak(Box::new([core::mem::MaybeUninit::uninit(); 4096]));
    /// assert!(HEAP.insert(memory).unwrap().get() > 4000);
    /// ```
    pub fn insert(&self, memory: &'static mut [MaybeUninit<u8>]) -> Option<NonZeroUsize> {
        self.with_own(|heap, blocks| {
            if heap.has_memory() {
                return None;
            }
            let range = memory.as_ptr_range();
            let start = NonNull::from_mut(memory).cast();
            let region = NonNull::slice_from_raw_parts(start, memory.len());
            // SAFETY: the memory is the heap's alone for ever.
            let used = unsafe { blocks.insert_free_block_ptr(region) }?;
            heap.note(range);
            Some(used)
        })?
    }

    /// Allocates from the heap of the calling core. Constant time; `None` if there is no memory,
    /// or the caller has no heap.
    ///
    /// ```
    /// # use rlsf_threads::{Cores, PerCore};
    /// # struct One;
    /// # unsafe impl Cores for One {
    /// #     fn own() -> Option<usize> { Some(0) }
    /// # }
    /// # static HEAP: PerCore<One, u16, u16, 12, 16, 1> = PerCore::new();
    /// # HEAP.insert(Box::leak(Box::new([core::mem::MaybeUninit::uninit(); 4096])));
    /// let layout = core::alloc::Layout::from_size_align(100, 64).unwrap();
    /// let block = HEAP.allocate(layout).unwrap();
    /// assert_eq!(block.as_ptr() as usize % 64, 0);
    /// ```
    #[must_use]
    pub fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        self.take_back(TAKEN_BACK);
        let layout =
            Layout::from_size_align(at_least_a_link(layout.size()), layout.align()).ok()?;
        self.with_own(|_, blocks| blocks.allocate(layout))?
    }

    /// Frees a block, whichever core or interrupt handler calls. Constant time, without a loop.
    ///
    /// A block of no heap here is left as it is.
    ///
    /// ```
    /// # use rlsf_threads::{Cores, PerCore};
    /// # struct One;
    /// # unsafe impl Cores for One {
    /// #     fn own() -> Option<usize> { Some(0) }
    /// # }
    /// # static HEAP: PerCore<One, u16, u16, 12, 16, 1> = PerCore::new();
    /// # HEAP.insert(Box::leak(Box::new([core::mem::MaybeUninit::uninit(); 4096])));
    /// let block = HEAP.allocate(core::alloc::Layout::new::<u64>()).unwrap();
    /// unsafe { HEAP.deallocate(block) };
    /// assert_eq!(HEAP.validate(), Some(Ok(())));
    /// ```
    ///
    /// # Safety
    ///
    /// A block in use of these heaps that nobody uses any more.
    pub unsafe fn deallocate(&self, block: NonNull<u8>) {
        let Some(number) = self.heaps.iter().position(|heap| heap.has(block)) else {
            debug_assert!(false, "rlsf: {block:p} is no block of these heaps");
            return;
        };
        if C::own() == Some(number) {
            self.with_own(|_, blocks| {
                // SAFETY: the caller's promise.
                unsafe { blocks.deallocate_unknown_align(block) };
            });
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.heaps[number].give(block) };
        }
    }

    /// Takes back at most so many blocks that others have freed of the calling core's heap; how
    /// many it were. For a core that is idle: one that allocates does so by itself.
    ///
    /// ```
    /// # use rlsf_threads::{Cores, PerCore};
    /// # struct One;
    /// # unsafe impl Cores for One {
    /// #     fn own() -> Option<usize> { Some(0) }
    /// # }
    /// static HEAP: PerCore<One, u16, u16, 12, 16, 1> = PerCore::new();
    /// while HEAP.take_back(10) == 10 {}
    /// ```
    pub fn take_back(&self, most: usize) -> usize {
        let taken_back = self.with_own(|heap, blocks| {
            for count in 0..most {
                // SAFETY: P1.
                let Some(block) = (unsafe { heap.take() }) else {
                    return count;
                };
                // SAFETY: another core has freed it.
                unsafe { blocks.deallocate_unknown_align(block) };
            }
            most
        });
        taken_back.unwrap_or(0)
    }

    /// Checks the invariants of the calling core's heap, in time linear in its blocks; `None` if
    /// the caller has no heap.
    ///
    /// ```
    /// # use rlsf_threads::{Cores, PerCore};
    /// # struct One;
    /// # unsafe impl Cores for One {
    /// #     fn own() -> Option<usize> { Some(0) }
    /// # }
    /// static HEAP: PerCore<One, u16, u16, 12, 16, 1> = PerCore::new();
    /// assert_eq!(HEAP.validate(), Some(Ok(())));
    /// ```
    #[must_use]
    pub fn validate(&self) -> Option<Result<(), Violation>> {
        self.with_own(|_, blocks| blocks.validate())
    }
}

impl<C, FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize, const N: usize> Default
    for PerCore<C, FLBitmap, SLBitmap, FLLEN, SLLEN, N>
where
    C: Cores,
    FLBitmap: BinInteger,
    SLBitmap: BinInteger,
{
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: a block belongs to who allocated it until it is freed; nothing here unwinds.
unsafe impl<C, FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize, const N: usize>
    GlobalAlloc for PerCore<C, FLBitmap, SLBitmap, FLLEN, SLLEN, N>
where
    C: Cores,
    FLBitmap: BinInteger,
    SLBitmap: BinInteger,
{
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.allocate(layout).map_or(null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, ptr: *mut u8, _layout: Layout) {
        // SAFETY: a block is not null.
        let block = unsafe { NonNull::new_unchecked(ptr) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(block) };
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: a block is not null.
        let block = unsafe { NonNull::new_unchecked(ptr) };
        let resized = self.with_own(|heap, blocks| {
            // SAFETY: the caller's promise.
            heap.has(block) && unsafe { resize(blocks, block, new_size) }.is_some()
        });
        if resized == Some(true) {
            return ptr;
        }
        // SAFETY: the caller promises that the new size makes a layout.
        let new = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let Some(target) = self.allocate(new) else {
            return null_mut();
        };
        let bytes = layout.size().min(new_size);
        // SAFETY: two blocks of so many bytes.
        unsafe { target.copy_from_nonoverlapping(block, bytes) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(block) };
        target.as_ptr()
    }
}

/// What to ask for, so that whoever frees the block may write a link there: no block is smaller,
/// but a hardened heap watches what nobody asked for.
fn at_least_a_link(size: usize) -> usize {
    size.max(size_of::<Link>())
}

/// Resizes a block where it stands; `None` leaves it as it is.
///
/// # Safety
///
/// A block in use of the heap that nobody else uses.
unsafe fn resize<FLBitmap, SLBitmap, const FLLEN: usize, const SLLEN: usize>(
    blocks: &mut Tlsf<'static, FLBitmap, SLBitmap, FLLEN, SLLEN>,
    block: NonNull<u8>,
    new_size: usize,
) -> Option<()>
where
    FLBitmap: BinInteger,
    SLBitmap: BinInteger,
{
    let new_size = at_least_a_link(new_size);
    // SAFETY: the caller's promise.
    let shrunk = unsafe { blocks.shrink_in_place(block, new_size) };
    shrunk.or_else(|| {
        // SAFETY: the caller's promise; what failed has changed nothing.
        unsafe { blocks.try_grow_in_place(block, new_size) }
    })
}
