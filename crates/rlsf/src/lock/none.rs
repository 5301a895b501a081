//! No lock, for a heap that one thread keeps to itself.

use super::Lock;
use core::marker::PhantomData;

/// No lock: the [`Locked`](crate::Locked) heap belongs to one thread, as the
/// compiler checks (`!Sync`), and must not be used in an interrupt handler.
///
/// ```
/// use core::mem::MaybeUninit;
/// use rlsf::{Locked, NoLock, Tlsf};
///
/// let heap: Locked<NoLock, Tlsf<'static, u16, u16, 12, 16>> = Locked::new();
/// let memory = Box::leak(Box::new([MaybeUninit::uninit(); 1024]));
/// heap.init(memory).unwrap();
/// assert!(heap.largest_allocatable() > 900);
/// ```
///
/// It cannot be a `static`:
///
/// ```compile_fail
/// static HEAP: rlsf::Locked<rlsf::NoLock, rlsf::Tlsf<'static, u16, u16, 12, 16>> =
///     rlsf::Locked::new();
/// ```
#[derive(Debug)]
pub struct NoLock {
    /// Keeps `Sync` away.
    _one_thread: PhantomData<*const ()>,
}

// SAFETY: nothing in it belongs to a thread; a heap may move to another one.
unsafe impl Send for NoLock {}

// SAFETY: without `Sync` all calls are made by one thread, and no section of this
// crate calls `with` again.
unsafe impl Lock for NoLock {
    const NEW: Self = Self {
        _one_thread: PhantomData,
    };

    #[inline(always)]
    fn with<R>(&self, section: impl FnOnce() -> R) -> R {
        section()
    }
}
