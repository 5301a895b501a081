//! The heap's constant-time operations as exported functions of two shapes of heap.
//!
//! Their ABI lets a panic through, as that of Rust does: otherwise the compiler adds code to stop it.
//!
//! `cargo xtask codegen` builds this crate in release and reads the machine code of what it exports.

use core::{alloc::Layout, ptr::NonNull};

/// Exports the four operations of one heap type under the given names.
macro_rules! export {
    ($heap:ty, $allocate:ident, $deallocate:ident, $grow:ident, $shrink:ident) => {
        /// `Tlsf::allocate`; an over-aligned request goes on in a function of its own, by a jump.
        ///
        /// # Safety
        ///
        /// `size` and `align` make a valid `Layout`.
        #[no_mangle]
        pub unsafe extern "C-unwind" fn $allocate(
            heap: &mut $heap,
            size: usize,
            align: usize,
        ) -> Option<NonNull<u8>> {
            // SAFETY: The caller promises a valid layout.
            let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
            heap.allocate(layout)
        }

        /// `Tlsf::deallocate`.
        ///
        /// # Safety
        ///
        /// `ptr` is a live allocation of `heap`, made with the alignment `align`.
        #[no_mangle]
        pub unsafe extern "C-unwind" fn $deallocate(
            heap: &mut $heap,
            ptr: NonNull<u8>,
            align: usize,
        ) {
            // SAFETY: The caller promises a live allocation of this heap.
            unsafe { heap.deallocate(ptr, align) }
        }

        /// `Tlsf::try_grow_in_place`, with whether it did.
        ///
        /// # Safety
        ///
        /// `ptr` is a live allocation of `heap`.
        #[no_mangle]
        pub unsafe extern "C-unwind" fn $grow(
            heap: &mut $heap,
            ptr: NonNull<u8>,
            size: usize,
        ) -> bool {
            // SAFETY: The caller promises a live allocation of this heap.
            unsafe { heap.try_grow_in_place(ptr, size) }.is_some()
        }

        /// `Tlsf::shrink_in_place`, with whether it did.
        ///
        /// # Safety
        ///
        /// `ptr` is a live allocation of `heap`.
        #[no_mangle]
        pub unsafe extern "C-unwind" fn $shrink(
            heap: &mut $heap,
            ptr: NonNull<u8>,
            size: usize,
        ) -> bool {
            // SAFETY: The caller promises a live allocation of this heap.
            unsafe { heap.shrink_in_place(ptr, size) }.is_some()
        }
    };
}

/// The heap of a hosted program.
type Heap = rlsf::Tlsf<'static, u32, u32, 28, 32>;

/// The heap of a small device.
type SmallHeap = rlsf::Tlsf<'static, u16, u16, 12, 16>;

export!(
    Heap,
    probe_allocate,
    probe_deallocate,
    probe_grow_in_place,
    probe_shrink_in_place
);

export!(
    SmallHeap,
    probe_small_allocate,
    probe_small_deallocate,
    probe_small_grow_in_place,
    probe_small_shrink_in_place
);
