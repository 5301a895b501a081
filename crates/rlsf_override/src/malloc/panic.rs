//! The end of a program in which we have made a mistake.

use super::message::say;
use core::panic::PanicInfo;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    say(format_args!("{}", info.message()));
    // SAFETY: it has no arguments.
    unsafe { libc::abort() }
}
