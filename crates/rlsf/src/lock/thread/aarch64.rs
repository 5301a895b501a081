//! As `x86_64`, on 64-bit Arm: the thread's own pointer is a register of the system's.

use super::NO_LOCK;
use core::arch::{asm, global_asm};

global_asm!(
    symbol!(".pushsection .tdata.", ", \"awT\", %progbits"),
    ".balign 8",
    symbol!(".globl ", ""),
    symbol!(".hidden ", ""),
    symbol!(".type ", ", %object"),
    symbol!(".size ", ", 8"),
    symbol!("", ":"),
    ".long 0xffffffff", // `NO_LOCK`; a free lock's value, once the number is known
    ".long 0",          // the number
    ".popsection",
);

const _: () = assert!(NO_LOCK == 0xffff_ffff, "as above");

#[inline(always)]
pub(in crate::lock) fn free_and_own() -> (u32, u32) {
    let (free, own): (u32, u32);
    // SAFETY: reads this thread's variable.
    unsafe {
        asm!(
            "mrs {thread}, tpidr_el0",
            symbol!("adrp {place}, :gottprel:", ""),
            symbol!("ldr {place}, [{place}, :gottprel_lo12:", "]"),
            "add {place}, {place}, {thread}",
            "ldp {free:w}, {own:w}, [{place}]",
            thread = out(reg) _,
            place = out(reg) _,
            free = lateout(reg) free,
            own = lateout(reg) own,
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    (free, own)
}

#[inline(always)]
pub(in crate::lock) fn own() -> u32 {
    free_and_own().1
}

pub(super) fn store(number: u32) {
    // SAFETY: writes this thread's variable.
    unsafe {
        asm!(
            "mrs {thread}, tpidr_el0",
            symbol!("adrp {place}, :gottprel:", ""),
            symbol!("ldr {place}, [{place}, :gottprel_lo12:", "]"),
            "add {place}, {place}, {thread}",
            "stp wzr, {number:w}, [{place}]",
            thread = out(reg) _,
            place = out(reg) _,
            number = in(reg) number,
            options(nostack, preserves_flags)
        );
    }
}
