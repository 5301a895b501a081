//! The number in a variable of each thread, of the kind that takes one instruction to
//! read.
//!
//! Stable Rust without `std` has no such variables, but the assembler has. The offset
//! from the thread's own pointer comes from the global offset table ("initial exec"), so
//! that shared libraries work, too; in a program the linker makes a constant of it.

use super::NO_LOCK;
use core::arch::{asm, global_asm};

global_asm!(
    symbol!(".pushsection .tdata.", ", \"awT\", @progbits"),
    ".balign 8",
    symbol!(".globl ", ""),
    symbol!(".hidden ", ""),
    symbol!(".type ", ", @object"),
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
            symbol!("mov {place}, qword ptr [rip + ", "@GOTTPOFF]"),
            "mov {free:e}, dword ptr fs:[{place}]",
            "mov {own:e}, dword ptr fs:[{place} + 4]",
            place = out(reg) _,
            free = out(reg) free,
            own = lateout(reg) own,
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    (free, own)
}

#[inline(always)]
pub(in crate::lock) fn own() -> u32 {
    let own: u32;
    // SAFETY: reads this thread's variable.
    unsafe {
        asm!(
            symbol!("mov {own:r}, qword ptr [rip + ", "@GOTTPOFF]"),
            "mov {own:e}, dword ptr fs:[{own:r} + 4]",
            own = out(reg) own,
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    own
}

pub(super) fn store(number: u32) {
    // SAFETY: writes this thread's variable.
    unsafe {
        asm!(
            symbol!("mov {place}, qword ptr [rip + ", "@GOTTPOFF]"),
            "mov dword ptr fs:[{place}], 0",
            "mov dword ptr fs:[{place} + 4], {number:e}",
            place = out(reg) _,
            number = in(reg) number,
            options(nostack, preserves_flags)
        );
    }
}
