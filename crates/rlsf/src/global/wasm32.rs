//! [`GlobalTlsf`] on wasm32: the memory grows at its end, and the last pool with it.

#[path = "c_alloc.rs"]
mod c_alloc;
#[path = "options.rs"]
mod options;

pub use c_alloc::CAlloc;
pub use options::{GlobalTlsfOptions, SmallGlobalTlsf, SmallGlobalTlsfOptions};

use crate::bin::Binning;
use crate::bins::Aim;
use crate::block::Span;
use crate::compact::Need;
use crate::lock::wasm32::MemoryLock;
use crate::lock::Lock;
use crate::misuse::Operation;
use crate::oom::{Hook, OutOfMemory, OutOfMemoryHook};
use crate::pool::POOL_OVERHEAD;
use crate::seal::Site;
use crate::size::BlockSize;
use crate::source::wasm32;
use crate::{BlockInfo, Tlsf, Violation};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

/// The heap of a [`GlobalTlsf`]: 32 bins an octave, blocks up to the whole memory, and a row of
/// bins that stays empty, so that there is one above each block's.
type Heap = Tlsf<'static, u32, u32, 25, 32>;

const _: () = assert!(Binning::<25, 32>::FILED < Binning::<25, 32>::COUNT);

/// A heap that has the module's memory grow when it needs more.
///
/// A program's `#[global_allocator]` on wasm32, with and without the target feature
/// `atomics`. New pages join the free block at the memory's end, and only what that
/// lacks is asked for; where somebody else has grown the memory, a pool of its own
/// begins. An operation that needs no new pages takes constant time.
///
/// ```
/// #[global_allocator]
/// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
/// ```
pub struct GlobalTlsf<Options: GlobalTlsfOptions = ()> {
    state: UnsafeCell<State>,
    lock: MemoryLock,
    hook: Hook,
    _options: PhantomData<fn() -> Options>,
}

/// The bytes that a request and its gap may have: with them and a page more a pool's blocks are
/// no larger than the largest.
const MOST: usize = Heap::LARGEST_BLOCK - wasm32::PAGE;

/// What the code of a heap with these options is to be.
const fn aim<Options: GlobalTlsfOptions>() -> Aim {
    if Options::ENABLE_REALLOCATION {
        Aim::Speed
    } else {
        Aim::Bytes
    }
}

/// What the lock guards.
#[derive(Debug)]
struct State {
    heap: Heap,
}

// SAFETY: the state is only touched under the lock.
unsafe impl<Options: GlobalTlsfOptions> Sync for GlobalTlsf<Options> {}

// SAFETY: nothing in it belongs to a thread.
unsafe impl<Options: GlobalTlsfOptions> Send for GlobalTlsf<Options> {}

impl<Options: GlobalTlsfOptions> Default for GlobalTlsf<Options> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "const-default")]
impl<Options: GlobalTlsfOptions> const_default::ConstDefault for GlobalTlsf<Options> {
    const DEFAULT: Self = Self::new();
}

impl<Options: GlobalTlsfOptions> fmt::Debug for GlobalTlsf<Options> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GlobalTlsf").finish_non_exhaustive()
    }
}

impl<Options: GlobalTlsfOptions> GlobalTlsf<Options> {
    /// Makes a heap without memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: UnsafeCell::new(State { heap: Heap::new() }),
            lock: MemoryLock::NEW,
            hook: Hook::none(),
            _options: PhantomData,
        }
    }

    #[inline(always)]
    fn with<R>(&self, section: impl FnOnce(&mut State) -> R) -> R {
        self.lock.with(|| {
            // SAFETY: the lock makes this the only reference.
            section(unsafe { &mut *self.state.get() })
        })
    }

    /// Has `hook` called with every request that fails from now on, or none.
    ///
    /// Where the options leave reallocation out, so that code is small, there are no
    /// such calls.
    pub fn set_out_of_memory_hook(&self, hook: Option<OutOfMemoryHook>) {
        self.hook.set(hook);
    }

    #[cold]
    fn report(&self, layout: Layout) -> *mut u8 {
        if Options::ENABLE_REALLOCATION {
            self.hook.call(|| {
                let statistics = self.with(|state| state.heap.figures());
                OutOfMemory::new(layout, statistics, None)
            });
        }
        ptr::null_mut()
    }

    /// The exact figures of the heap. Constant time under the lock.
    #[cfg(feature = "stats")]
    #[must_use]
    pub fn statistics(&self) -> crate::Statistics {
        self.with(|state| state.heap.statistics())
    }

    /// Shows every block to `visit`, pool by pool in the order of addresses.
    ///
    /// Takes time linear in the number of blocks, under the lock: `visit` must not
    /// use this heap.
    pub fn for_each_block(&self, visit: &mut dyn FnMut(BlockInfo<'_>)) {
        self.with(|state| state.heap.blocks().for_each(visit));
    }

    /// Checks every invariant, as [`Tlsf::validate`] does, under the lock.
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Violation> {
        self.with(|state| state.heap.validate())
    }
}

impl State {
    fn allocate<Options: GlobalTlsfOptions>(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let aim = aim::<Options>();
        let need = match Need::new(layout, MOST) {
            Some(need) => need,
            None => return self.heap.fail(),
        };
        let span = match self.heap.take_compactly(&need, aim) {
            Some(span) => span,
            None => match self.grow::<Options>(need.roomy) {
                Some(span) => span,
                None => return self.heap.fail(),
            },
        };
        // A block that may grow later has free memory behind it.
        Some(if Options::ENABLE_REALLOCATION {
            self.heap.carve_first(span, &need, aim)
        } else {
            self.heap.carve_last(span, &need, aim)
        })
    }

