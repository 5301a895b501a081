//! On x86-64: the thread's own pointer is a segment's.

use super::symbol;
use crate::heap::{Heap, NO_HEAP};
use core::arch::{asm, global_asm};

global_asm!(
    symbol!(".pushsection .tdata.", ", \"awT\", @progbits"),
    ".balign 8",
    symbol!(".globl ", ""),
    symbol!(".hidden ", ""),
    symbol!(".type ", ", @object"),
    symbol!(".size ", ", 8"),
    symbol!("", ":"),
    ".quad {no_heap}",
    ".popsection",
    no_heap = sym NO_HEAP,
);

#[inline(always)]
pub(super) fn read() -> *mut Heap {
    let heap: *mut Heap;
    // SAFETY: reads this thread's variable.
    unsafe {
        asm!(
            symbol!("mov {heap}, qword ptr [rip + ", "@GOTTPOFF]"),
            "mov {heap}, qword ptr fs:[{heap}]",
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
            symbol!("mov {place}, qword ptr [rip + ", "@GOTTPOFF]"),
            "mov qword ptr fs:[{place}], {heap}",
            place = out(reg) _,
            heap = in(reg) heap,
            options(nostack, preserves_flags)
        );
    }
}
