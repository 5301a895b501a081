//! A `GlobalTlsf` of any options, as Rust's allocator, as C's, and with pointers that are looked at first.

use crate::model::play;
use crate::{Input, Subject, Wrap};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions, SmallGlobalTlsfOptions, GRANULARITY};
use rlsf_testkit::Live;

/// Blocks as C has them.
#[derive(Debug)]
struct TwoGranules;

impl GlobalTlsfOptions for TwoGranules {
    const LEAST_ALIGN: usize = 2 * GRANULARITY;
}

/// Plays an input; the number of operations.
#[must_use]
pub fn run<W: Wrap>(data: &[u8]) -> usize {
    let input = &mut Input::new(data);
    match input.number(3) {
        0 => play::<W, _>(Global::<()>(GlobalTlsf::new()), input),
        1 => play::<W, _>(Global::<SmallGlobalTlsfOptions>(GlobalTlsf::new()), input),
        _ => play::<W, _>(Global::<TwoGranules>(GlobalTlsf::new()), input),
    }
}

/// The heap, to be asked.
struct Global<Options: GlobalTlsfOptions>(GlobalTlsf<Options>);

impl<Options: GlobalTlsfOptions> Global<Options> {
    fn zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the heap serves zero bytes, too.
        let block = NonNull::new(unsafe { self.0.alloc_zeroed(layout) })?;
        // SAFETY: a new block that was written to.
        let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr(), layout.size()) };
        assert!(bytes.iter().all(|&byte| byte == 0));
        Some(block)
    }
}

impl<Options: GlobalTlsfOptions> Subject for Global<Options> {
    const SIZE_BITS: usize = 21;

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        match layout.size() % 3 {
            0 => CAlloc::allocate(&self.0, layout),
            1 => self.zeroed(layout),
            // SAFETY: the heap serves zero bytes, too.
            _ => NonNull::new(unsafe { self.0.alloc(layout) }),
        }
    }

    unsafe fn deallocate(&mut self, block: &Live) {
        match block.fill % 3 {
            // SAFETY: the caller's promise.
            0 => unsafe { self.0.dealloc(block.payload.as_ptr(), block.layout) },
            // SAFETY: the caller's promise.
            1 => unsafe { CAlloc::deallocate(&self.0, block.payload) },
            _ => {
                // SAFETY: the caller's promise.
                let freed = unsafe { self.0.deallocate_checked(block.payload) };
                assert_eq!(freed, Ok(()));
                assert!(self.0.usable_size_checked(block.payload).is_err());
            }
        }
    }

    unsafe fn reallocate(&mut self, block: &Live, new: Layout) -> Option<NonNull<u8>> {
        match block.fill % 3 {
            0 => NonNull::new({
                let old = block.payload.as_ptr();
                // SAFETY: the caller's promise.
                unsafe { self.0.realloc(old, block.layout, new.size()) }
            }),
            // SAFETY: the caller's promise.
            1 => unsafe { CAlloc::reallocate(&self.0, block.payload, new) },
            _ => {
                // SAFETY: the caller's promise.
                let resized = unsafe { self.0.reallocate_checked(block.payload, new) };
                resized.expect("a live block is approved")
            }
        }
    }

    unsafe fn usable_size(&mut self, block: &Live) -> usize {
        let size = self.0.usable_size_checked(block.payload);
        size.expect("a live block is approved")
    }

    fn act(&mut self, _: &[Live], input: &mut Input<'_>) {
        if input.flag() {
            self.0.trim();
        } else {
            let bits = input.number(20);
            assert_eq!(self.0.reserve(input.number(1 << bits)), Ok(()));
        }
    }

    fn check(&mut self, live: &[Live]) {
        assert_eq!(self.0.validate(), Ok(()));
        let mut used = 0;
        self.0
            .for_each_block(&mut |block| used += usize::from(block.is_occupied()));
        assert_eq!(used, live.len());
    }
}