    /// Has the memory grow by so much that there are `need` bytes at its end.
    fn grow<Options: GlobalTlsfOptions>(&mut self, need: BlockSize) -> Option<Span> {
        if Options::COALESCE_POOLS {
            if let Some(span) = self.extend_newest::<Options>(need) {
                return Some(span);
            }
        }
        self.insert_pages(wasm32::pages_of(need.get() + POOL_OVERHEAD))
    }

    /// The same, if the newest pool ends where the memory does.
    fn extend_newest<Options: GlobalTlsfOptions>(&mut self, need: BlockSize) -> Option<Span> {
        let pool = self.heap.pools.newest()?;
        if pool.end() != wasm32::end() {
            return None;
        }
        let seal = self.heap.seal(Site::of(Operation::Supply));
        let end = pool.sentinel(seal);
        let free = end.prev_if_free(end.header());
        let free = free.map_or(0, |(_, size)| size.get());
        // A block at the end may be large enough, but deep in its bin's list.
        let count = wasm32::pages_of(need.get().saturating_sub(free).max(1));
        let len = count * wasm32::PAGE;
        if pool.bytes() + len > Heap::LARGEST_BLOCK {
            return None;
        }
        let pages = wasm32::grow(count)?;
        if pages.as_ptr() != pool.end() {
            // Somebody else has been faster: this is of use later.
            let span = self.insert_pages_at(pages, len);
            self.heap.file_compactly(span, aim::<Options>());
            return None;
        }
        // SAFETY: S1: a page's multiple, compared with the largest.
        let by = unsafe { BlockSize::new_unchecked(len) };
        // SAFETY: fresh pages behind this pool.
        Some(unsafe { self.heap.extend_by_pages(pool, by) })
    }

    fn insert_pages(&mut self, count: usize) -> Option<Span> {
        let pages = wasm32::grow(count)?;
        Some(self.insert_pages_at(pages, count * wasm32::PAGE))
    }

    /// Makes a pool of fresh pages, at most a page more than [`MOST`].
    fn insert_pages_at(&mut self, pages: NonNull<u8>, len: usize) -> Span {
        // SAFETY: S1: so at most the largest, and a multiple of the granule.
        let blocks = unsafe { BlockSize::new_unchecked(len - POOL_OVERHEAD) };
        // SAFETY: nobody else has them.
        unsafe { self.heap.insert_pages(pages, blocks) }
    }
}

// SAFETY: `Tlsf` keeps the contract of an allocator, and the lock makes it one for
// all threads; nothing here unwinds.
unsafe impl<Options: GlobalTlsfOptions> GlobalAlloc for GlobalTlsf<Options> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.with(|state| state.allocate::<Options>(layout))
            .map_or_else(|| self.report(layout), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, ptr: *mut u8, _: Layout) {
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        self.with(|state| {
            // SAFETY: the caller's promise.
            unsafe { state.heap.deallocate_compactly(payload, aim::<Options>()) }
        });
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size makes a layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        if Options::ENABLE_REALLOCATION {
            let resized = self.with(|state| {
                // SAFETY: the caller's promise.
                unsafe { state.heap.resize_compactly(payload, new_size, Aim::Speed) }
            });
            if resized {
                return ptr;
            }
        }
        // SAFETY: the new size is not zero.
        let target = unsafe { self.alloc(new_layout) };
        if !target.is_null() {
            let kept = layout.size().min(new_size);
            // SAFETY: two blocks, each of at least this many bytes.
            unsafe { ptr::copy_nonoverlapping(ptr, target, kept) };
            // SAFETY: the caller's promise.
            unsafe { self.dealloc(ptr, layout) };
        }
        target
    }
}

// SAFETY: as for `GlobalAlloc`.
unsafe impl<Options: GlobalTlsfOptions> CAlloc for GlobalTlsf<Options> {
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: this allocator serves requests of no bytes, too.
        NonNull::new(unsafe { self.alloc(layout) })
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        self.with(|state| unsafe { state.heap.deallocate_compactly(ptr, aim::<Options>()) });
    }

    unsafe fn reallocate(&self, ptr: NonNull<u8>, new_layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let used = unsafe { Self::allocation_usable_size(ptr) };
        let align = new_layout.align();
        if ptr.as_ptr() as usize % align == 0 {
            // SAFETY: a power of two, and no more than there is.
            let layout = unsafe { Layout::from_size_align_unchecked(used, align) };
            // SAFETY: the caller's promise.
            let moved = unsafe { self.realloc(ptr.as_ptr(), layout, new_layout.size()) };
            return NonNull::new(moved);
        }
        let target = CAlloc::allocate(self, new_layout)?;
        let kept = used.min(new_layout.size());
        // SAFETY: two blocks, each of at least this many bytes.
        unsafe { ptr::copy_nonoverlapping(ptr.as_ptr(), target.as_ptr(), kept) };
        // SAFETY: the caller's promise.
        unsafe { CAlloc::deallocate(self, ptr) };
        Some(target)
    }

    unsafe fn allocation_usable_size(ptr: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Heap::allocation_usable_size(ptr) }
    }
}
