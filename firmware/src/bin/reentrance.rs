//! A handler uses a heap behind a spin lock while the program that it interrupted holds it: a debug build
//! says so instead of waiting forever.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
mod program {
    use core::alloc::{GlobalAlloc, Layout};
    use core::sync::atomic::{AtomicBool, Ordering};
    use cortex_m::peripheral::SCB;
    use lock_api::{GuardSend, RawMutex};
    use rlsf::{CriticalSection, Locked, Region, Tlsf};
    use semihosting::process;

    rlsf_firmware::panic_exits_with!(7);

    /// A spin lock.
    struct Spin(AtomicBool);

    // SAFETY: whoever turns the flag from false to true has the lock.
    unsafe impl RawMutex for Spin {
        #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
        const INIT: Self = Self(AtomicBool::new(false));
        type GuardMarker = GuardSend;

        fn lock(&self) {
            while !self.try_lock() {
                core::hint::spin_loop();
            }
        }

        fn try_lock(&self) -> bool {
            !self.0.swap(true, Ordering::Acquire)
        }

        unsafe fn unlock(&self) {
            self.0.store(false, Ordering::Release);
        }
    }

    static HEAP: Locked<Spin, Tlsf<'static, u16, u8, 9, 4>> = Locked::new();

    static MEMORY: Region<CriticalSection, 1024> = Region::new();

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let memory = MEMORY.take().expect("nobody has taken it");
        HEAP.init(memory).expect("1 KiB is enough");
        // SAFETY: the section does nothing with the heap; the handler, which comes at once, waits for the lock.
        unsafe {
            HEAP.with_heap(|_| {
                SCB::set_pendsv();
                cortex_m::asm::isb();
            });
        }
        process::exit(0)
    }

    #[cortex_m_rt::exception]
    fn PendSV() {
        // SAFETY: the size is not zero.
        let block = unsafe { HEAP.alloc(Layout::new::<u32>()) };
        assert!(block.is_null(), "the handler must not get here");
    }
}

#[cfg(not(target_arch = "arm"))]
mod program {
    rlsf_firmware::panic_exits_with!(1);

    #[riscv_rt::entry]
    fn main() -> ! {
        panic!("this program is for Cortex-M")
    }
}
