//! The end of a program in which we have made a mistake.

use super::message::say;
use core::arch::global_asm;
use core::panic::PanicInfo;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    say(format_args!("{}", info.message()));
    // SAFETY: it has no arguments.
    unsafe { libc::abort() }
}

// `core` comes compiled for programs that unwind, and its tables name what `std` would look
// at them with. Nothing unwinds through it here; a program's own `std` goes first.
global_asm!(
    ".pushsection .text.rust_eh_personality, \"ax\"",
    ".weak rust_eh_personality",
    ".hidden rust_eh_personality",
    "rust_eh_personality:",
    ".balign 8, 0",
    ".quad 0",
    ".popsection",
);
