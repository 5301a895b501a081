//! Counting instructions.
//!
//! QEMU's clock goes on by a fixed time with every instruction (`-icount`): 128 ns on Cortex-M, where
//! `SysTick` counts the clock of the board's processor, and on RISC-V `minstret` counts the instructions.

pub use imp::{now, since, start};

#[cfg(target_arch = "arm")]
mod imp {
    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m::peripheral::SYST;

    /// A tick in tenths of a nanosecond.
    const TICK: u32 = crate::decimal(env!("TICK_TENTHS_NS"));

    /// An instruction in tenths of a nanosecond.
    const INSTRUCTION: u32 = 1280;

    /// Makes the counter run.
    pub fn start(mut timer: SYST) {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(0x00ff_ffff);
        timer.clear_current();
        timer.enable_counter();
    }

    /// A point in the program.
    #[inline]
    #[must_use]
    pub fn now() -> u32 {
        SYST::get_current()
    }

    /// The instructions from `before` to `after`, at most 5 million.
    #[must_use]
    pub fn since(before: u32, after: u32) -> u32 {
        let ticks = before.wrapping_sub(after) & 0x00ff_ffff;
        (ticks * TICK + INSTRUCTION / 2) / INSTRUCTION
    }
}

#[cfg(target_arch = "riscv32")]
mod imp {
    /// The counter runs always.
    pub fn start((): ()) {}

    /// A point in the program.
    #[inline]
    #[must_use]
    pub fn now() -> u32 {
        u32::try_from(riscv::register::minstret::read()).unwrap_or(u32::MAX)
    }

    /// The instructions from `before` to `after`.
    #[must_use]
    pub fn since(before: u32, after: u32) -> u32 {
        after.wrapping_sub(before)
    }
}
