//! A mutual-exclusion lock of one word with priority inheritance, on Linux's `futex`.
//!
//! The word is zero, or the number of the thread that holds the lock; the kernel sets a
//! bit of it when somebody sleeps. While a thread of higher priority waits, the holder
//! runs with that priority. (futex(2), "Priority-inheritance futexes".)
//!
//! Who sleeps in the kernel is handed the lock, and nobody else can have it until it runs.
//! Were all to sleep, each operation would wait for a thread to be scheduled. So a thread
//! without a real-time priority first gives its processor away a few times: a holder that
//! was interrupted goes on, and is done.

use super::thread;
use crate::source::pages;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

/// How often a waiting thread looks before it asks the kernel: a heap's operations are
/// far shorter than a system call.
const LOOKS: u32 = 100;

/// How often a thread without a real-time priority lets others run before it sleeps.
const YIELDS: u32 = 16;

/// The bits of the word that have the number.
const NUMBER: u32 = (1 << 30) - 1;

#[derive(Debug)]
pub(super) struct RawLock(AtomicU32);

impl RawLock {
    pub(super) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    #[inline(always)]
    pub(super) fn acquire(&self) {
        if !self.try_acquire() {
            self.acquire_slowly();
        }
    }

    /// Takes the lock if it is free and the thread knows its number.
    #[inline(always)]
    pub(super) fn try_acquire(&self) -> bool {
        let (free, own) = thread::free_and_own();
        self.0
            .compare_exchange(free, own, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    #[inline(always)]
    pub(super) fn release(&self) {
        let own = thread::own();
        let released = self
            .0
            .compare_exchange(own, 0, Ordering::Release, Ordering::Relaxed);
        if released.is_err() {
            self.wake();
        }
    }

    /// Whether the calling thread holds the lock, as a signal's handler may find.
    pub(super) fn is_own(&self) -> bool {
        let (free, own) = thread::free_and_own();
        // A thread that does not know its number has never held a lock.
        free == 0 && self.0.load(Ordering::Relaxed) & NUMBER == own
    }

    /// Frees the lock in a child process, whose threads are not those that waited.
    pub(super) fn reset(&self) {
        self.0.store(0, Ordering::Release);
    }

    #[cold]
    #[inline(never)]
    fn acquire_slowly(&self) {
        thread::remember();
        if self.look(LOOKS, core::hint::spin_loop) {
            return;
        }
        if !thread::is_real_time() && self.look(YIELDS, yield_now) {
            return;
        }
        while !self.sleep() {}
    }

    /// Looks at the lock some times, and takes it when it is free; whether it was.
    #[inline(always)]
    fn look(&self, times: u32, pause: fn()) -> bool {
        for _ in 0..times {
            if self.0.load(Ordering::Relaxed) == 0 && self.try_acquire() {
                return true;
            }
            pause();
        }
        false
    }

    /// Sleeps until the lock is this thread's; or whether to try again.
    fn sleep(&self) -> bool {
        match self.call(libc::FUTEX_LOCK_PI) {
            0 => {
                // The kernel has ordered it; this tells it to whoever watches the program.
                self.0.load(Ordering::Acquire);
                true
            }
            libc::EDEADLK => panic!("rlsf: a heap was used while its blocks were being visited"),
            // The holder is about to end, or the kernel has no such futexes.
            _ => {
                yield_now();
                self.try_acquire()
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn wake(&self) {
        // The kernel orders it; this tells it to whoever watches the program.
        self.0.fetch_or(0, Ordering::Release);
        if self.call(libc::FUTEX_UNLOCK_PI) != 0 {
            // Nobody whom the kernel knows waits for this thread.
            self.reset();
        }
    }

    /// Has the kernel take or release the lock; zero or the error's number. The program's
    /// own `errno` stays: C's `free` must not change it.
    fn call(&self, operation: i32) -> i32 {
        let kept = pages::error();
        let done = self.call_again(operation);
        pages::set_error(kept);
        done
    }

    fn call_again(&self, operation: i32) -> i32 {
        let word: *const AtomicU32 = &self.0;
        let operation = operation | libc::FUTEX_PRIVATE_FLAG;
        let forever: *const libc::timespec = ptr::null();
        loop {
            // SAFETY: the word lives as long as the call.
            let done = unsafe { libc::syscall(libc::SYS_futex, word, operation, 0, forever) };
            if done == 0 {
                return 0;
            }
            match pages::error() {
                libc::EINTR | libc::EAGAIN => {}
                error => return error,
            }
        }
    }
}

/// Lets another thread run that waits for this processor.
fn yield_now() {
    // SAFETY: it has no arguments, and never fails.
    unsafe { libc::sched_yield() };
}
