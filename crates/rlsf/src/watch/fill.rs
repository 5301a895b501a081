//! What blocks hold before a program has written to them, and when it has given them back.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};

/// The bytes with which heaps fill blocks, of the feature `fill`; `None` leaves them as they
/// are. See [`set_fills`].
///
/// ```
/// let fills = rlsf::Fills::default();
/// assert_eq!((fills.allocated, fills.freed), (Some(0xaa), Some(0xdd)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs)] // both are to be given
pub struct Fills {
    /// What a new block holds.
    pub allocated: Option<u8>,
    /// What a block that was freed holds, but for the heap's words at both its ends.
    pub freed: Option<u8>,
}

impl Fills {
    const DEFAULT: Self = Self {
        allocated: Some(0xaa),
        freed: Some(0xdd),
    };

    /// Two bytes, and above each 1 if there is one.
    const fn packed(self) -> u32 {
        Self::half(self.allocated) << 16 | Self::half(self.freed)
    }

    const fn half(fill: Option<u8>) -> u32 {
        match fill {
            Some(byte) => 1 << 8 | byte as u32,
            None => 0,
        }
    }

    #[allow(clippy::cast_possible_truncation)] // the lowest byte
    const fn of_half(half: u32) -> Option<u8> {
        if half & 1 << 8 == 0 {
            None
        } else {
            Some(half as u8)
        }
    }
}

impl Default for Fills {
    fn default() -> Self {
        Self::DEFAULT
    }
}

static FILLS: AtomicU32 = AtomicU32::new(Fills::DEFAULT.packed());

/// Sets the bytes with which all heaps of the program fill blocks from now on. With the
/// feature `fill`, for which operations take time that is linear in a block's size.
///
/// ```
/// # use core::{alloc::Layout, mem::MaybeUninit};
/// rlsf::set_fills(rlsf::Fills { allocated: Some(0x55), freed: None });
/// # let mut pool = [MaybeUninit::uninit(); 4096];
/// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
/// # heap.insert_free_block(&mut pool);
/// let block = heap.allocate(Layout::new::<u32>()).unwrap().cast::<u32>();
/// assert_eq!(unsafe { block.as_ptr().read() }, 0x5555_5555);
/// ```
pub fn set_fills(fills: Fills) {
    FILLS.store(fills.packed(), Ordering::Relaxed);
}

/// Fills a new block.
///
/// # Safety
///
/// Nobody uses these bytes.
pub(super) unsafe fn allocated(payload: NonNull<u8>, bytes: usize) {
    let fill = Fills::of_half(FILLS.load(Ordering::Relaxed) >> 16);
    if let Some(byte) = fill {
        // SAFETY: the caller's promise.
        unsafe { payload.as_ptr().write_bytes(byte, bytes) };
    }
}

/// Fills a block that was freed.
///
/// # Safety
///
/// As for `allocated`.
pub(super) unsafe fn freed(payload: NonNull<u8>, bytes: usize) {
    let fill = Fills::of_half(FILLS.load(Ordering::Relaxed));
    if let Some(byte) = fill {
        // SAFETY: the caller's promise.
        unsafe { payload.as_ptr().write_bytes(byte, bytes) };
    }
}

#[cfg(test)]
#[path = "../tests/fill.rs"]
mod tests;
