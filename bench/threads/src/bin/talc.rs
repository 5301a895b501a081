//! The workloads on talc behind the standard library's mutex, its memory from the system's heap.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, NonNull};
use std::alloc::System;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

use talc::base::Talc;
use talc::source::GlobalAllocSource;
use talc::DefaultBinning;

type Inner = Talc<GlobalAllocSource<System>, DefaultBinning>;

struct Shared(Mutex<Inner>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: one thread at a time, and talc keeps the promises of an allocator.
unsafe impl GlobalAlloc for Shared {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.lock().allocate(layout) }.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.lock().deallocate(block, layout) };
    }
}

#[global_allocator]
static HEAP: Shared = Shared(Mutex::new(Talc::new(GlobalAllocSource::new(System))));

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
