//! The system's own mutex, where it is not known how to do better.

use core::cell::UnsafeCell;

#[derive(Debug)]
pub(super) struct RawLock(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a mutex is made to be shared.
unsafe impl Sync for RawLock {}

impl RawLock {
    pub(super) const fn new() -> Self {
        Self(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER))
    }

    pub(super) fn acquire(&self) {
        // SAFETY: initialised, and it never moves while it is in use.
        let taken = unsafe { libc::pthread_mutex_lock(self.0.get()) };
        assert!(taken == 0, "rlsf: the lock of a heap cannot be taken");
    }

    pub(super) fn try_acquire(&self) -> bool {
        // SAFETY: as above.
        unsafe { libc::pthread_mutex_trylock(self.0.get()) == 0 }
    }

    pub(super) fn release(&self) {
        // SAFETY: this thread holds it.
        unsafe { libc::pthread_mutex_unlock(self.0.get()) };
    }

    /// Frees the lock in a child process, whose threads are not those that waited.
    pub(super) fn reset(&self) {
        // SAFETY: the child has one thread, and that is here.
        unsafe { self.0.get().write(libc::PTHREAD_MUTEX_INITIALIZER) };
    }
}

/// Nothing is remembered of a thread.
pub(super) fn thread_is_new() {}
