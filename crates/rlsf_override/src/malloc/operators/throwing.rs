//! The forms that throw: they try, and while there is no memory call the new-handler, and
//! throw `std::bad_alloc` if there is none.

use super::super::counters::Kind;
use super::super::heap::{allocate, ANY};
use super::runtime::{self, Handler};
use core::arch::naked_asm;
use core::ptr::{null_mut, NonNull};
use libc::{c_void, size_t};

/// One try.
extern "C" fn attempt(size: size_t, align: size_t) -> *mut c_void {
    allocate(Kind::New, size, align).map_or(null_mut(), |block: NonNull<u8>| block.as_ptr().cast())
}

/// What to call before the next try: it may throw.
#[cold]
extern "C" fn remedy() -> Handler {
    runtime::new_handler().unwrap_or_else(runtime::thrower)
}

/// Exports `name(size)`, or `name(size, align)` if `$align` is empty.
macro_rules! throwing {
    ($name:ident, $($align:literal)?) => {
        /// `operator new`.
        #[no_mangle]
        #[unsafe(naked)]
        pub(crate) extern "C-unwind" fn $name(_size: size_t, _align: size_t) -> *mut c_void {
            naked_asm!(
                ".cfi_startproc",
                // The two arguments, and eight bytes that keep the stack aligned.
                "sub rsp, 24",
                ".cfi_adjust_cfa_offset 24",
                $($align,)?
                "mov qword ptr [rsp], rdi",
                "mov qword ptr [rsp + 8], rsi",
                "2:",
                "call {attempt}",
                "test rax, rax",
                "je 3f",
                "add rsp, 24",
                ".cfi_adjust_cfa_offset -24",
                "ret",
                ".cfi_adjust_cfa_offset 24",
                "3:",
                "call {remedy}",
                "call rax",
                "mov rdi, qword ptr [rsp]",
                "mov rsi, qword ptr [rsp + 8]",
                "jmp 2b",
                ".cfi_endproc",
                attempt = sym attempt,
                remedy = sym remedy,
            )
        }
    };
}

throwing!(_Znwm, "mov esi, 1");
throwing!(_Znam, "mov esi, 1");
throwing!(_ZnwmSt11align_val_t,);
throwing!(_ZnamSt11align_val_t,);

const _: () = assert!(ANY == 1, "as the functions above say");
