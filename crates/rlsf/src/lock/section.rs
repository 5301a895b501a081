//! [`Lock`]: what guards a [`Locked`](crate::Locked) heap.

/// A way to keep everybody else out of a [`Locked`](crate::Locked) heap for a
/// moment.
///
/// `CriticalSection`, [`NoLock`](crate::NoLock) and,
/// with the feature `lock_api`, every `lock_api::RawMutex` are locks; a program
/// can bring one of its own.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// struct Spin(AtomicBool);
///
/// unsafe impl rlsf::Lock for Spin {
///     #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
///     const NEW: Self = Self(AtomicBool::new(false));
///
///     fn with<R>(&self, section: impl FnOnce() -> R) -> R {
///         while self.0.swap(true, Ordering::Acquire) {
///             std::hint::spin_loop();
///         }
///         let result = section();
///         self.0.store(false, Ordering::Release);
///         result
///     }
/// }
///
/// static HEAP: rlsf::Locked<Spin, rlsf::Tlsf<'static, u16, u16, 12, 16>> = rlsf::Locked::new();
/// assert_eq!(HEAP.largest_allocatable(), 0);
/// ```
///
/// # Safety
///
/// Two calls of [`with`](Self::with) on one lock never run their sections at the
/// same time, and what the first has written, the second sees. (A section of this
/// crate never calls `with` again, does not sleep and takes constant time unless
/// the method that has it says otherwise.)
pub unsafe trait Lock {
    /// A lock that nobody holds.
    #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
    const NEW: Self;

    /// Runs `section` while nobody else runs one under this lock.
    fn with<R>(&self, section: impl FnOnce() -> R) -> R;
}
