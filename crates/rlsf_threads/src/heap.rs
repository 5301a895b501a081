//! A thread's heap.

mod foreign;
mod middle;
mod quick;
mod reserved;
mod retire;
mod small;
mod trim;
mod validate;

use crate::class::{Class, CLASSES};
use crate::disguise;
use crate::heaps;
use crate::intake::Intake;
use crate::link::Inbox;
use crate::marks::Marks;
use crate::quick::Quick;
use crate::segment::SegmentRef;
use crate::slab::SlabRef;
use crate::stack::Stacked;
use crate::supply::SUPPLY;
use crate::tally::{Tallied, Tally};
use core::alloc::Layout;
use core::array::from_fn;
use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;
use core::sync::atomic::AtomicPtr;
use rlsf::{CAlloc, IdlePlace, Tlsf};

pub(crate) use middle::LARGEST;
pub(crate) use trim::Stage;

/// The heap's blocks that are no small ones: up to what a segment has room for.
pub(crate) type Blocks = Tlsf<'static, u32, u32, 16, 32>;

/// The slab that serves each class.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Current([Cell<SlabRef>; CLASSES]);

impl Current {
    const fn none() -> Self {
        Self([const { Cell::new(SlabRef::NONE) }; CLASSES])
    }
}

/// What an allocation looks at first.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Front {
    current: Current,
    /// The middle blocks that rest.
    quick: Quick,
}

impl Front {
    const fn new() -> Self {
        Self {
            current: Current::none(),
            quick: Quick::new(),
        }
    }
}

// SAFETY: the one in a static is only read.
unsafe impl Sync for Front {}

/// What the usual allocation of a thread without a heap finds: no block of any size.
pub(crate) static NO_HEAP: Front = Front::new();

/// What only the heap's own thread uses.
#[derive(Debug)]
#[repr(C)] // `front` comes first
struct Own {
    front: Front,
    /// The other slabs of each class that have free blocks; those without a block in use are the
    /// last.
    listed: [Cell<Option<SlabRef>>; CLASSES],
    /// How many in the lists have no block in use.
    resting: Cell<usize>,
    blocks: UnsafeCell<Blocks>,
    segments: Cell<Option<SegmentRef>>,
    /// The one that stays when it has no block.
    home: Cell<Option<SegmentRef>>,
    /// How many segments have gone back to the supply, ever.
    given_back: Cell<usize>,
    /// Where a trim in steps stands in this heap.
    idle: Cell<IdlePlace>,
    /// And where the heap's thread stands in one of the process.
    stage: Cell<Stage>,
    /// The last trim that has been through the heap when it had no thread.
    seen_by: Cell<usize>,
    /// What has been taken out of the inboxes and not been looked at.
    queued: [UnsafeCell<Intake>; CLASSES],
    freed: UnsafeCell<Intake>,
    /// The class whose queue is looked at next when any may be.
    turn: Cell<Class>,
    /// What is in use; others read it, too.
    tally: Tally,
    /// The next one among all heaps, which never changes once it is linked.
    next_of_all: AtomicPtr<Heap>,
}

/// What other threads write to.
#[derive(Debug)]
#[repr(align(64))]
struct Others {
    /// Slabs of which others have freed blocks, by their classes.
    queues: [Inbox; CLASSES],
    /// Which of the queues may have some.
    marks: Marks,
    /// Middle blocks that others have freed.
    freed: Inbox,
    /// The next one among the heaps without a thread.
    next_orphan: AtomicPtr<Heap>,
}

/// A heap's memory.
#[derive(Debug)]
#[repr(C)] // `own` comes first
pub(crate) struct Heap {
    own: Own,
    others: Others,
}

// SAFETY: its own field.
unsafe impl Stacked for Heap {
    fn next(&self) -> &AtomicPtr<Self> {
        &self.others.next_orphan
    }
}

