//! The program's critical section, by the crate `critical-section`.

use super::Lock;

/// The critical section that the program provides through the crate
/// `critical-section`: on most microcontrollers, interrupts are off meanwhile.
///
/// With it a heap can be used in interrupt handlers: none runs while the heap is
/// held. Needs the feature `critical-section`, and a crate that provides the
/// section (such as `cortex-m` with `critical-section-single-core`).
///
/// ```
/// use rlsf::{CriticalSection, Locked, Tlsf};
///
/// static HEAP: Locked<CriticalSection, Tlsf<'static, u16, u16, 12, 16>> = Locked::new();
/// # let _ = &HEAP;
/// ```
#[derive(Debug)]
pub struct CriticalSection {
    _private: (),
}

// SAFETY: that is what a critical section is, by the contract of `critical_section`.
// Sections can nest, but no section of this crate calls `with` again.
unsafe impl Lock for CriticalSection {
    const NEW: Self = Self { _private: () };

    #[inline(always)]
    fn with<R>(&self, section: impl FnOnce() -> R) -> R {
        critical_section::with(|_| section())
    }
}
