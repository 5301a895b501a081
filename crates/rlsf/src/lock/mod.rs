//! A value that several threads share behind a lock: one file a platform.
//!
//! `Guarded<T>` is what each platform exports: `new`, `with`, `with_settled`.

#[cfg(unix)]
mod fork;
#[cfg(unix)]
mod guarded;
#[cfg(target_os = "linux")]
mod pi_futex;
#[cfg(all(unix, not(target_os = "linux")))]
mod pthread;
#[cfg(target_os = "linux")]
mod thread;

#[cfg(unix)]
pub(crate) use guarded::Guarded;
#[cfg(target_os = "linux")]
use pi_futex::RawLock;
#[cfg(all(unix, not(target_os = "linux")))]
use pthread::{thread_is_new, RawLock};
#[cfg(target_os = "linux")]
use thread::learn as thread_is_new;

/// The longest copy, in bytes, that is made while the lock is held.
pub(crate) const LONGEST_COPY: usize = 4096;

/// What a guarded value is at first.
pub(crate) trait Initial {
    /// The value.
    const INITIAL: Self;
}
