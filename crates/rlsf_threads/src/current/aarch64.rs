//! On 64-bit Arm: the thread's own pointer is a register of the system's.

use super::symbol;
use crate::heap::{Heap, NO_HEAP};
use core::arch::{asm, global_asm};

global_asm!(
    symbol!(".pushsection .tdata.", ", \"awT\", %progbits"),
    ".balign 8",
    symbol!(".globl ", ""),
    symbol!(".hidden ", ""),
    symbol!(".type ", ", %object"),
    symbol!(".size ", ", 8"),
    symbol!("", ":"),
    ".xword {no_heap}",
    ".popsection",
    no_heap = sym NO_HEAP,
);

#[inline(always)]
pub(super) fn read() -> *mut Heap {
    let heap: *mut Heap;
    // SAFETY: reads this thread's variable.
    unsafe {
        asm!(
            "mrs {thread}, tpidr_el0",
            symbol!("adrp {heap}, :gottprel:", ""),
            symbol!("ldr {heap}, [{heap}, :gottprel_lo12:", "]"),
            "ldr {heap}, [{thread}, {heap}]",
            thread = out(reg) _,
            heap = out(reg) heap,
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    heap
}

pub(super) fn write(heap: *mut Heap) {
    // SAFETY: writes this thread's variable.
    unsafe {
        asm!(
            "mrs {thread}, tpidr_el0",
            symbol!("adrp {place}, :gottprel:", ""),
            symbol!("ldr {place}, [{place}, :gottprel_lo12:", "]"),
            "str {heap}, [{thread}, {place}]",
            thread = out(reg) _,
            place = out(reg) _,
            heap = in(reg) heap,
            options(nostack, preserves_flags)
        );
    }
}
