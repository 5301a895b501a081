//! What no operation may do, for `cargo xtask certify` to find in each file that it reads.

/// Loops.
///
/// # Safety
///
/// `link` leads to a list that ends in a null pointer.
#[no_mangle]
#[inline(never)]
pub unsafe extern "C" fn planted_loop(mut link: *const *const u8) -> *const *const u8 {
    loop {
        // SAFETY: The caller promises links.
        let next = unsafe { *link };
        if next.is_null() {
            return link;
        }
        link = next.cast();
    }
}

/// Calls what a pointer says, and goes on.
#[no_mangle]
#[inline(never)]
pub extern "C" fn planted_pointer(callee: extern "C" fn(usize) -> usize, value: usize) -> usize {
    callee(value) ^ value
}

/// Panics for `index` 8.
#[no_mangle]
#[inline(never)]
pub extern "C" fn planted_panic(table: &[u8; 8], index: usize) -> u8 {
    table[index]
}

/// So that a linker keeps them.
pub fn keep() {
    core::hint::black_box(planted_loop as *const ());
    core::hint::black_box(planted_pointer as *const ());
    core::hint::black_box(planted_panic as *const ());
}
