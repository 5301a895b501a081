//! [`Locked`]: a heap behind the program's own lock, for bare metal.

mod alloc;

use crate::heap::Heap;
use crate::lock::Lock;
use crate::oom::{Hook, OutOfMemoryHook};
use crate::Violation;
use core::cell::UnsafeCell;
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

/// A heap behind a lock of the program's choice: a `#[global_allocator]` where no
/// operating system gives pages.
///
/// `L` is the lock: `CriticalSection`, any
/// `lock_api::RawMutex` (feature `lock_api`), [`NoLock`](crate::NoLock), or a
/// [`Lock`] of the program's own. `H` is a [`Tlsf<'static, …>`](crate::Tlsf), or a
/// [`SlabTlsf`](crate::SlabTlsf).
///
/// The lock is held for constant time, but by [`validate`](Self::validate), by
/// [`with_heap`](Self::with_heap) and in one case by `realloc`: a block that grows is
/// resized in place or else copied to a new one *outside* of the lock; only where no
/// other block is left, its contents move down into the free memory before it, under
/// the lock.
///
/// # Interrupt handlers
///
/// Behind `CriticalSection` a handler may allocate and
/// free at any time. Behind a spin lock it must not, unless the lock turns
/// interrupts off: a handler that has interrupted the holder would wait forever. A
/// debug build for bare metal panics with a message then.
///
/// ```
/// use core::mem::MaybeUninit;
/// use rlsf::{Locked, NoLock, Tlsf};
///
/// let heap: Locked<NoLock, Tlsf<'static, u16, u16, 12, 16>> = Locked::new();
/// # let memory = Box::leak(Box::new([MaybeUninit::<u8>::uninit(); 1024]));
/// heap.init(memory).unwrap();
/// assert!(heap.init(Box::leak(Box::new([MaybeUninit::uninit(); 64]))).is_err());
/// ```
///
/// In a program for a microcontroller:
///
/// ```
/// # #[cfg(feature = "critical-section")] {
/// use rlsf::{CriticalSection, Locked, Region, Tlsf};
///
/// # const _: &str = r#"
/// #[global_allocator]
/// # "#;
/// static HEAP: Locked<CriticalSection, Tlsf<'static, u16, u8, 8, 8>> = Locked::new();
/// static MEMORY: Region<CriticalSection, 8192> = Region::new();
///
/// fn start() {
///     HEAP.init(MEMORY.take().unwrap()).unwrap();
/// }
/// # let _ = start;
/// # }
/// ```
pub struct Locked<L, H> {
    heap: UnsafeCell<H>,
    lock: L,
    hook: Hook,
}

// SAFETY: the heap is touched under the lock only.
unsafe impl<L: Lock + Sync, H: Send> Sync for Locked<L, H> {}

/// Why a [`Locked`] heap has not taken a region.
///
/// ```
/// let error = rlsf::InitError::TooSmall;
/// assert_eq!(error.to_string(), "the region is too small for a pool");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitError {
    /// The heap has memory already.
    Twice,
    /// The region has not even room for the smallest block.
    TooSmall,
    /// The region's address is null.
    Null,
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Twice => "the heap has memory already; add_pool gives it more",
            Self::TooSmall => "the region is too small for a pool",
            Self::Null => "the region's address is null",
        })
    }
}

#[cfg(feature = "std")]
impl std::error::Error for InitError {}

impl<L: Lock, H: Heap> Default for Locked<L, H> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "const-default")]
impl<L: Lock, H: Heap> const_default::ConstDefault for Locked<L, H> {
    const DEFAULT: Self = Self::new();
}

impl<L, H> fmt::Debug for Locked<L, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locked").finish_non_exhaustive()
    }
}

