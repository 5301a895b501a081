//! The least program that allocates, resizes and frees: its flash with a heap, less that without one, is the
//! heap's.
#![no_std]
#![no_main]

use core::alloc::{GlobalAlloc, Layout};
use core::hint::black_box;
use rlsf_firmware::semihosting::process;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    process::exit(1)
}

/// The global allocator that has nothing.
#[cfg(not(any(
    feature = "ours",
    feature = "published",
    feature = "talc",
    feature = "llff",
    feature = "tlsf"
)))]
mod heap {
    use core::alloc::{GlobalAlloc, Layout};

    pub struct Nothing;

    // SAFETY: gives nothing out.
    unsafe impl GlobalAlloc for Nothing {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            layout.align() as *mut u8
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

        unsafe fn realloc(&self, ptr: *mut u8, _: Layout, _: usize) -> *mut u8 {
            ptr
        }
    }

    pub static HEAP: Nothing = Nothing;

    pub fn begin() {}
}

#[cfg(feature = "ours")]
mod heap {
    use rlsf::{CriticalSection, Locked, Region, Tlsf};

    pub static HEAP: Locked<CriticalSection, Tlsf<'static, u16, u16, 12, 16>> = Locked::new();

    static MEMORY: Region<CriticalSection, 4096> = Region::new();

    pub fn begin() {
        let _ = MEMORY.take().map(|memory| HEAP.init(memory));
    }
}

/// The published crate in a critical section.
#[cfg(feature = "published")]
mod heap {
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;
    use core::mem::MaybeUninit;
    use core::ptr::{addr_of_mut, null_mut, NonNull};
    use critical_section::with;
    use published::Tlsf;

    pub struct Published(UnsafeCell<Tlsf<'static, u16, u16, 12, 16>>);

    // SAFETY: used in critical sections only.
    unsafe impl Sync for Published {}

    impl Published {
        fn heap(&self) -> &mut Tlsf<'static, u16, u16, 12, 16> {
            // SAFETY: used in critical sections only, which do not nest here.
            unsafe { &mut *self.0.get() }
        }
    }

    // SAFETY: the published crate keeps the contract.
    unsafe impl GlobalAlloc for Published {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            with(|_| self.heap().allocate(layout)).map_or(null_mut(), NonNull::as_ptr)
        }

        unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
            // SAFETY: a block is not null.
            let ptr = unsafe { NonNull::new_unchecked(ptr) };
            // SAFETY: the caller's promise.
            with(|_| unsafe { self.heap().deallocate(ptr, layout.align()) });
        }

        unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: a block is not null.
            let ptr = unsafe { NonNull::new_unchecked(ptr) };
            // SAFETY: the caller's promise.
            let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
            // SAFETY: the caller's promise.
            let moved = with(|_| unsafe { self.heap().reallocate(ptr, new) });
            moved.map_or(null_mut(), NonNull::as_ptr)
        }
    }

    pub static HEAP: Published = Published(UnsafeCell::new(Tlsf::new()));

    static mut MEMORY: [MaybeUninit<u8>; 4096] = [MaybeUninit::uninit(); 4096];

    pub fn begin() {
        // SAFETY: called once.
        let memory: &'static mut [MaybeUninit<u8>; 4096] = unsafe { &mut *addr_of_mut!(MEMORY) };
        with(|_| HEAP.heap().insert_free_block(memory));
    }
}

/// `talc` in a critical section.
#[cfg(feature = "talc")]
mod heap {
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;
    use core::mem::MaybeUninit;
    use core::ptr::{addr_of_mut, null_mut, NonNull};
    use critical_section::with;
    use talc::base::Talc;
    use talc::source::Manual;
    use talc::DefaultBinning;

    pub struct Section(UnsafeCell<Talc<Manual, DefaultBinning>>);

    // SAFETY: used in critical sections only.
    unsafe impl Sync for Section {}

    impl Section {
        fn heap(&self) -> &mut Talc<Manual, DefaultBinning> {
            // SAFETY: used in critical sections only, which do not nest here.
            unsafe { &mut *self.0.get() }
        }
    }

    // SAFETY: talc keeps the contract.
    unsafe impl GlobalAlloc for Section {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            let block = with(|_| unsafe { self.heap().allocate(layout) });
            block.map_or(null_mut(), NonNull::as_ptr)
        }

        unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
            // SAFETY: the caller's promise.
            with(|_| unsafe { self.heap().deallocate(ptr, layout) });
        }

        unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: the caller's promise.
            if with(|_| unsafe { self.heap().try_realloc_in_place(ptr, layout, size) }) {
                return ptr;
            }
            // SAFETY: the caller's promise.
            let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
            // SAFETY: the caller's promise.
            let moved = unsafe { self.alloc(new) };
            if !moved.is_null() {
                // SAFETY: only growing fails in place: both blocks hold the old size.
                unsafe { ptr.copy_to_nonoverlapping(moved, layout.size()) };
                // SAFETY: the caller's promise.
                unsafe { self.dealloc(ptr, layout) };
            }
            moved
        }
    }

    #[global_allocator]
    pub static HEAP: Section = Section(UnsafeCell::new(Talc::new(Manual)));

    static mut MEMORY: [MaybeUninit<u8>; 4096] = [MaybeUninit::uninit(); 4096];

    pub fn begin() {
        // SAFETY: called once.
        let _ = with(|_| unsafe { HEAP.heap().claim(addr_of_mut!(MEMORY).cast(), 4096) });
    }
}

/// A heap of `embedded-alloc`.
#[cfg(any(feature = "llff", feature = "tlsf"))]
mod heap {
    use core::mem::MaybeUninit;
    use core::ptr::addr_of_mut;
    #[cfg(feature = "llff")]
    use embedded_alloc::LlffHeap as Heap;
    #[cfg(not(feature = "llff"))]
    use embedded_alloc::TlsfHeap as Heap;

    pub static HEAP: Heap = Heap::empty();

    static mut MEMORY: [MaybeUninit<u8>; 4096] = [MaybeUninit::uninit(); 4096];

    pub fn begin() {
        // SAFETY: called once.
        unsafe { HEAP.init(addr_of_mut!(MEMORY) as usize, 4096) };
    }
}

use heap::{begin, HEAP};

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    begin();
    // A size that the compiler does not know.
    let size = black_box(100);
    // SAFETY: a power of two.
    let layout = unsafe { Layout::from_size_align_unchecked(size, 8) };
    // SAFETY: the size is not zero.
    let block = unsafe { HEAP.alloc(layout) };
    // SAFETY: the block is in use, and has this layout.
    let block = unsafe { HEAP.realloc(block, layout, layout.size() * 2) };
    // SAFETY: the block is in use, and has no larger layout.
    unsafe { HEAP.dealloc(block, layout) };
    process::exit(i32::from(block.is_null()))
}
