//! `Tlsf` and `SlabTlsf` over memory of the program's own, behind a lock of the program's own.

use core::alloc::Layout;
use core::hint::black_box;
use core::ptr::{null_mut, NonNull};
use std::sync::{Mutex, OnceLock};

use rlsf::{SlabTlsf, Tlsf};

use super::Heap;
use crate::mark::{end, Code};

/// The bytes of the pool.
const BYTES: usize = 64 << 20;

type Pools = Tlsf<'static, u32, u32, 28, 32>;
type Slabs = SlabTlsf<'static, u32, u32, 28, 32>;

/// A heap over given memory.
trait Pool: Send {
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// # Safety
    ///
    /// None but that the program survives it.
    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout);

    /// # Safety
    ///
    /// As for `free`.
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>>;

    /// The bytes that may be used; where it does not tell, those that were asked for.
    ///
    /// # Safety
    ///
    /// A block in use.
    unsafe fn usable_size(block: NonNull<u8>, layout: Layout) -> usize;
}

/// The heap of the program.
struct Guarded<P>(Mutex<P>);

/// The `Tlsf`.
pub(super) fn tlsf() -> &'static dyn Heap {
    static HEAP: OnceLock<Guarded<Pools>> = OnceLock::new();
    HEAP.get_or_init(|| {
        let mut heap = Pools::new();
        // SAFETY: memory that nobody else has, for good.
        let _ = unsafe { heap.insert_free_block_ptr(memory()) };
        Guarded(Mutex::new(heap))
    })
}

/// The `SlabTlsf`.
pub(super) fn slab() -> &'static dyn Heap {
    static HEAP: OnceLock<Guarded<Slabs>> = OnceLock::new();
    HEAP.get_or_init(|| {
        let mut heap = Slabs::new();
        // SAFETY: memory that nobody else has, for good.
        let _ = unsafe { heap.insert_free_block_ptr(memory()) };
        Guarded(Mutex::new(heap))
    })
}

/// New pages.
fn memory() -> NonNull<[u8]> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: new pages, which no one has.
    let pages = unsafe { libc::mmap(null_mut(), BYTES, protection, flags, -1, 0) };
    match NonNull::new(pages.cast::<u8>()) {
        Some(pages) if pages.as_ptr().cast() != libc::MAP_FAILED => {
            NonNull::slice_from_raw_parts(pages, BYTES)
        }
        _ => end(Code::NoMemory),
    }
}

impl<P: Pool> Guarded<P> {
    fn with<T>(&self, operate: impl FnOnce(&mut P) -> T) -> T {
        match self.0.lock() {
            Ok(mut heap) => operate(&mut heap),
            Err(_) => end(Code::Broken),
        }
    }
}

impl<P: Pool> Heap for Guarded<P> {
    fn allocate(&self, layout: Layout) -> *mut u8 {
        let block = self.with(|heap| heap.allocate(layout));
        black_box(block.map_or(null_mut(), NonNull::as_ptr))
    }

    fn allocate_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = self.allocate(layout);
        if !block.is_null() {
            // SAFETY: a new block of so many bytes.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn free(&self, block: *mut u8, layout: Layout) {
        let Some(block) = NonNull::new(black_box(block)) else {
            return;
        };
        // SAFETY: the caller's promise.
        self.with(|heap| unsafe { heap.free(block, layout) });
    }

    unsafe fn reallocate(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let new = Layout::from_size_align(size, layout.align()).ok();
        let Some((block, new)) = NonNull::new(black_box(block)).zip(new) else {
            return null_mut();
        };
        // SAFETY: the caller's promise.
        let block = self.with(|heap| unsafe { heap.reallocate(block, layout, new) });
        black_box(block.map_or(null_mut(), NonNull::as_ptr))
    }

    unsafe fn usable_size(&self, block: *mut u8, layout: Layout) -> usize {
        // SAFETY: the caller's promise.
        NonNull::new(block).map_or(0, |block| unsafe { P::usable_size(block, layout) })
    }

    fn trim(&self) {}
}

impl Pool for Pools {
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Self::allocate(self, layout)
    }

    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(block, layout.align()) };
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        _layout: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { Self::reallocate(self, block, new) }
    }

    unsafe fn usable_size(block: NonNull<u8>, _layout: Layout) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Self::allocation_usable_size(block) }
    }
}

impl Pool for Slabs {
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Self::allocate(self, layout)
    }

    unsafe fn free(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(block, layout) };
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { Self::reallocate(self, block, layout, new) }
    }

    unsafe fn usable_size(_block: NonNull<u8>, layout: Layout) -> usize {
        layout.size()
    }
}
