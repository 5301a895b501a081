//! [`GlobalTlsf`]: a program's `#[global_allocator]`.

mod options;

pub use options::{GlobalTlsfOptions, SmallGlobalTlsf, SmallGlobalTlsfOptions};

use crate::lock::futex::Futex;
use crate::oom::{Hook, OutOfMemory, OutOfMemoryHook};
use crate::pool::POOL_OVERHEAD;
use crate::size::BlockSize;
use crate::source::linux;
use crate::{BlockInfo, Tlsf, Violation};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

/// The heap of a [`GlobalTlsf`]: 32 bins an octave, blocks up to 32 GiB.
type Heap = Tlsf<'static, u32, u32, 28, 32>;

/// Pages are asked for in multiples of this many bytes.
const STEP: usize = 1 << 20;

/// A heap that several threads share and that takes pages from the system when
/// it needs them.
///
/// Available on Linux. An operation that needs no new pages takes constant time
/// under the lock. Each instance has a lock of its own.
///
/// ```
/// #[global_allocator]
/// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
///
/// let squares: std::collections::HashMap<u32, u32> = (0..100).map(|n| (n, n * n)).collect();
/// assert_eq!(squares[&7], 49);
/// assert!(HEAP.validate().is_ok());
/// ```
pub struct GlobalTlsf<Options: GlobalTlsfOptions = ()> {
    state: UnsafeCell<State>,
    lock: Futex,
    hook: Hook,
    _options: PhantomData<fn() -> Options>,
}

/// What the lock guards.
#[derive(Debug)]
struct State {
    heap: Heap,
    /// The end of the newest pages, where the next ones are wanted.
    end: Option<NonNull<u8>>,
    /// All bytes of pages so far.
    bytes: usize,
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
    /// Makes a heap without pages.
    ///
    /// ```
    /// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// # let _ = &HEAP;
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: UnsafeCell::new(State {
                heap: Heap::new(),
                end: None,
                bytes: 0,
            }),
            lock: Futex::new(),
            hook: Hook::none(),
            _options: PhantomData,
        }
    }

    fn with<R>(&self, section: impl FnOnce(&mut State) -> R) -> R {
        self.lock.with(|| {
            // SAFETY: the lock makes this the only reference.
            section(unsafe { &mut *self.state.get() })
        })
    }

    /// Has `hook` called with every request that fails from now on, or none.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// fn report(event: &rlsf::OutOfMemory) {
    ///     eprintln!("{event}");
    /// }
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// heap.set_out_of_memory_hook(Some(report));
    /// let all = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
    /// assert!(unsafe { heap.alloc(all) }.is_null());
    /// ```
    pub fn set_out_of_memory_hook(&self, hook: Option<OutOfMemoryHook>) {
        self.hook.set(hook);
    }

    #[cold]
    fn report(&self, layout: Layout) -> *mut u8 {
        self.hook.call(|| {
            #[cfg(feature = "stats")]
            let statistics = Some(self.statistics());
            #[cfg(not(feature = "stats"))]
            let statistics = None;
            OutOfMemory::new(layout, statistics, None)
        });
        ptr::null_mut()
    }

    /// The exact figures of the heap. Constant time under the lock.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// assert_eq!(heap.statistics().live_blocks, 0);
    /// let block = unsafe { heap.alloc(Layout::new::<u64>()) };
    /// assert_eq!(heap.statistics().live_blocks, 1);
    /// # unsafe { heap.dealloc(block, Layout::new::<u64>()) };
    /// ```
    #[cfg(feature = "stats")]
    #[must_use]
    pub fn statistics(&self) -> crate::Statistics {
        self.with(|state| state.heap.statistics())
    }

    /// Shows every block to `visit`, pool by pool in the order of addresses.
    ///
    /// Takes time linear in the number of blocks, under the lock: `visit` must
    /// not use this heap, or it waits for itself forever.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// let mut blocks = 0;
    /// heap.for_each_block(&mut |_| blocks += 1);
    /// assert_eq!(blocks, 0);
    /// ```
    pub fn for_each_block(&self, visit: &mut dyn FnMut(BlockInfo<'_>)) {
        self.with(|state| state.heap.blocks().for_each(visit));
    }

    /// Checks every invariant, as [`Tlsf::validate`] does, under the lock.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// assert_eq!(heap.validate(), Ok(()));
    /// ```
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
        if let Some(payload) = self.heap.allocate(layout) {
            return Some(payload);
        }
        if self.grow::<Options>(layout).is_some() {
            self.heap.counters.on_retry();
            return self.heap.allocate(layout);
        }
        None
    }

    /// Takes pages for a block that is sure to serve `layout`.
    #[cold]
    fn grow<Options: GlobalTlsfOptions>(&mut self, layout: Layout) -> Option<()> {
        let block = layout.size().checked_add(BlockSize::LEAST.get())?;
        let room = block.checked_add(layout.align().checked_mul(2)?)?;
        // An eighth more, so that the block's bin is sure to serve it.
        let least = (room + room / 8).checked_add(POOL_OVERHEAD + STEP)? & !(STEP - 1);
        if least > Heap::LARGEST_BLOCK {
            return None;
        }
        let ample = least.max((self.bytes / 4) & !(STEP - 1));
        self.map::<Options>(ample)
            .or_else(|| self.map::<Options>(least))
    }

    fn map<Options: GlobalTlsfOptions>(&mut self, len: usize) -> Option<()> {
        let pages = linux::map(self.end, len)?;
        let region = ptr::slice_from_raw_parts_mut(pages.as_ptr(), len);
        // SAFETY: not null, as the pages' start is not.
        let region = unsafe { NonNull::new_unchecked(region) };
        if Options::COALESCE_POOLS && self.end == Some(pages) {
            // SAFETY: fresh pages, at the end of a pool that uses all of its own.
            unsafe { self.heap.append_free_block_ptr(region) };
        } else {
            // SAFETY: fresh pages.
            unsafe { self.heap.insert_free_block_ptr(region) }?;
        }
        self.end = NonNull::new(pages.as_ptr().wrapping_add(len));
        self.bytes += len;
        Some(())
    }
}

// SAFETY: `Tlsf` keeps the contract of an allocator, and the lock makes it one
// for all threads; nothing here unwinds.
unsafe impl<Options: GlobalTlsfOptions> GlobalAlloc for GlobalTlsf<Options> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.with(|state| state.allocate::<Options>(layout))
            .map_or_else(|| self.report(layout), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        self.with(|state| {
            // SAFETY: the caller's promise.
            unsafe { state.heap.deallocate_sized(payload, layout) }
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
                let resized = unsafe { state.heap.reallocate(payload, new_layout) };
                if resized.is_none() {
                    state.heap.counters.on_retry();
                }
                resized
            });
            if let Some(resized) = resized {
                return resized.as_ptr();
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
