//! The lock of a program's global allocator in WebAssembly.
//!
//! Without the target's feature `atomics` there is one thread, and no lock. With it
//! there is a spin lock: a browser's main thread must not wait in any other way.

use super::Lock;

#[cfg(target_feature = "atomics")]
pub(crate) use spin::Spin as MemoryLock;

#[cfg(not(target_feature = "atomics"))]
#[derive(Debug)]
pub(crate) struct MemoryLock;

// SAFETY: there is one thread.
#[cfg(not(target_feature = "atomics"))]
unsafe impl Lock for MemoryLock {
    const NEW: Self = Self;

    #[inline(always)]
    fn with<R>(&self, section: impl FnOnce() -> R) -> R {
        section()
    }
}

#[cfg(target_feature = "atomics")]
mod spin {
    use super::Lock;
    use core::sync::atomic::{AtomicBool, Ordering};

    /// Taken, or not.
    #[derive(Debug)]
    pub(crate) struct Spin(AtomicBool);

    // SAFETY: whoever turns the flag from false to true has the lock. A panic ends the
    // program.
    unsafe impl Lock for Spin {
        #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
        const NEW: Self = Self(AtomicBool::new(false));

        #[inline]
        fn with<R>(&self, section: impl FnOnce() -> R) -> R {
            while self.0.swap(true, Ordering::Acquire) {
                while self.0.load(Ordering::Relaxed) {
                    core::hint::spin_loop();
                }
            }
            let result = section();
            self.0.store(false, Ordering::Release);
            result
        }
    }
}
