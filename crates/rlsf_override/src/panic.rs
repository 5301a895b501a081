//! The end of a firmware whose heap finds itself broken: a fault of the processor.
//!
//! Only the checks of the feature `hardened` and of debug builds panic. There is nowhere to print to; the
//! fault's handler, or a debugger, sees where it comes from.

use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        fault();
    }
}

/// Executes an instruction that no processor of the target knows.
fn fault() {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    // SAFETY: the instruction does nothing but raise its fault.
    unsafe {
        core::arch::asm!("ud2");
    }
    #[cfg(any(target_arch = "arm", target_arch = "aarch64"))]
    // SAFETY: as above.
    unsafe {
        core::arch::asm!("udf #0");
    }
    #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
    // SAFETY: as above.
    unsafe {
        core::arch::asm!("unimp");
    }
}
