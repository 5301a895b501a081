//! Counts the longest operations that a search finds in states with many free fragments: of our heap, of the
//! published crate's and of others'.
#![no_std]
#![no_main]

use core::mem::MaybeUninit;
use core::ptr::addr_of_mut;
use rlsf_firmware::peers::{LinkedList, LlffHeap, Talc, Tlsf};
use rlsf_firmware::rlsf_heaps::{Ours, Published};
use rlsf_firmware::states::{search, Counted, Target, ARENA};
use rlsf_firmware::stress::Heap;
use rlsf_firmware::{counter, panic_exits_with};
use semihosting::{print, println, process};

panic_exits_with!(1);

/// The free fragments, and the states of a search.
const SEARCHES: [(usize, usize); 2] = [(100, 96), (1000, 24)];

static mut MEMORY: [MaybeUninit<u64>; ARENA / 8] = [MaybeUninit::uninit(); ARENA / 8];

/// What `talc` asks of a program: it is linked with the crate `alloc`.
#[global_allocator]
static NONE: embedded_alloc::LlffHeap = embedded_alloc::LlffHeap::empty();

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    #[cfg(target_arch = "arm")]
    counter::start(cortex_m::Peripherals::take().expect("nobody has").SYST);
    #[cfg(target_arch = "riscv32")]
    counter::start(());
    report::<Ours>("ours");
    report::<Published>("published");
    report::<Talc>("talc");
    report::<LinkedList>("linked_list");
    report::<LlffHeap>("embedded-alloc-llff");
    report::<Tlsf>("tlsf");
    process::exit(0)
}

/// One line: name; the longest allocation, the longest over-aligned one and the longest free, with a hundred
/// fragments each, and then with a thousand.
fn report<H: Heap>(name: &str) {
    let memory = addr_of_mut!(MEMORY).cast();
    // SAFETY: one heap after the other.
    let mut subject = unsafe { Counted::<H>::new(memory) };
    print!("figure {name}");
    for (fragments, tries) in SEARCHES {
        for target in [Target::Allocate, Target::Aligned, Target::Free] {
            let found = search(&mut subject, target, fragments, tries);
            let (count, _) = found.expect("the heap comes to some of the states");
            print!(" {count}");
        }
    }
    println!();
}
