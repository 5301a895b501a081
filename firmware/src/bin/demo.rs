//! A program whose global allocator is rlsf: collections, two pools, an interrupt handler that allocates,
//! and memory that runs out.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use core::mem::{size_of, MaybeUninit};
use core::ptr::addr_of_mut;
use core::sync::atomic::{AtomicU32, Ordering};
use rlsf::{CriticalSection, InitError, Locked, OutOfMemory, Region, Tlsf};
use rlsf_firmware::panic_exits_with;
use semihosting::{println, process};

panic_exits_with!(1);

/// A heap of 192 bytes, with counters, for up to 8 KiB a pool.
type Heap = Tlsf<'static, u16, u8, 9, 4>;

#[global_allocator]
static HEAP: Locked<CriticalSection, Heap> = Locked::new();

/// The first pool, with the program's other data.
static MEMORY: Region<CriticalSection, 8192> = Region::new();

const SECOND_BYTES: usize = 2048;

/// The second pool, in the other memory of the board.
#[link_section = ".second"]
static mut SECOND: MaybeUninit<[u8; SECOND_BYTES]> = MaybeUninit::uninit();

/// How often the handler has allocated.
static INTERRUPTS: AtomicU32 = AtomicU32::new(0);

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    assert!(Box::try_new_like(1).is_none(), "there is no memory yet");
    begin();
    let before = HEAP.statistics().used_bytes;
    collections();
    second_pool();
    interrupts();
    exhaust();
    let figures = HEAP.statistics();
    assert_eq!(figures.used_bytes, before, "everything is freed");
    assert_eq!(HEAP.validate(), Ok(()));
    println!("figure heap {}", size_of::<Heap>());
    println!("figure peak {}", figures.peak_used_bytes);
    process::exit(0)
}

/// What `Box` has on nightly only.
trait TryNew: Sized {
    fn try_new_like(value: u32) -> Option<Vec<u32>>;
}

impl TryNew for Box<u32> {
    fn try_new_like(value: u32) -> Option<Vec<u32>> {
        let mut one = Vec::new();
        one.try_reserve_exact(1).ok()?;
        one.push(value);
        Some(one)
    }
}

/// Gives the heap its first pool, once.
fn begin() {
    let memory = MEMORY.take().expect("nobody has taken it");
    let used = HEAP.init(memory).expect("8 KiB are enough");
    assert!(used > 8150, "{used}");
    assert!(MEMORY.take().is_none());
    assert_eq!(HEAP.init(&mut []), Err(InitError::Twice));
}

fn collections() {
    // One by one: `collect` would sort, with more stack than the smallest board has.
    let mut squares = BTreeMap::new();
    for n in 0..40_u32 {
        squares.insert(n, n * n);
    }
    assert_eq!(squares[&7], 49);
    let mut text = String::new();
    for n in squares.values().take(10) {
        write!(text, "{n} ").expect("a string takes any text");
    }
    assert_eq!(text, "0 1 4 9 16 25 36 49 64 81 ");
    let shared = Rc::new(text);
    let boxes: Vec<Box<Rc<String>>> = (0..20).map(|_| Box::new(shared.clone())).collect();
    assert_eq!(Rc::strong_count(&shared), 21);
    drop(boxes);
    let mut growing = Vec::new();
    growing.extend(0..300_u16);
    growing.retain(|n| n % 3 == 0);
    growing.shrink_to_fit();
    assert_eq!(growing.iter().map(|&n| u32::from(n)).sum::<u32>(), 14850);
    assert_eq!(HEAP.validate(), Ok(()));
}

/// Gives the heap the other memory, and fills both.
fn second_pool() {
    let one = HEAP.largest_allocatable();
    let start = addr_of_mut!(SECOND).cast::<u8>();
    // SAFETY: nothing else uses it, and this is done once.
    let used = unsafe { HEAP.add_pool_ptr(start, SECOND_BYTES) };
    assert!(used.expect("2 KiB are enough") > 2000);
    let first: Vec<u8> = Vec::with_capacity(one);
    let second: Vec<u8> = Vec::with_capacity(1900);
    let distance = (second.as_ptr() as usize).wrapping_sub(start as usize);
    assert!(distance < SECOND_BYTES);
    drop((first, second));
}

