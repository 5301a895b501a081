//! Who asked when memory ran out: [`OutOfMemory`], and the place of the hook.

use crate::stats::Statistics;
use core::alloc::Layout;
use core::fmt;
use core::mem;
use core::panic::Location;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

/// A request that no memory was left for, as an [`OutOfMemoryHook`] gets it.
///
/// ```
/// use core::alloc::Layout;
/// let event = rlsf::OutOfMemory::new(Layout::new::<[u8; 64]>(), None, None);
/// assert_eq!(event.to_string(), "out of memory: 64 bytes at a multiple of 1");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OutOfMemory {
    /// What was asked for.
    pub layout: Layout,
    /// The heap's figures just after; `None` without the feature `stats`.
    pub statistics: Option<Statistics>,
    /// Where the request was made, for the calls that know it.
    pub location: Option<&'static Location<'static>>,
}

/// A function that is told when a request fails.
///
/// It runs after the heap's lock is released and before the caller gets its answer.
/// It may allocate, as long as it expects that to fail, too.
pub type OutOfMemoryHook = fn(&OutOfMemory);

impl OutOfMemory {
    /// Describes a failed request.
    ///
    /// ```
    /// let event = rlsf::OutOfMemory::new(core::alloc::Layout::new::<u8>(), None, None);
    /// assert!(event.location.is_none());
    /// ```
    #[must_use]
    pub const fn new(
        layout: Layout,
        statistics: Option<Statistics>,
        location: Option<&'static Location<'static>>,
    ) -> Self {
        Self {
            layout,
            statistics,
            location,
        }
    }
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, align) = (self.layout.size(), self.layout.align());
        write!(f, "out of memory: {size} bytes at a multiple of {align}")?;
        if let Some(location) = self.location {
            write!(f, ", for {location}")?;
        }
        if let Some(figures) = self.statistics {
            let (used, free) = (figures.used_bytes, figures.free_bytes);
            write!(f, "; {used} bytes are used, {free} free in pieces")?;
        }
        Ok(())
    }
}

/// Where a heap keeps its hook: readable and writable without a lock.
#[derive(Debug)]
pub(crate) struct Hook(AtomicPtr<()>);

impl Hook {
    pub(crate) const fn none() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    pub(crate) fn set(&self, hook: Option<OutOfMemoryHook>) {
        let hook = hook.map_or(ptr::null_mut(), |hook| hook as *mut ());
        self.0.store(hook, Ordering::Relaxed);
    }

    /// Calls the hook, if there is one, with what `event` makes.
    #[cold]
    pub(crate) fn call(&self, event: impl FnOnce() -> OutOfMemory) {
        let hook = self.0.load(Ordering::Relaxed);
        // SAFETY: null or what `set` stored: a pointer to a function has the size of
        // one to data on every target that has these atomics, and null is `None`.
        let hook = unsafe { mem::transmute::<*mut (), Option<OutOfMemoryHook>>(hook) };
        if let Some(hook) = hook {
            hook(&event());
        }
    }
}
