//! A value that several threads share behind a lock: one file a platform.
//!
//! `Guarded<T>` is what each unix exports: `new`, `with`, `with_settled`. A [`Lock`] is
//! what the program itself brings.

#[cfg(feature = "critical-section")]
mod critical_section;
#[cfg(unix)]
mod fork;
#[cfg(unix)]
mod guarded;
#[cfg(feature = "lock_api")]
mod lock_api;
mod none;
#[cfg(target_os = "linux")]
mod pi_futex;
#[cfg(all(unix, not(target_os = "linux")))]
mod pthread;
mod section;
#[cfg(target_os = "linux")]
mod thread;
#[cfg(target_arch = "wasm32")]
pub(crate) mod wasm32;

#[cfg(feature = "critical-section")]
pub use self::critical_section::CriticalSection;
pub use none::NoLock;
pub use section::Lock;

#[cfg(unix)]
pub(crate) use guarded::Guarded;
#[cfg(target_os = "linux")]
use pi_futex::RawLock;
#[cfg(all(unix, not(target_os = "linux")))]
use pthread::{thread_is_new, RawLock};
#[cfg(target_os = "linux")]
use thread::learn as thread_is_new;

/// The longest copy, in bytes, that is made while the lock is held.
#[cfg(unix)]
pub(crate) const LONGEST_COPY: usize = 4096;

/// What a guarded value is at first.
#[cfg(unix)]
pub(crate) trait Initial {
    /// The value.
    const INITIAL: Self;
}
