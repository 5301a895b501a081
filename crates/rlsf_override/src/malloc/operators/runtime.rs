//! The C++ library of the process, if there is one.
//!
//! It is not a library that we need: a C program has none. Its functions are looked up by
//! weak references, and, as a C++ library may be loaded by `dlopen` later, by name.

use super::super::message::say;
use core::arch::naked_asm;
use core::ffi::CStr;
use core::mem::transmute;
use core::ptr::NonNull;
use libc::{c_char, c_int, c_void};

/// A new-handler, or what throws `std::bad_alloc`.
pub(super) type Handler = unsafe extern "C-unwind" fn();

/// Defines a function that gives the address of a symbol, which is null if nothing defines
/// the symbol.
macro_rules! weak {
    ($name:ident, $symbol:literal) => {
        #[unsafe(naked)]
        extern "C" fn $name() -> *mut c_void {
            naked_asm!(
                concat!(".weak ", $symbol),
                concat!("mov rax, qword ptr [rip + ", $symbol, "@GOTPCREL]"),
                "ret",
            )
        }
    };
}

weak!(weak_get_new_handler, "_ZSt15get_new_handlerv");
weak!(weak_throw_bad_alloc, "_ZSt17__throw_bad_allocv");
// A program that is linked statically may have neither.
weak!(weak_dlopen, "dlopen");
weak!(weak_dlsym, "dlsym");

/// The handler that the program has set.
pub(super) fn new_handler() -> Option<Handler> {
    let get = NonNull::new(weak_get_new_handler()).or_else(|| loaded(c"_ZSt15get_new_handlerv"))?;
    // SAFETY: `std::get_new_handler`, which throws nothing.
    let get: extern "C" fn() -> Option<Handler> = unsafe { transmute(get) };
    get()
}

/// The function that throws `std::bad_alloc`. Without a C++ library the program ends.
pub(super) fn thrower() -> Handler {
    let throw =
        NonNull::new(weak_throw_bad_alloc()).or_else(|| loaded(c"_ZSt17__throw_bad_allocv"));
    let Some(throw) = throw else {
        say(format_args!(
            "operator new has no memory, and there is no C++ library to throw std::bad_alloc"
        ));
        // SAFETY: it has no arguments.
        unsafe { libc::abort() }
    };
    // SAFETY: `std::__throw_bad_alloc`.
    unsafe { transmute(throw) }
}

/// A function of a C++ library that is loaded, not one of ours of the same name.
pub(super) fn loaded(name: &CStr) -> Option<NonNull<c_void>> {
    type Open = unsafe extern "C" fn(*const c_char, c_int) -> *mut c_void;
    type Find = unsafe extern "C" fn(*mut c_void, *const c_char) -> *mut c_void;
    const LIBRARIES: [&CStr; 3] = [c"libstdc++.so.6", c"libc++.so.1", c"libc++abi.so.1"];
    let open = NonNull::new(weak_dlopen())?;
    let find = NonNull::new(weak_dlsym())?;
    // SAFETY: the C library's functions.
    let open: Open = unsafe { transmute(open) };
    // SAFETY: the C library's functions.
    let find: Find = unsafe { transmute(find) };
    LIBRARIES.iter().find_map(|library| {
        // SAFETY: a string. It loads nothing, and the library is never let go.
        let handle = unsafe { open(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
        if handle.is_null() {
            return None;
        }
        // SAFETY: an open library and a string.
        NonNull::new(unsafe { find(handle, name.as_ptr()) })
    })
}
