#![no_std]
//! The page's module: its global allocator is `SmallGlobalTlsf`, and it tells of its heap.

extern crate alloc;

use alloc::alloc::{alloc, dealloc};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::cell::RefCell;
use core::panic::PanicInfo;
use rlsf::SmallGlobalTlsf;

#[global_allocator]
static HEAP: SmallGlobalTlsf = SmallGlobalTlsf::new();

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The most blocks that are shown.
const MOST: usize = 4096;

/// What the page reads.
struct Shown {
    /// Of each block: address, bytes, and whether it is in use.
    blocks: [[usize; 3]; MOST],
    figures: [usize; 6],
    texts: Vec<String>,
}

/// A value of the only thread.
struct OneThread(RefCell<Shown>);

// SAFETY: the module is built without threads.
unsafe impl Sync for OneThread {}

static SHOWN: OneThread = OneThread(RefCell::new(Shown {
    blocks: [[0; 3]; MOST],
    figures: [0; 6],
    texts: Vec::new(),
}));

/// Allocates `size` bytes; null if there is no memory, or for no bytes.
#[no_mangle]
pub extern "C" fn allocate(size: usize) -> *mut u8 {
    match Layout::from_size_align(size, 8) {
        // SAFETY: the size is not zero.
        Ok(layout) if size > 0 => unsafe { alloc(layout) },
        _ => core::ptr::null_mut(),
    }
}

/// Frees a block.
///
/// # Safety
///
/// `allocate(size)` returned it, and it is not freed yet.
#[no_mangle]
pub unsafe extern "C" fn free(ptr: *mut u8, size: usize) {
    if let Ok(layout) = Layout::from_size_align(size, 8) {
        // SAFETY: the caller's promise.
        unsafe { dealloc(ptr, layout) };
    }
}

/// Appends `count` texts to a list, as a program does that builds a page.
#[no_mangle]
pub extern "C" fn build_texts(count: usize) {
    let texts = &mut SHOWN.0.borrow_mut().texts;
    for _ in 0..count {
        let number = texts.len();
        texts.push(format!("{number:>0$}", 4 + number % 60));
    }
}

/// Drops every second text, or all.
#[no_mangle]
pub extern "C" fn drop_texts(all: bool) {
    let texts = &mut SHOWN.0.borrow_mut().texts;
    let mut number = 0;
    texts.retain(|_| {
        number += 1;
        number % 2 == 0 && !all
    });
    if all {
        *texts = Vec::new();
    }
}

/// Writes down the heap's blocks; returns their number, of which no more than the page can show are written.
#[no_mangle]
pub extern "C" fn look() -> usize {
    let mut shown = SHOWN.0.borrow_mut();
    let mut count = 0;
    HEAP.for_each_block(&mut |block| {
        if let Some(place) = shown.blocks.get_mut(count) {
            let address = block.as_ptr().as_ptr().cast::<u8>() as usize;
            *place = [address, block.size(), usize::from(block.is_occupied())];
        }
        count += 1;
    });
    let figures = HEAP.statistics();
    shown.figures = [
        figures.used_bytes,
        figures.free_bytes,
        figures.live_blocks,
        figures.peak_used_bytes,
        figures.failed_requests,
        usize::from(HEAP.validate().is_ok()),
    ];
    count
}

/// Where the blocks that `look` saw are written.
#[no_mangle]
pub extern "C" fn blocks() -> *const [usize; 3] {
    SHOWN.0.borrow().blocks.as_ptr()
}

/// Where the figures that `look` saw are written.
#[no_mangle]
pub extern "C" fn figures() -> *const usize {
    SHOWN.0.borrow().figures.as_ptr()
}
