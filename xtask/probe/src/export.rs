//! The operations of a heap as exported functions.

/// Exports the operations of one heap type, and a driver that calls them, under the given names.
macro_rules! export {
    (
        $heap:ty, $probes:ident, $allocate:ident, $deallocate:ident, $grow:ident,
        $shrink:ident, $drive:ident
    ) => {
        /// `Tlsf::allocate`; an over-aligned request goes on in a function of its own, by a jump.
        ///
        /// # Safety
        ///
        /// `size` and `align` make a valid `Layout`.
        #[no_mangle]
        #[inline(never)]
        pub unsafe extern "C" fn $allocate(
            heap: &mut $heap,
            size: usize,
            align: usize,
        ) -> Option<core::ptr::NonNull<u8>> {
            // SAFETY: The caller promises a valid layout.
            let layout = unsafe { core::alloc::Layout::from_size_align_unchecked(size, align) };
            heap.allocate(layout)
        }

        /// `Tlsf::deallocate`.
        ///
        /// # Safety
        ///
        /// `ptr` is a live allocation of `heap`, made with the alignment `align`.
        #[no_mangle]
        #[inline(never)]
        pub unsafe extern "C" fn $deallocate(
            heap: &mut $heap,
            ptr: core::ptr::NonNull<u8>,
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
        #[inline(never)]
        pub unsafe extern "C" fn $grow(
            heap: &mut $heap,
            ptr: core::ptr::NonNull<u8>,
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
        #[inline(never)]
        pub unsafe extern "C" fn $shrink(
            heap: &mut $heap,
            ptr: core::ptr::NonNull<u8>,
            size: usize,
        ) -> bool {
            // SAFETY: The caller promises a live allocation of this heap.
            unsafe { heap.shrink_in_place(ptr, size) }.is_some()
        }

        /// These operations.
        #[must_use]
        pub fn $probes() -> $crate::Probes<$heap> {
            $crate::Probes {
                allocate: $allocate,
                deallocate: $deallocate,
                grow: $grow,
                shrink: $shrink,
            }
        }

        /// Makes `rounds` random calls on a fresh heap in the `len` bytes at `memory`, each announced.
        ///
        /// # Safety
        ///
        /// The memory is nobody else's.
        #[cfg(not(target_os = "none"))]
        #[no_mangle]
        pub unsafe extern "C" fn $drive(
            memory: core::ptr::NonNull<u8>,
            len: usize,
            rounds: usize,
            announce: extern "C" fn(u32),
        ) {
            let mut heap = <$heap>::new();
            let pool = core::ptr::NonNull::slice_from_raw_parts(memory, len);
            // SAFETY: The caller promises the memory.
            unsafe { heap.insert_free_block_ptr(pool) };
            $probes().drive(
                &mut heap,
                len,
                rounds,
                &mut $crate::announce::Announcer(announce),
            );
        }
    };
}

pub(crate) use export;
