//! A mutual-exclusion lock of one word on Linux's `futex`.
//!
//! A thread that finds the lock taken looks again a bounded number of times
//! before it sleeps: a heap's operations are far shorter than a system call.
//! The three states are those of U. Drepper, "Futexes are tricky", 2011.

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Taken, and somebody may sleep.
const AWAITED: u32 = 2;

/// How often a waiting thread looks before it sleeps.
const LOOKS: u32 = 100;

#[derive(Debug)]
pub(crate) struct Futex(AtomicU32);

impl Futex {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(FREE))
    }

    /// Runs `section` while no other thread runs one.
    #[inline]
    pub(crate) fn with<R>(&self, section: impl FnOnce() -> R) -> R {
        self.acquire();
        let _guard = Guard(self);
        section()
    }

    #[inline]
    fn acquire(&self) {
        if self.try_take(TAKEN).is_err() {
            self.wait();
        }
    }

    #[inline]
    fn try_take(&self, state: u32) -> Result<u32, u32> {
        self.0
            .compare_exchange(FREE, state, Ordering::Acquire, Ordering::Relaxed)
    }

    #[cold]
    fn wait(&self) {
        for _ in 0..LOOKS {
            if self.0.load(Ordering::Relaxed) == FREE && self.try_take(TAKEN).is_ok() {
                return;
            }
            core::hint::spin_loop();
        }
        while self.0.swap(AWAITED, Ordering::Acquire) != FREE {
            self.call(libc::FUTEX_WAIT, AWAITED);
        }
    }

    #[inline]
    fn release(&self) {
        if self.0.swap(FREE, Ordering::Release) == AWAITED {
            self.call(libc::FUTEX_WAKE, 1);
        }
    }

    #[cold]
    fn call(&self, operation: i32, value: u32) {
        let word: *const AtomicU32 = &self.0;
        let operation = operation | libc::FUTEX_PRIVATE_FLAG;
        let forever: *const libc::timespec = ptr::null();
        // SAFETY: the word lives as long as the call; the kernel only compares it.
        // Whatever the call answers, the caller looks at the word again.
        unsafe { libc::syscall(libc::SYS_futex, word, operation, value, forever) };
    }
}

struct Guard<'lock>(&'lock Futex);

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.release();
    }
}
