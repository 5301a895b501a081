//! The program's global allocator: one of two heaps for the whole life of the
//! process, behind a layer that can measure every call.
//!
//! Two environment variables, read at the very first call, decide: the value
//! `system` of [`HEAP_VARIABLE`] chooses the C library's heap instead of
//! [`GlobalTlsf`], and `on` in [`METER_VARIABLE`] has every call timed and
//! counted. A measured process has one thread.

use crate::figures::{self, Figures};
use crate::heap_map::{HeapMap, Span};
use crate::meter::{Meter, Request, Tally};
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::CStr;
use core::sync::atomic::{AtomicU8, Ordering};
use rlsf::{BlockInfo, GlobalTlsf};
use std::alloc::System;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The environment variable that chooses the heap.
pub(crate) const HEAP_VARIABLE: &CStr = c"RLSF_DEMO_HEAP";
/// The environment variable that switches the measuring on.
pub(crate) const METER_VARIABLE: &CStr = c"RLSF_DEMO_METER";

/// What the environment decided, in one byte.
#[derive(Clone, Copy)]
struct Role(u8);

impl Role {
    const UNDECIDED: Self = Self(0);
    const DECIDED: u8 = 1;
    const ON_SYSTEM: u8 = 2;
    const METERED: u8 = 4;

    fn from_environment() -> Self {
        let mut bits = Self::DECIDED;
        if environment_says(HEAP_VARIABLE, c"system") {
            bits |= Self::ON_SYSTEM;
        }
        if environment_says(METER_VARIABLE, c"on") {
            bits |= Self::METERED;
        }
        Self(bits)
    }

    fn is_decided(self) -> bool {
        self.0 & Self::DECIDED != 0
    }

    fn is_on_system(self) -> bool {
        self.0 & Self::ON_SYSTEM != 0
    }

    fn is_metered(self) -> bool {
        self.0 & Self::METERED != 0
    }
}

/// Reads the environment without allocating.
fn environment_says(variable: &CStr, value: &CStr) -> bool {
    // SAFETY: the name is a C string.
    let found = unsafe { libc::getenv(variable.as_ptr()) };
    if found.is_null() {
        return false;
    }
    // SAFETY: a value in the environment is a C string, and nobody changes it.
    unsafe { CStr::from_ptr(found) == value }
}

/// What was read at the call to look at.
#[derive(Debug)]
pub(crate) struct View {
    /// The bytes that the program had requested and not freed.
    pub(crate) live: u64,
    /// The heap's own figures, if it tells them.
    pub(crate) figures: Option<Figures>,
    /// The heap's blocks, if it is rlsf and a picture is wanted.
    pub(crate) map: HeapMap,
    cells: usize,
}

/// The two heaps, the choice, and the measurements.
#[derive(Debug)]
pub(crate) struct Allocator {
    role: AtomicU8,
    rlsf: GlobalTlsf,
    meter: Mutex<Meter>,
    view: Mutex<View>,
}

impl Allocator {
    pub(crate) const fn new() -> Self {
        Self {
            role: AtomicU8::new(Role::UNDECIDED.0),
            rlsf: GlobalTlsf::new(),
            meter: Mutex::new(Meter::new()),
            view: Mutex::new(View {
                live: 0,
                figures: None,
                map: HeapMap::new(),
                cells: 0,
            }),
        }
    }

    /// Tallies from here on; after call `look_at` the heap is viewed, on so many
    /// `cells`.
    pub(crate) fn open(&self, look_at: Option<u64>, cells: usize) {
        locked(&self.view).cells = cells;
        locked(&self.meter).open(look_at);
    }

    /// Ends the tally.
    pub(crate) fn close(&self) -> Tally {
        locked(&self.meter).close()
    }

    /// What was seen at the call to look at; the process must not be within
    /// [`open`](Self::open) and [`close`](Self::close).
    pub(crate) fn view(&self) -> MutexGuard<'_, View> {
        locked(&self.view)
    }

    /// Whether the environment asked for measurements.
    pub(crate) fn is_metered(&self) -> bool {
        self.role().is_metered()
    }

    fn role(&self) -> Role {
        let role = Role(self.role.load(Ordering::Relaxed));
        if role.is_decided() {
            role
        } else {
            self.decide()
        }
    }

    #[cold]
    fn decide(&self) -> Role {
        let role = Role::from_environment();
        self.role.store(role.0, Ordering::Relaxed);
        role
    }

    /// Passes a call on to the chosen heap, and times it if it is to be metered.
    #[inline]
    fn call(&self, request: Request, call: impl FnOnce(&dyn GlobalAlloc) -> *mut u8) -> *mut u8 {
        let role = self.role();
        let heap: &dyn GlobalAlloc = if role.is_on_system() {
            &System
        } else {
            &self.rlsf
        };
        if role.is_metered() {
            self.measure(request, || call(heap))
        } else {
            call(heap)
        }
    }

    fn measure(&self, request: Request, call: impl FnOnce() -> *mut u8) -> *mut u8 {
        let start = Instant::now();
        let block = call();
        let took = start.elapsed();
        if !block.is_null() {
            let due = locked(&self.meter).record(request, took);
            if let Some(live) = due {
                self.look(live);
            }
        }
        block
    }

    /// Reads the heap's figures and blocks, without allocating.
    #[cold]
    fn look(&self, live: u64) {
        let mut view = locked(&self.view);
        view.live = live;
        if self.role().is_on_system() {
            view.figures = figures::of_system();
            return;
        }
        view.figures = Some(figures::of_rlsf(&self.rlsf));
        let cells = view.cells;
        if cells > 0 {
            let map = &mut view.map;
            self.rlsf
                .for_each_block(&mut |block| map.survey(span(block)));
            map.lay_out(cells);
            self.rlsf
                .for_each_block(&mut |block| map.paint(span(block)));
        }
    }
}

/// A block as a map needs it.
pub(crate) fn span(block: BlockInfo<'_>) -> Span {
    Span {
        start: block.as_ptr().cast::<u8>().as_ptr().addr(),
        size: block.size(),
        is_occupied: block.is_occupied(),
    }
}

/// A lock whose holder never panics.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// SAFETY: every call goes to the one heap that the first call chose, unchanged.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.call(Request::Allocate(layout.size()), |heap| {
            // SAFETY: the caller's promise.
            unsafe { heap.alloc(layout) }
        })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.call(Request::Allocate(layout.size()), |heap| {
            // SAFETY: the caller's promise.
            unsafe { heap.alloc_zeroed(layout) }
        })
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        self.call(Request::Resize(layout.size(), new_size), |heap| {
            // SAFETY: the caller's promise.
            unsafe { heap.realloc(block, layout, new_size) }
        })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.call(Request::Free(layout.size()), |heap| {
            // SAFETY: the caller's promise.
            unsafe { heap.dealloc(block, layout) };
            block
        });
    }
}
