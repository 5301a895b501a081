//! Counts the instructions of our heap, of the published crate's and of others' in the same program.
#![no_std]
#![no_main]

use core::mem::MaybeUninit;
use core::ptr::addr_of_mut;
use rlsf_firmware::rlsf_heaps::{Ours, OursSized, Published};
use rlsf_firmware::stress::{run, Figures, ARENA};
use rlsf_firmware::{counter, panic_exits_with};
use semihosting::{print, println, process};

panic_exits_with!(1);

static mut MEMORY: [MaybeUninit<u64>; ARENA / 8] = [MaybeUninit::uninit(); ARENA / 8];

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    #[cfg(target_arch = "arm")]
    counter::start(cortex_m::Peripherals::take().expect("nobody has").SYST);
    #[cfg(target_arch = "riscv32")]
    counter::start(());
    let arena = addr_of_mut!(MEMORY).cast();
    // SAFETY: one heap after the other.
    report("ours", unsafe { run::<Ours>(arena) });
    // SAFETY: one heap after the other.
    report("ours-sized", unsafe { run::<OursSized>(arena) });
    // SAFETY: one heap after the other.
    report("published", unsafe { run::<Published>(arena) });
    #[cfg(feature = "peers")]
    // SAFETY: one heap after the other.
    unsafe {
        run_peers(arena);
    }
    process::exit(0)
}

/// What `talc` asks of a program: it is linked with the crate `alloc`.
#[cfg(feature = "peers")]
#[global_allocator]
static NONE: embedded_alloc::LlffHeap = embedded_alloc::LlffHeap::empty();

/// The other crates' heaps.
///
/// # Safety
///
/// As [`run`].
#[cfg(feature = "peers")]
unsafe fn run_peers(arena: *mut u8) {
    use rlsf_firmware::peers::{LinkedList, LlffHeap, Talc, Tlsf, TlsfHeap};
    use rlsf_firmware::RAM_KIB;

    // SAFETY: one heap after the other.
    report("talc", unsafe { run::<Talc>(arena) });
    // SAFETY: one heap after the other.
    report("linked_list", unsafe { run::<LinkedList>(arena) });
    // SAFETY: one heap after the other.
    report("embedded-alloc-llff", unsafe { run::<LlffHeap>(arena) });
    // Its control block alone has 4 KiB.
    if RAM_KIB > 32 {
        // SAFETY: one heap after the other.
        report("embedded-alloc-tlsf", unsafe { run::<TlsfHeap>(arena) });
    }
    // SAFETY: one heap after the other.
    report("tlsf", unsafe { run::<Tlsf>(arena) });
}

/// One line: name; instructions of a pair, and of an allocation at no more than 8 bytes and at more, in
/// hundredths; the longest allocation and free; refusals.
fn report(name: &str, figures: Figures) {
    let mean = |sum: u64, count: u32| sum * 100 / u64::from(count);
    let pair = mean(figures.sum, figures.pairs);
    let plain = mean(figures.plain.0, figures.plain.1);
    let aligned = mean(figures.aligned.0, figures.aligned.1);
    print!("figure {name} {pair} {plain} {aligned} ");
    let (allocation, free) = (figures.longest_allocation, figures.longest_free);
    println!("{allocation} {free} {}", figures.refused);
}
