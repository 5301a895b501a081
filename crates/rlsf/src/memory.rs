//! [`Region`]: memory for a heap in a `static`, without `static mut`.

use crate::lock::Lock;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::mem::MaybeUninit;

/// `N` bytes of a program's static memory that can be taken once, to be given to a
/// heap.
///
/// It takes no flash: the program's start clears it with the other statics. (In a
/// section that nothing clears it does not know whether it is taken; give such memory
/// to the heap by [`Locked::add_pool_ptr`](crate::Locked::add_pool_ptr).)
///
/// ```
/// use rlsf::{Locked, Region, Tlsf};
/// # struct Mutex(std::sync::Mutex<()>);
/// # unsafe impl rlsf::Lock for Mutex {
/// #     const NEW: Self = Self(std::sync::Mutex::new(()));
/// #     fn with<R>(&self, section: impl FnOnce() -> R) -> R {
/// #         let _guard = self.0.lock();
/// #         section()
/// #     }
/// # }
///
/// static MEMORY: Region<Mutex, 4096> = Region::new();
/// static HEAP: Locked<Mutex, Tlsf<'static, u16, u16, 12, 16>> = Locked::new();
///
/// HEAP.init(MEMORY.take().unwrap()).unwrap();
/// assert!(MEMORY.take().is_none());
/// ```
#[repr(C, align(8))]
pub struct Region<L, const N: usize> {
    memory: UnsafeCell<[MaybeUninit<u8>; N]>,
    taken: Cell<bool>,
    lock: L,
}

// SAFETY: the flag is touched under the lock only, and the memory is handed out once.
unsafe impl<L: Lock + Sync, const N: usize> Sync for Region<L, N> {}

impl<L, const N: usize> fmt::Debug for Region<L, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("bytes", &N)
            .finish_non_exhaustive()
    }
}

impl<L: Lock, const N: usize> Default for Region<L, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Lock, const N: usize> Region<L, N> {
    /// Makes a region that nobody has taken.
    ///
    /// ```
    /// let region: rlsf::Region<rlsf::NoLock, 64> = rlsf::Region::new();
    /// # let _ = region;
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            memory: UnsafeCell::new([MaybeUninit::uninit(); N]),
            taken: Cell::new(false),
            lock: L::NEW,
        }
    }

    /// Hands out the memory, or `None` if that has been done before. Constant time.
    ///
    /// ```
    /// let region: &'static rlsf::Region<rlsf::NoLock, 64> = Box::leak(Box::default());
    /// assert_eq!(region.take().map(|memory| memory.len()), Some(64));
    /// assert!(region.take().is_none());
    /// ```
    #[must_use]
    #[allow(clippy::mut_from_ref)] // once
    pub fn take(&'static self) -> Option<&'static mut [MaybeUninit<u8>]> {
        if self.lock.with(|| self.taken.replace(true)) {
            return None;
        }
        // SAFETY: only the first call comes here, so this is the only reference.
        Some(unsafe { &mut *self.memory.get() })
    }
}
