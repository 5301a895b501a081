//! Processes that end without the C library's clean-up, as a shell's children do.

use super::report;
use libc::c_int;

/// Ends the process at once, as `_exit(2)` says, with its report if that was asked for.
#[no_mangle]
pub(crate) extern "C" fn _exit(code: c_int) -> ! {
    end(code)
}

/// The same under C's name.
#[no_mangle]
pub(crate) extern "C" fn _Exit(code: c_int) -> ! {
    end(code)
}

fn end(code: c_int) -> ! {
    report::at_exit();
    loop {
        // SAFETY: it ends the process.
        unsafe { libc::syscall(libc::SYS_exit_group, code) };
    }
}
