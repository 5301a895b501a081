//! A program whose heap is never locked: it makes messages, and an interrupt handler, which comes at any
//! time, reads and frees them.
#![no_std]
#![no_main]

#[cfg(all(target_arch = "arm", target_has_atomic = "ptr"))]
mod program {
    use core::alloc::Layout;
    use core::ptr::{null_mut, NonNull};
    use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
    use cortex_m::peripheral::scb::VectActive;
    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m::peripheral::SCB;
    use rlsf::{CriticalSection, Region};
    use rlsf_threads::{Cores, PerCore};
    use semihosting::{println, process};

    rlsf_firmware::panic_exits_with!(1);

    const POOL: usize = 16 * 1024;

    /// What is handed over before the program ends.
    const MESSAGES: u32 = 2000;

    struct Core;

    // SAFETY: there is one core, and only what no handler interrupts the work of has its heap.
    unsafe impl Cores for Core {
        fn own() -> Option<usize> {
            matches!(SCB::vect_active(), VectActive::ThreadMode).then_some(0)
        }
    }

    static HEAP: PerCore<Core, u16, u8, 11, 8, 1> = PerCore::new();
    static MEMORY: Region<CriticalSection, POOL> = Region::new();

    /// The message on its way: its number, and then as many bytes as the number's last ones say.
    static MESSAGE: AtomicPtr<u32> = AtomicPtr::new(null_mut());
    static READ: AtomicU32 = AtomicU32::new(0);
    static SUM: AtomicU32 = AtomicU32::new(0);

    #[cortex_m_rt::exception]
    fn SysTick() {
        assert!(
            HEAP.allocate(Layout::new::<u32>()).is_none(),
            "a handler has no heap"
        );
        let Some(message) = NonNull::new(MESSAGE.swap(null_mut(), Ordering::Acquire)) else {
            return;
        };
        // SAFETY: the program has written it and handed it over.
        let number = unsafe { message.read() };
        SUM.store(SUM.load(Ordering::Relaxed) + number, Ordering::Relaxed);
        READ.store(READ.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        // SAFETY: the handler's alone by now.
        unsafe { HEAP.deallocate(message.cast()) };
    }

    /// A message with a number.
    fn message(number: u32) -> Option<NonNull<u32>> {
        let layout = Layout::from_size_align(8 + number as usize % 200, 8).ok()?;
        let block = HEAP.allocate(layout)?.cast::<u32>();
        // SAFETY: a new block of eight bytes at the least.
        unsafe { block.write(number) };
        Some(block)
    }

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let memory = MEMORY.take().expect("nobody has taken it");
        assert!(HEAP.insert(memory).is_some());
        let peripherals = cortex_m::Peripherals::take().expect("nobody has taken them");
        let mut clock = peripherals.SYST;
        clock.set_clock_source(SystClkSource::Core);
        // No multiple of what a turn below takes, so that every part of it is interrupted.
        clock.set_reload(996);
        clock.clear_current();
        clock.enable_interrupt();
        clock.enable_counter();
        let (mut sent, mut sum, mut work) = (0, 0, 0_u32);
        while READ.load(Ordering::Relaxed) < MESSAGES {
            let next = message(work).expect("16 KiB are enough");
            work = work.wrapping_add(1);
            let has_room = MESSAGE.load(Ordering::Relaxed).is_null();
            if sent < MESSAGES && has_room {
                (sent, sum) = (sent + 1, sum + work - 1);
                MESSAGE.store(next.as_ptr(), Ordering::Release);
            } else {
                // SAFETY: allocated above.
                unsafe { HEAP.deallocate(next.cast()) };
            }
        }
        clock.disable_interrupt();
        while HEAP.take_back(8) > 0 {}
        assert_eq!(SUM.load(Ordering::Relaxed), sum);
        assert_eq!(HEAP.validate(), Some(Ok(())));
        let all = Layout::from_size_align(POOL - 64, 8).expect("a layout");
        assert!(
            HEAP.allocate(all).is_some(),
            "everything is one block again"
        );
        println!("{MESSAGES} messages freed in a handler, {work} blocks allocated");
        process::exit(0)
    }
}

#[cfg(not(all(target_arch = "arm", target_has_atomic = "ptr")))]
mod program {
    rlsf_firmware::panic_exits_with!(1);

    #[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
    #[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
    fn main() -> ! {
        panic!("this program is for Cortex-M3 and larger ones")
    }
}
