//! [`GlobalTlsf`]: a program's `#[global_allocator]`.

mod alloc;
mod as_c;
mod c_alloc;
mod checked;
mod footprint;
mod options;
mod upkeep;

pub use c_alloc::CAlloc;
pub use options::{GlobalTlsfOptions, SmallGlobalTlsf, SmallGlobalTlsfOptions};
pub use upkeep::ReserveError;

use crate::flex::FlexTlsf;
use crate::growth::{Part, Want, ROUNDS};
use crate::lock::{Guarded, Initial};
use crate::oom::{Hook, OutOfMemory, OutOfMemoryHook};
use crate::seal::Seal;
use crate::source::{ample, random, System};
use crate::{BlockInfo, Stride, Tlsf, Violation, GRANULARITY};
use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::panic::Location;
use core::ptr::NonNull;
use core::sync::atomic::AtomicBool;
use footprint::Traffic;
use upkeep::Round;

/// The heap of a [`GlobalTlsf`]: 32 bins an octave, blocks up to 32 GiB.
type Heap = FlexTlsf<System, u32, u32, 28, 32>;

/// The same without its source.
type Inner = Tlsf<'static, u32, u32, 28, 32>;

impl Initial for Heap {
    const INITIAL: Self = Self::new(System);
}

/// A heap that several threads share and that takes pages from the system when
/// it needs them.
///
/// Available on unix and wasm32. An operation that needs no new pages takes constant
/// time under the lock; pages are asked for, and large blocks copied, while the lock is
/// free. Each instance has a lock of its own. On Linux it has priority inheritance, and
/// on unix the heap survives `fork` in a program with threads.
///
/// Dropping an instance gives its pages back. A value can be moved.
///
/// ```
/// #[global_allocator]
/// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
///
/// let squares: std::collections::HashMap<u32, u32> = (0..100).map(|n| (n, n * n)).collect();
/// assert_eq!(squares[&7], 49);
/// assert!(HEAP.validate().is_ok());
/// ```
pub struct GlobalTlsf<Options: GlobalTlsfOptions = ()> {
    heap: Guarded<Heap>,
    hook: Hook,
    /// Whether all pages were made resident and are to stay so.
    resident: AtomicBool,
    traffic: Traffic,
    round: Round,
    _options: PhantomData<fn() -> Options>,
}

impl<Options: GlobalTlsfOptions> Default for GlobalTlsf<Options> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "const-default")]
impl<Options: GlobalTlsfOptions> const_default::ConstDefault for GlobalTlsf<Options> {
    const DEFAULT: Self = Self::new();
}

impl<Options: GlobalTlsfOptions> fmt::Debug for GlobalTlsf<Options> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GlobalTlsf").finish_non_exhaustive()
    }
}

