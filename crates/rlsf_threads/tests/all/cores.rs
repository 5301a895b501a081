//! Heaps of cores: threads stand for the cores, a signal for an interrupt.

use crate::process::in_child;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr::{null_mut, NonNull};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use rlsf_threads::{Cores, PerCore};
use std::sync::mpsc::channel;
use std::thread;

const KIB: usize = 1 << 10;

thread_local! {
    /// The core that the thread stands for.
    static CORE: Cell<Option<usize>> = const { Cell::new(None) };
}

struct Threads;

// SAFETY: each test gives each of its threads another number.
unsafe impl Cores for Threads {
    fn own() -> Option<usize> {
        CORE.get()
    }
}

type Heaps<const N: usize> = PerCore<Threads, u16, u16, 12, 16, N>;

fn memory(bytes: usize) -> &'static mut [MaybeUninit<u8>] {
    Box::leak(vec![MaybeUninit::uninit(); bytes].into_boxed_slice())
}

/// A block that is full of one byte.
struct Filled {
    start: usize,
    layout: Layout,
    byte: u8,
}

impl Filled {
    fn new(heaps: &impl GlobalAlloc, rng: &mut fastrand::Rng) -> Option<Self> {
        let (size, align) = (rng.usize(1..600), 1 << rng.u32(..7));
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: more than nothing.
        let start = unsafe { heaps.alloc(layout) };
        if start.is_null() {
            return None;
        }
        assert!(start.addr().is_multiple_of(align));
        let byte = rng.u8(..);
        // SAFETY: a new block.
        unsafe { start.write_bytes(byte, size) };
        Some(Self {
            start: start.expose_provenance(),
            layout,
            byte,
        })
    }

    fn start(&self) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(self.start)
    }

    fn check(&self, bytes: usize) {
        // SAFETY: a live block.
        let bytes = unsafe { core::slice::from_raw_parts(self.start(), bytes) };
        assert!(bytes.iter().all(|&byte| byte == self.byte));
    }

    fn resize(&mut self, heaps: &impl GlobalAlloc, size: usize) {
        // SAFETY: a live block.
        let start = unsafe { heaps.realloc(self.start(), self.layout, size) };
        if start.is_null() {
            return;
        }
        let kept = size.min(self.layout.size());
        self.start = start.expose_provenance();
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        self.check(kept);
        // SAFETY: a live block of so many bytes.
        unsafe { start.write_bytes(self.byte, size) };
    }

    fn free(self, heaps: &impl GlobalAlloc) {
        self.check(self.layout.size());
        // SAFETY: a live block, of which nothing is left.
        unsafe { heaps.dealloc(self.start(), self.layout) };
    }
}

/// One core's part: it makes, resizes and frees blocks, its own and those that come.
fn work<const N: usize>(
    heaps: &Heaps<N>,
    core: usize,
    steps: usize,
    send: impl Fn(usize, Filled),
    receive: impl Fn() -> Option<Filled>,
) {
    CORE.set(Some(core));
    assert!(heaps.insert(memory(64 * KIB)).unwrap().get() > 63 * KIB);
    let mut rng = fastrand::Rng::with_seed(core as u64);
    let mut live: Vec<Filled> = Vec::new();
    for _ in 0..steps {
        live.extend(receive());
        live.extend(Filled::new(heaps, &mut rng));
        if live.len() > 30 {
            let mut block = live.swap_remove(rng.usize(..live.len()));
            match rng.u8(..3) {
                0 => send(rng.usize(..N), block),
                1 => block.free(heaps),
                _ => {
                    block.resize(heaps, rng.usize(1..600));
                    live.push(block);
                }
            }
        }
        if live.len() > 60 {
            live.swap_remove(rng.usize(..live.len())).free(heaps);
        }
    }
    for block in live {
        block.free(heaps);
    }
}

#[test]
fn cores_free_each_others_blocks() {
    const CORES: usize = 4;
    static HEAPS: Heaps<CORES> = Heaps::new();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..CORES).map(|_| channel::<Filled>()).unzip();
    thread::scope(|scope| {
        for (core, receiver) in receivers.into_iter().enumerate() {
            let senders = senders.clone();
            scope.spawn(move || {
                // Who has ended gets nothing more.
                let send = |to: usize, block| {
                    if let Err(back) = senders[to].send(block) {
                        back.0.free(&HEAPS);
                    }
                };
                work(&HEAPS, core, 20_000, send, || receiver.try_recv().ok());
                drop(senders);
                for block in receiver {
                    block.free(&HEAPS);
                }
            });
        }
        drop(senders);
    });
    for core in 0..CORES {
        CORE.set(Some(core));
        while HEAPS.take_back(100) > 0 {}
        assert_eq!(HEAPS.validate(), Some(Ok(())));
        // Everything is one block again.
        let all = Layout::from_size_align(63 * KIB, 8).unwrap();
        let block = HEAPS.allocate(all).unwrap();
        // SAFETY: just allocated.
        unsafe { HEAPS.deallocate(block) };
    }
}

