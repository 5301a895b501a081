//! Every raw mutex of the crate `lock_api`.

use super::Lock;
use lock_api::RawMutex;

/// How often a debug build on bare metal looks at a lock before it says that
/// nobody will ever release it: far longer than any operation of a heap takes.
const LOOKS: u32 = 1 << 20;

/// Whether a lock that stays held is reported.
///
/// On bare metal a lock that is waited for is a spin lock: if the waiting code has
/// interrupted the holder, both wait forever. Under an operating system the holder
/// may just be asleep.
const ON: bool = cfg!(all(debug_assertions, target_os = "none"));

// SAFETY: mutual exclusion is the contract of `RawMutex`.
unsafe impl<M: RawMutex> Lock for M {
    #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
    const NEW: Self = M::INIT;

    #[inline]
    fn with<R>(&self, section: impl FnOnce() -> R) -> R {
        if ON {
            look(self);
        } else {
            self.lock();
        }
        let _guard = Guard(self);
        section()
    }
}

/// Takes the lock within a bounded number of tries.
fn look<M: RawMutex>(mutex: &M) {
    for _ in 0..LOOKS {
        if mutex.try_lock() {
            return;
        }
        core::hint::spin_loop();
    }
    panic!("rlsf: the heap's lock stays held: is the heap used in an interrupt handler?");
}

/// Releases the lock, also when the section panics.
struct Guard<'lock, M: RawMutex>(&'lock M);

impl<M: RawMutex> Drop for Guard<'_, M> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this guard's maker has taken the lock.
        unsafe { self.0.unlock() };
    }
}