impl<Options: GlobalTlsfOptions> GlobalTlsf<Options> {
    /// Makes a heap without pages.
    ///
    /// ```
    /// static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// # let _ = &HEAP;
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heap: Guarded::new(),
            hook: Hook::none(),
            resident: AtomicBool::new(false),
            traffic: Traffic::none(),
            round: Round::begin(),
            _options: PhantomData,
        }
    }

    const STRIDE: Stride = {
        let granules = Options::LEAST_ALIGN / GRANULARITY;
        assert!(
            granules <= 2,
            "a `GlobalTlsf` aligns every block to two granules at the most"
        );
        Stride::new(Options::LEAST_ALIGN)
    };

    /// What to ask the heap for when `layout` is wanted. Whatever comes in goes through here.
    #[inline(always)]
    fn inner(layout: Layout) -> Layout {
        // What is no layout any more is larger than any block: the heap refuses it.
        Self::STRIDE.layout(layout).unwrap_or(layout)
    }

    /// Asks the system for what `want` tells and runs `retry` under the lock, a few
    /// times: while the lock is free others may change what is wanted.
    #[cold]
    #[inline(never)]
    fn with_more<R>(
        &self,
        want: &dyn Fn(&Heap) -> Option<Want>,
        retry: &dyn Fn(&mut Inner) -> Option<R>,
    ) -> Option<R> {
        for round in 0..ROUNDS {
            let wanted = |heap: &mut Heap| Some((want(heap)?, heap.source_bytes()));
            let (want, bytes) = self.heap.with(wanted)??;
            let part = self.obtain(want.for_round(round), bytes)?;
            let result = self.heap.with(|heap| {
                Self::choose_key(heap);
                // SAFETY: the system has just given it, and takes any part back.
                unsafe { heap.adopt(part) };
                heap.as_tlsf_mut().counters.on_retry();
                retry(heap.as_tlsf_mut())
            })?;
            if result.is_some() {
                return result;
            }
        }
        None
    }

    /// Has a hardened heap's first pool sealed with a key that nobody knows.
    fn choose_key(heap: &mut Heap) {
        if Seal::ON && heap.source_bytes() == 0 {
            heap.as_tlsf_mut().set_key(random().unwrap_or(0));
        }
    }

    /// Takes pages from the system for a heap that has `bytes`.
    fn obtain(&self, mut want: Want, bytes: usize) -> Option<Part> {
        if !Options::COALESCE_POOLS {
            want.growth = None;
        }
        let more = want.at_least(ample(bytes));
        let part = more
            .obtain(&mut System)
            .or_else(|| want.obtain(&mut System))?;
        self.traffic.on_take(part.bytes());
        Some(part)
    }

    /// Has `hook` called with every request that fails from now on, or none.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// fn report(event: &rlsf::OutOfMemory) {
    ///     eprintln!("{event}");
    /// }
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// heap.set_out_of_memory_hook(Some(report));
    /// let all = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
    /// assert!(unsafe { heap.alloc(all) }.is_null());
    /// ```
    pub fn set_out_of_memory_hook(&self, hook: Option<OutOfMemoryHook>) {
        self.hook.set(hook);
    }

    /// Tells the hook of a request that failed.
    #[cold]
    fn report(&self, layout: Layout, location: Option<&'static Location<'static>>) {
        self.hook.call(|| {
            let statistics = self.heap.with(|heap| heap.as_tlsf().figures()).flatten();
            OutOfMemory::new(layout, statistics, location)
        });
    }

    /// The exact figures of the heap. Constant time under the lock.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// assert_eq!(heap.statistics().live_blocks, 0);
    /// let block = unsafe { heap.alloc(Layout::new::<u64>()) };
    /// assert_eq!(heap.statistics().live_blocks, 1);
    /// # unsafe { heap.dealloc(block, Layout::new::<u64>()) };
    /// ```
    #[cfg(feature = "stats")]
    #[must_use]
    pub fn statistics(&self) -> crate::Statistics {
        let statistics = self.heap.with(|heap| heap.as_tlsf().statistics());
        statistics.unwrap_or_default()
    }

    /// Shows every block to `visit`, pool by pool in the order of addresses.
    ///
    /// Takes time linear in the number of blocks, under the lock: `visit` must
    /// not use this heap, nor fork.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// let mut blocks = 0;
    /// heap.for_each_block(&mut |_| blocks += 1);
    /// assert_eq!(blocks, 0);
    /// ```
    pub fn for_each_block(&self, visit: &mut dyn FnMut(BlockInfo<'_>)) {
        self.heap
            .with(|heap| heap.as_tlsf().blocks().for_each(visit));
    }

    /// Whether the calling thread is within an operation of this heap: so it is in the handler of a
    /// signal that has interrupted one. There any other operation but this one, and `bytes_taken`
    /// and `bytes_given_back`, would wait for ever, and panics instead. Constant time.
    ///
    /// ```
    /// use core::alloc::{GlobalAlloc, Layout};
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// let block = unsafe { heap.alloc(Layout::new::<u64>()) };
    /// assert!(!heap.is_interrupted());
    /// heap.for_each_block(&mut |_| assert!(heap.is_interrupted()));
    /// # unsafe { heap.dealloc(block, Layout::new::<u64>()) };
    /// ```
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.heap.is_in_section()
    }

    /// Checks every invariant, as [`Tlsf::validate`] does, under the lock.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// assert_eq!(heap.validate(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    pub fn validate(&self) -> Result<(), Violation> {
        let result = self.heap.with(|heap| heap.as_tlsf().validate());
        result.unwrap_or(Ok(()))
    }

    /// Checks the next `budget` blocks or bins, as [`Tlsf::validate_step`] does, under the lock.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// # #[cfg(feature = "hardened")]
    /// while !heap.validate_step(100).unwrap() {}
    /// ```
    ///
    /// # Errors
    ///
    /// The first broken invariant.
    #[cfg(feature = "hardened")]
    pub fn validate_step(&self, budget: usize) -> Result<bool, Violation> {
        let result = self.heap.with(|heap| heap.validate_step(budget));
        result.unwrap_or(Ok(true))
    }
}

/// The bytes of `ptr`, as far as a copy needs them, in another block.
///
/// # Safety
///
/// Both blocks have `bytes` bytes and do not overlap.
unsafe fn copy(ptr: NonNull<u8>, target: NonNull<u8>, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        target
            .as_ptr()
            .copy_from_nonoverlapping(ptr.as_ptr(), bytes);
    };
}
