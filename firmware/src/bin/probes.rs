//! Counts the instructions of the operations whose machine code `cargo xtask certify` reads, in this very
//! program.
#![no_std]
#![no_main]

use certify_probe::{planted, small_probes, Observer, Operation, Probe, SmallHeap};
use core::alloc::Layout;
use core::hint::black_box;
use core::mem::MaybeUninit;
use core::ptr::{addr_of_mut, NonNull};
use rlsf_firmware::states::{search, Block, Subject, Target, ARENA};
use rlsf_firmware::{counter, panic_exits_with};
use semihosting::{println, process};

panic_exits_with!(1);

/// The heap's bytes.
const POOL: usize = 64 * 1024;

/// The calls.
const ROUNDS: usize = 100_000;

/// What the search looks for, with the number of the operation.
const TARGETS: [(Operation, Target); 5] = [
    (Operation::Allocate, Target::Aligned),
    (Operation::AllocatePlain, Target::Allocate),
    (Operation::Deallocate, Target::Free),
    (Operation::Grow, Target::Grow),
    (Operation::Shrink, Target::Shrink),
];

/// The free fragments, and the states of a search.
const SEARCHES: [(usize, usize); 3] = [(10, 1200), (100, 300), (1000, 30)];

static mut MEMORY: [MaybeUninit<u64>; ARENA / 8] = [MaybeUninit::uninit(); ARENA / 8];

/// The most instructions of a call of each operation, by its number.
struct Most([u32; 5]);

impl Observer for Most {
    unsafe fn observe<H, A: Copy, R: Default>(
        &mut self,
        operation: Operation,
        probe: Probe<H, A, R>,
        arguments: (&mut H, A, usize),
    ) -> R {
        // SAFETY: the caller's promise.
        let (result, count) = unsafe { count_alone(probe, arguments) };
        let most = &mut self.0[operation as usize];
        *most = (*most).max(count);
        result
    }
}

/// A heap whose operations are the probes.
struct Probed {
    heap: SmallHeap,
    memory: NonNull<[u8]>,
}

impl Probed {
    fn grow_or_shrink(size: usize, old: usize) -> Probe<SmallHeap, NonNull<u8>, bool> {
        if size > old {
            small_probes().grow
        } else {
            small_probes().shrink
        }
    }
}

impl Subject for Probed {
    fn renew(&mut self) {
        self.heap = SmallHeap::new();
        // SAFETY: the heap that had the memory is no more.
        unsafe { self.heap.insert_free_block_ptr(self.memory) };
    }

    fn allocate(&mut self, layout: Layout) -> (Option<NonNull<u8>>, u32) {
        let arguments = (&mut self.heap, layout.size(), layout.align());
        // SAFETY: a valid layout.
        unsafe { count_alone(small_probes().allocate, arguments) }
    }

    unsafe fn deallocate(&mut self, block: Block) -> u32 {
        let arguments = (&mut self.heap, block.start, block.layout.align());
        // SAFETY: the caller's promise.
        unsafe { count_alone(small_probes().deallocate, arguments) }.1
    }

    unsafe fn resize(&mut self, block: Block, size: usize) -> (bool, u32) {
        let probe = Self::grow_or_shrink(size, block.layout.size());
        // SAFETY: the caller's promise.
        unsafe { count_alone(probe, (&mut self.heap, block.start, size)) }
    }
}

/// Makes a call, and counts its instructions.
///
/// # Safety
///
/// The probe may be called with the arguments.
unsafe fn count_alone<H, A: Copy, R: Default>(
    probe: Probe<H, A, R>,
    (heap, what, number): (&mut H, A, usize),
) -> (R, u32) {
    // SAFETY: it takes any arguments.
    let (_, idle): (R, _) = unsafe { count(nothing, &mut *heap, what, number) };
    // SAFETY: the caller's promise.
    let (result, busy) = unsafe { count(probe, heap, what, number) };
    // `nothing` returns, and sets the register of the result if there is one.
    let of_nothing = if size_of::<R>() == 0 { 1 } else { 2 };
    (result, busy - idle + of_nothing)
}

/// Makes a call, and counts its instructions and those around it, which are the same for each probe of this
/// type.
///
/// # Safety
///
/// The probe may be called with the arguments.
#[inline(never)]
unsafe fn count<H, A, R>(probe: Probe<H, A, R>, heap: &mut H, what: A, number: usize) -> (R, u32) {
    let probe = black_box(probe);
    let before = counter::now();
    // SAFETY: the caller's promise.
    let result = unsafe { probe(heap, what, number) };
    let after = counter::now();
    (result, counter::since(before, after))
}

/// Takes what a probe takes and does nothing.
unsafe extern "C" fn nothing<H, A, R: Default>(_: &mut H, _: A, _: usize) -> R {
    R::default()
}

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    #[cfg(target_arch = "arm")]
    counter::start(cortex_m::Peripherals::take().expect("nobody has").SYST);
    #[cfg(target_arch = "riscv32")]
    counter::start(());
    let start = NonNull::new(addr_of_mut!(MEMORY).cast()).expect("not null");
    let mut heap = SmallHeap::new();
    let memory = NonNull::slice_from_raw_parts(start, POOL);
    // SAFETY: nobody else has the memory.
    unsafe { heap.insert_free_block_ptr(memory) };
    planted::keep();
    let mut most = Most([0; 5]);
    small_probes().drive(&mut heap, POOL, ROUNDS, &mut most);
    for (operation, count) in most.0.iter().enumerate() {
        println!("figure {operation} {count}");
    }
    let memory = NonNull::slice_from_raw_parts(start, ARENA);
    let mut subject = Probed { heap, memory };
    for (operation, target) in TARGETS {
        let found =
            SEARCHES.map(|(fragments, tries)| search(&mut subject, target, fragments, tries));
        let most = found.iter().flatten().map(|found| found.0).max();
        println!("state {} {}", operation as usize, most.unwrap_or(0));
    }
    process::exit(0)
}