impl<L: Lock, H: Heap> Locked<L, H> {
    /// Makes a heap without memory; until [`init`](Self::init), every allocation
    /// fails.
    ///
    /// ```
    /// type Heap = rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>>;
    /// const HEAP: Heap = Heap::new();
    /// # let _ = HEAP;
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heap: UnsafeCell::new(H::EMPTY),
            lock: L::NEW,
            hook: Hook::none(),
        }
    }

    /// Gives the heap its first memory, and returns the bytes of it that are used.
    /// Constant time for each pool of the largest block's size.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    ///     rlsf::Locked::new();
    /// assert_eq!(heap.init(&mut []), Err(rlsf::InitError::TooSmall));
    /// # let memory = Box::leak(Box::new([MaybeUninit::<u8>::uninit(); 1024]));
    /// assert!(heap.init(memory).unwrap() > 1000);
    /// ```
    ///
    /// # Errors
    ///
    /// [`InitError::Twice`] if the heap has memory, [`InitError::TooSmall`]; then
    /// nothing has changed.
    pub fn init(&self, memory: &'static mut [MaybeUninit<u8>]) -> Result<usize, InitError> {
        // SAFETY: the borrow lasts forever.
        unsafe { self.init_ptr(memory.as_mut_ptr().cast(), memory.len()) }
    }

    /// Gives the heap its first memory: `size` bytes at `start`, which may end at the
    /// end of the address space.
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// static mut MEMORY: [MaybeUninit<u8>; 4096] = [MaybeUninit::uninit(); 4096];
    /// let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    ///     rlsf::Locked::new();
    /// let used = unsafe { heap.init_ptr(core::ptr::addr_of_mut!(MEMORY).cast(), 4096) };
    /// assert!(used.is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`init`](Self::init), and [`InitError::Null`].
    ///
    /// # Safety
    ///
    /// The heap owns the memory from now on, forever.
    pub unsafe fn init_ptr(&self, start: *mut u8, size: usize) -> Result<usize, InitError> {
        self.with(|heap| {
            if heap.has_pool() {
                return Err(InitError::Twice);
            }
            // SAFETY: the caller's promise.
            unsafe { insert(heap, start, size) }
        })
    }

    /// Gives the heap a further region, of this memory or another one, and returns
    /// the bytes of it that are used. Constant time for each pool of the largest
    /// block's size.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// # let memory = Box::leak(Box::new([MaybeUninit::<u8>::uninit(); 1024]));
    /// # let fast_memory = Box::leak(Box::new([MaybeUninit::<u8>::uninit(); 512]));
    /// heap.init(memory).unwrap();
    /// assert!(heap.add_pool(fast_memory).unwrap() > 490);
    /// ```
    ///
    /// # Errors
    ///
    /// [`InitError::TooSmall`]; then nothing has changed.
    pub fn add_pool(&self, memory: &'static mut [MaybeUninit<u8>]) -> Result<usize, InitError> {
        // SAFETY: the borrow lasts forever.
        unsafe { self.add_pool_ptr(memory.as_mut_ptr().cast(), memory.len()) }
    }

    /// Gives the heap a further region: `size` bytes at `start`.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// let nowhere = unsafe { heap.add_pool_ptr(core::ptr::null_mut(), 1024) };
    /// assert_eq!(nowhere, Err(rlsf::InitError::Null));
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`add_pool`](Self::add_pool), and [`InitError::Null`].
    ///
    /// # Safety
    ///
    /// The heap owns the memory from now on, forever.
    pub unsafe fn add_pool_ptr(&self, start: *mut u8, size: usize) -> Result<usize, InitError> {
        self.with(|heap| {
            // SAFETY: the caller's promise.
            unsafe { insert(heap, start, size) }
        })
    }

    /// Has `hook` called with every request that fails from now on, or none.
    ///
    /// It runs while the lock is free.
    ///
    /// ```
    /// # use core::alloc::{GlobalAlloc, Layout};
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// fn report(event: &rlsf::OutOfMemory) {
    ///     println!("{event}");
    /// }
    /// heap.set_out_of_memory_hook(Some(report));
    /// assert!(unsafe { heap.alloc(Layout::new::<u64>()) }.is_null());
    /// ```
    pub fn set_out_of_memory_hook(&self, hook: Option<OutOfMemoryHook>) {
        self.hook.set(hook);
    }

    /// The exact figures of the heap. Constant time.
    ///
    /// ```
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// assert_eq!(heap.statistics().used_bytes, 0);
    /// ```
    #[cfg(feature = "stats")]
    #[must_use]
    pub fn statistics(&self) -> crate::Statistics {
        self.with(|heap| heap.figures()).unwrap_or_default()
    }

    /// A size that an allocation is sure to get now, as
    /// [`Tlsf::largest_allocatable`](crate::Tlsf::largest_allocatable) tells it.
    /// Constant time.
    ///
    /// ```
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// assert_eq!(heap.largest_allocatable(), 0);
    /// ```
    #[must_use]
    pub fn largest_allocatable(&self) -> usize {
        self.with(|heap| heap.largest_allocatable())
    }

    /// Checks every invariant, as [`Tlsf::validate`](crate::Tlsf::validate) does.
    /// Holds the lock for time linear in the number of blocks.
    ///
    /// ```
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// assert_eq!(heap.validate(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Violation> {
        self.with(|heap| heap.validate())
    }

    /// Does with the heap, under the lock, what has no method here: looks at its
    /// blocks, takes a pool back.
    ///
    /// ```
    /// # let heap: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
    /// #     rlsf::Locked::new();
    /// let used = unsafe { heap.with_heap(|heap| heap.blocks().filter(|it| it.is_occupied()).count()) };
    /// assert_eq!(used, 0);
    /// ```
    ///
    /// # Safety
    ///
    /// `section` does not use this `Locked`, so it allocates nothing if this is the
    /// program's global allocator, and it leaves the heap with the blocks that the
    /// program uses.
    pub unsafe fn with_heap<R>(&self, section: impl FnOnce(&mut H) -> R) -> R {
        self.with(section)
    }

    #[inline(always)]
    fn with<R>(&self, section: impl FnOnce(&mut H) -> R) -> R {
        self.lock.with(|| {
            // SAFETY: the lock makes this the only reference.
            section(unsafe { &mut *self.heap.get() })
        })
    }
}

/// Gives `heap` a region.
///
/// # Safety
///
/// The heap owns the memory from now on.
unsafe fn insert<H: Heap>(heap: &mut H, start: *mut u8, size: usize) -> Result<usize, InitError> {
    let region = ptr::slice_from_raw_parts_mut(start, size);
    let region = match NonNull::new(region) {
        Some(region) => region,
        None => return Err(InitError::Null),
    };
    // SAFETY: the caller's promise.
    match unsafe { heap.insert(region) } {
        0 => Err(InitError::TooSmall),
        used => Ok(used),
    }
}
