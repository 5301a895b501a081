//! The forms of `operator delete`: the block tells its size and alignment itself.

use super::super::counters::Kind;
use super::super::heap::release;
use libc::{c_void, size_t};

/// Exports a form with the arguments after the pointer.
macro_rules! delete {
    ($($name:ident($($argument:ty),*);)*) => {
        $(
            /// `operator delete`.
            ///
            /// # Safety
            ///
            /// `ptr` is null, or a block that nobody uses any more.
            #[no_mangle]
            pub(crate) unsafe extern "C" fn $name(ptr: *mut c_void $(, _: $argument)*) {
                // SAFETY: the caller's promise.
                unsafe { release(Kind::Delete, ptr) };
            }
        )*
    };
}

delete! {
    _ZdlPv();
    _ZdaPv();
    _ZdlPvm(size_t);
    _ZdaPvm(size_t);
    _ZdlPvSt11align_val_t(size_t);
    _ZdaPvSt11align_val_t(size_t);
    _ZdlPvmSt11align_val_t(size_t, size_t);
    _ZdaPvmSt11align_val_t(size_t, size_t);
    _ZdlPvRKSt9nothrow_t(*const c_void);
    _ZdaPvRKSt9nothrow_t(*const c_void);
    _ZdlPvSt11align_val_tRKSt9nothrow_t(size_t, *const c_void);
    _ZdaPvSt11align_val_tRKSt9nothrow_t(size_t, *const c_void);
}
