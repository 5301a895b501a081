#![no_std]
//! A module that exports an allocator: what it weighs, how far its memory grows, how fast it is.
//!
//! The heap is chosen by a feature; without one the module is what every module weighs.

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;

#[cfg(all(feature = "load", any(feature = "ours-small", feature = "ours-full")))]
mod invariants;
#[cfg(feature = "load")]
mod load;

#[cfg(feature = "ours-small")]
static HEAP: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(feature = "ours-full")]
static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();

#[cfg(feature = "published-small")]
static HEAP: published::SmallGlobalTlsf = published::SmallGlobalTlsf::new();

#[cfg(feature = "published-full")]
static HEAP: published::GlobalTlsf = published::GlobalTlsf::new();

/// What `talc` asks of the program, as it is linked with the crate `alloc`.
#[cfg(feature = "talc")]
#[global_allocator]
static HEAP: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(feature = "dlmalloc")]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// SAFETY: the module has one thread.
#[cfg(feature = "lol_alloc")]
static HEAP: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

/// The allocator that has nothing.
#[cfg(not(any(
    feature = "ours-small",
    feature = "ours-full",
    feature = "published-small",
    feature = "published-full",
    feature = "talc",
    feature = "dlmalloc",
    feature = "lol_alloc"
)))]
mod nothing {
    use core::alloc::{GlobalAlloc, Layout};

    pub struct Nothing;

    // SAFETY: gives nothing out.
    unsafe impl GlobalAlloc for Nothing {
        unsafe fn alloc(&self, _: Layout) -> *mut u8 {
            core::ptr::null_mut()
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

        unsafe fn realloc(&self, _: *mut u8, _: Layout, _: usize) -> *mut u8 {
            core::ptr::null_mut()
        }
    }
}

#[cfg(not(any(
    feature = "ours-small",
    feature = "ours-full",
    feature = "published-small",
    feature = "published-full",
    feature = "talc",
    feature = "dlmalloc",
    feature = "lol_alloc"
)))]
static HEAP: nothing::Nothing = nothing::Nothing;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Allocates `size` bytes, which are not zero, at a multiple of `align`.
///
/// # Safety
///
/// The two form a layout.
#[no_mangle]
pub unsafe extern "C" fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
    // SAFETY: the size is not zero.
    unsafe { HEAP.alloc(layout) }
}

/// Frees a block.
///
/// # Safety
///
/// It is in use, and has this layout.
#[no_mangle]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, size: usize, align: usize) {
    // SAFETY: the caller's promise.
    let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
    // SAFETY: the caller's promise.
    unsafe { HEAP.dealloc(ptr, layout) };
}

/// Resizes a block.
///
/// # Safety
///
/// It is in use, and has this layout; the new size is not zero.
#[no_mangle]
pub unsafe extern "C" fn realloc(
    ptr: *mut u8,
    size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    // SAFETY: the caller's promise.
    let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
    // SAFETY: the caller's promise.
    unsafe { HEAP.realloc(ptr, layout, new_size) }
}