static IN_HANDLER: AtomicBool = AtomicBool::new(false);

struct Interrupted;

// SAFETY: one thread, and a handler that says so.
unsafe impl Cores for Interrupted {
    fn own() -> Option<usize> {
        (!IN_HANDLER.load(Ordering::SeqCst)).then_some(0)
    }
}

static INTERRUPTED: PerCore<Interrupted, u32, u32, 20, 16, 1> = PerCore::new();
/// What the handler is to free.
static HANDED: AtomicPtr<u8> = AtomicPtr::new(null_mut());
static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn handler(_: i32) {
    IN_HANDLER.store(true, Ordering::SeqCst);
    assert!(INTERRUPTED.allocate(Layout::new::<u64>()).is_none());
    if let Some(block) = NonNull::new(HANDED.swap(null_mut(), Ordering::SeqCst)) {
        // SAFETY: the program has handed it over.
        unsafe { INTERRUPTED.deallocate(block) };
        HANDLED.fetch_add(1, Ordering::SeqCst);
    }
    IN_HANDLER.store(false, Ordering::SeqCst);
}

/// Has the process interrupted every 200 microseconds.
fn interrupt() {
    // SAFETY: the handler only uses atomics and the heap that is made for it.
    unsafe { libc::signal(libc::SIGALRM, handler as *const () as usize) };
    let often = libc::timeval {
        tv_sec: 0,
        tv_usec: 200,
    };
    let timer = libc::itimerval {
        it_interval: often,
        it_value: often,
    };
    // SAFETY: it reads the timer.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, null_mut()) };
}

#[test]
fn an_interrupt_handler_frees_whatever_it_interrupts() {
    let code = in_child(|| {
        INTERRUPTED.insert(memory(64 * KIB)).unwrap();
        interrupt();
        let mut rng = fastrand::Rng::with_seed(1);
        while HANDLED.load(Ordering::SeqCst) < 1000 {
            let block = Filled::new(&INTERRUPTED, &mut rng).unwrap();
            if HANDED.load(Ordering::SeqCst).is_null() {
                HANDED.store(block.start(), Ordering::SeqCst);
            } else {
                block.free(&INTERRUPTED);
            }
        }
        // SAFETY: it has no arguments.
        unsafe { libc::signal(libc::SIGALRM, libc::SIG_IGN) };
        if let Some(block) = NonNull::new(HANDED.swap(null_mut(), Ordering::SeqCst)) {
            // SAFETY: the handler has not taken it.
            unsafe { INTERRUPTED.deallocate(block) };
        }
        while INTERRUPTED.take_back(10) > 0 {}
        assert_eq!(INTERRUPTED.validate(), Some(Ok(())));
        let all = Layout::from_size_align(63 * KIB, 8).unwrap();
        assert!(INTERRUPTED.allocate(all).is_some());
    });
    assert_eq!(code, 0);
}

#[test]
fn a_core_without_a_heap_gets_nothing() {
    static HEAPS: Heaps<1> = Heaps::new();
    for core in [None, Some(1), Some(usize::MAX)] {
        CORE.set(core);
        assert_eq!(HEAPS.insert(memory(KIB)), None);
        assert_eq!(HEAPS.allocate(Layout::new::<u8>()), None);
        assert_eq!(HEAPS.validate(), None);
        assert_eq!(HEAPS.take_back(1), 0);
    }
    CORE.set(Some(0));
    assert_eq!(HEAPS.allocate(Layout::new::<u8>()), None);
    assert!(HEAPS.insert(memory(KIB)).is_some());
    assert_eq!(HEAPS.insert(memory(KIB)), None, "it has its memory");
    assert!(HEAPS.allocate(Layout::new::<u8>()).is_some());
}

#[test]
fn too_little_memory_for_a_core_is_refused_and_more_accepted() {
    static HEAPS: Heaps<1> = Heaps::new();
    CORE.set(Some(0));
    assert_eq!(HEAPS.insert(memory(3)), None);
    assert!(HEAPS.insert(memory(KIB)).is_some());
}