/// Allocates while the timer's handler does, too.
fn interrupts() {
    timer::start();
    let mut rounds = 0_u32;
    while INTERRUPTS.load(Ordering::Relaxed) < 200 {
        let mut numbers = Vec::new();
        numbers.extend(0..rounds % 50);
        let name = format!("{rounds}");
        assert_eq!(name.parse(), Ok(rounds));
        assert_eq!(numbers.len(), (rounds % 50) as usize);
        rounds += 1;
    }
    timer::stop();
    assert!(rounds > 10);
}

/// What the timer's handler does.
fn on_interrupt() {
    let count = INTERRUPTS.load(Ordering::Relaxed) + 1;
    let text = Box::new(format!("interrupt {count}"));
    assert!(text.ends_with(|last: char| last.is_ascii_digit()));
    INTERRUPTS.store(count, Ordering::Relaxed);
}

/// The requests of which the hook was told.
static REFUSED: AtomicU32 = AtomicU32::new(0);

/// Is told when memory runs out.
fn out_of_memory(event: &OutOfMemory) {
    println!("{event}");
    REFUSED.store(REFUSED.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// Takes all there is: the request that fails changes nothing.
fn exhaust() {
    HEAP.set_out_of_memory_hook(Some(out_of_memory));
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(64);
    loop {
        let mut block = Vec::new();
        if block.try_reserve_exact(700).is_err() {
            break;
        }
        block.resize(700, 1);
        blocks.push(block);
    }
    assert!(blocks.len() >= 10, "{}", blocks.len());
    assert_eq!(REFUSED.load(Ordering::Relaxed), 1);
    assert_eq!(HEAP.statistics().failed_requests, 2);
    assert!(blocks.iter().flatten().all(|&byte| byte == 1));
    assert_eq!(HEAP.validate(), Ok(()));
}

#[cfg(target_arch = "arm")]
mod timer {
    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m::Peripherals;

    /// Has the handler called every 8009 ticks.
    pub fn start() {
        let mut timer = Peripherals::take().expect("nobody has").SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(8009);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
    }

    pub fn stop() {
        // SAFETY: the timer is this module's.
        let mut all = unsafe { Peripherals::steal() };
        all.SYST.disable_interrupt();
    }

    #[cortex_m_rt::exception]
    fn SysTick() {
        super::on_interrupt();
    }
}

#[cfg(target_arch = "riscv32")]
mod timer {
    use riscv::interrupt::Interrupt;
    use riscv::register::{mie, mstatus};

    /// The timer of QEMU's `virt`: when it rings, and the time.
    const COMPARE: *mut u32 = 0x0200_4000 as *mut u32;
    const TIME: *const u32 = 0x0200_bff8 as *const u32;

    /// Has the handler called every 31 ticks.
    pub fn start() {
        ring_later();
        // SAFETY: the handler stands.
        unsafe { mie::set_mtimer() };
        // SAFETY: the handler stands.
        unsafe { mstatus::set_mie() };
    }

    pub fn stop() {
        // SAFETY: nobody waits for the timer.
        unsafe { mie::clear_mtimer() };
    }

    fn ring_later() {
        // SAFETY: the timer is this module's.
        let now = unsafe { TIME.read_volatile() };
        // SAFETY: the upper half, which stays zero for minutes.
        unsafe { COMPARE.wrapping_add(1).write_volatile(0) };
        // SAFETY: the timer is this module's.
        unsafe { COMPARE.write_volatile(now.wrapping_add(31)) };
    }

    #[riscv_rt::core_interrupt(Interrupt::MachineTimer)]
    fn rings() {
        super::on_interrupt();
        ring_later();
    }
}
