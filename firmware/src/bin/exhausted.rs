//! Memory runs out where the program has not reckoned with it: Rust's handler panics, and the program's own
//! panic handler ends it with a code of its own.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;
use rlsf::{CriticalSection, Locked, Region, Tlsf};
use rlsf_firmware::panic_exits_with;
use semihosting::process;

panic_exits_with!(42);

#[global_allocator]
static HEAP: Locked<CriticalSection, Tlsf<'static, u16, u8, 9, 4>> = Locked::new();

static MEMORY: Region<CriticalSection, 2048> = Region::new();

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    let memory = MEMORY.take().expect("nobody has taken it");
    HEAP.init(memory).expect("2 KiB are enough");
    let mut numbers = Vec::new();
    for n in 0..2048_u16 {
        numbers.push(n);
    }
    process::exit(i32::from(numbers[0]))
}