/// A heap, or none.
///
/// **H1**: the address of a heap; it is one for ever. But for `others`, only one thread at a time
/// uses it. Or the address of [`NO_HEAP`], of which nothing is looked at but its `front`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct HeapRef(NonNull<Heap>);

impl HeapRef {
    /// Makes a heap without segments; `None` without memory for it.
    #[cold]
    pub(crate) fn new() -> Option<Self> {
        disguise::settle();
        let heap = SUPPLY.allocate(Layout::new::<Heap>())?.cast::<Heap>();
        let own = Own {
            front: Front::new(),
            listed: [const { Cell::new(None) }; CLASSES],
            blocks: UnsafeCell::new(Blocks::new()),
            resting: Cell::new(0),
            segments: Cell::new(None),
            home: Cell::new(None),
            given_back: Cell::new(0),
            idle: Cell::default(),
            stage: Cell::default(),
            seen_by: Cell::new(0),
            queued: from_fn(|_| UnsafeCell::new(Intake::new())),
            freed: UnsafeCell::new(Intake::new()),
            turn: Cell::new(Class::FIRST),
            tally: Tally::zero(),
            next_of_all: AtomicPtr::new(core::ptr::null_mut()),
        };
        let others = Others {
            queues: from_fn(|_| Inbox::new()),
            marks: Marks::new(),
            freed: Inbox::new(),
            next_orphan: AtomicPtr::new(core::ptr::null_mut()),
        };
        // SAFETY: a new block with the layout of a heap.
        unsafe { heap.write(Heap { own, others }) };
        let heap = Self(heap);
        heaps::add(heap);
        Some(heap)
    }

    /// No heap.
    pub(crate) const NONE: Self =
        // SAFETY: the address of a static.
        Self(unsafe { NonNull::new_unchecked((&raw const NO_HEAP).cast_mut().cast()) });

    /// Whether there is a heap.
    pub(crate) fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// Takes a pointer for a heap.
    ///
    /// # Safety
    ///
    /// H1, if it is not null.
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(heap: *mut Heap) -> Option<Self> {
        NonNull::new(heap).map(Self)
    }

    /// The same of a pointer that is not null.
    ///
    /// # Safety
    ///
    /// H1.
    #[inline(always)]
    pub(crate) unsafe fn from_ptr_unchecked(heap: *mut Heap) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { NonNull::new_unchecked(heap) })
    }

    #[inline(always)]
    pub(crate) fn as_ptr(self) -> *mut Heap {
        self.0.as_ptr()
    }

    pub(crate) fn as_non_null(self) -> NonNull<Heap> {
        self.0
    }

    /// The link of the list of all heaps.
    pub(crate) fn next_of_all(&self) -> &AtomicPtr<Heap> {
        &self.own().next_of_all
    }

    /// What is in use.
    pub(crate) fn tallied(self) -> Tallied {
        self.own().tally.read()
    }

    #[inline(always)]
    fn own(&self) -> &Own {
        // SAFETY: H1.
        unsafe { &(*self.0.as_ptr()).own }
    }

    #[inline(always)]
    fn others(&self) -> &Others {
        // SAFETY: H1.
        unsafe { &(*self.0.as_ptr()).others }
    }

    /// What an allocation looks at first. There need not be a heap.
    #[inline(always)]
    fn front(&self) -> &Front {
        // SAFETY: H1: it comes first, and is there in any case.
        unsafe { &*self.0.as_ptr().cast::<Front>() }
    }

    /// The slab that serves a class. There need not be a heap.
    #[inline(always)]
    fn current(&self, class: Class) -> &Cell<SlabRef> {
        &self.front().current.0[class.index()]
    }

    /// The blocks; the reference must not live beyond the expression.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)] // H1: one thread, and never two at a time
    fn blocks(&self) -> &mut Blocks {
        // SAFETY: H1: no other reference to it is alive.
        unsafe { &mut *self.own().blocks.get() }
    }
}
