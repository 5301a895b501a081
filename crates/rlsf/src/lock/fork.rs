//! Locks that survive `fork`.
//!
//! A child process has a copy of the memory and one thread only: what another thread was
//! in the midst of would stay so for ever. So the thread that forks first takes every
//! lock, and frees them on both sides.

use super::RawLock;
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

/// A lock in the list of all.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Node {
    pub(super) lock: RawLock,
    next: Cell<*const Node>,
    prev: Cell<*const Node>,
}

impl Node {
    pub(super) const fn new() -> Self {
        Self {
            lock: RawLock::new(),
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
        }
    }
}

/// The list of all locks.
///
/// **K1**: it links exactly the nodes that were added and not removed, none of which
/// moves; it and their links are only touched under its own lock.
struct List {
    lock: RawLock,
    first: Cell<*const Node>,
}

// SAFETY: K1.
unsafe impl Sync for List {}

static LIST: List = List {
    lock: RawLock::new(),
    first: Cell::new(ptr::null()),
};

/// Adds a node to the list.
///
/// # Safety
///
/// The node stays where it is until it is removed.
pub(super) unsafe fn add(node: &Node) {
    watch();
    LIST.lock.acquire();
    let second = LIST.first.replace(node);
    node.next.set(second);
    // SAFETY: K1: null or a node.
    if let Some(second) = unsafe { second.as_ref() } {
        second.prev.set(node);
    }
    LIST.lock.release();
}

/// Takes a node out of the list.
///
/// # Safety
///
/// It was added.
pub(super) unsafe fn remove(node: &Node) {
    LIST.lock.acquire();
    let (next, prev) = (node.next.get(), node.prev.get());
    // SAFETY: K1: null or a node.
    match unsafe { prev.as_ref() } {
        Some(prev) => prev.next.set(next),
        None => LIST.first.set(next),
    }
    // SAFETY: K1: null or a node.
    if let Some(next) = unsafe { next.as_ref() } {
        next.prev.set(prev);
    }
    LIST.lock.release();
}

/// The locks in the list.
///
/// # Safety
///
/// The lock of the list is held.
unsafe fn locks() -> impl Iterator<Item = &'static RawLock> {
    let mut next = LIST.first.get();
    core::iter::from_fn(move || {
        // SAFETY: K1: null or a node.
        let node = unsafe { next.as_ref() }?;
        next = node.next.get();
        Some(&node.lock)
    })
}

/// Registers the three handlers, once in a process.
fn watch() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.swap(true, Ordering::Relaxed) {
        // SAFETY: functions that live as long as the program. (Without memory for
        // them, a child of `fork` may find a lock taken.)
        unsafe {
            libc::pthread_atfork(
                Some(before_fork),
                Some(after_fork_in_parent),
                Some(after_fork_in_child),
            )
        };
    }
}

/// Takes every lock. Whoever holds one may wait for another, so this never waits for one
/// while it holds others. What it has waited for it keeps: in a program that is busy with
/// its heap, the next one in line would have it otherwise.
unsafe extern "C" fn before_fork() {
    LIST.lock.acquire();
    let mut kept = None;
    while let Some(contended) = take_all(kept) {
        contended.acquire();
        kept = Some(contended);
    }
}

/// Takes every lock but the one that is held already, or frees all: then the one that
/// somebody else holds.
fn take_all(kept: Option<&RawLock>) -> Option<&'static RawLock> {
    let is_kept = |lock: &RawLock| kept.map_or(false, |kept| ptr::eq(kept, lock));
    // SAFETY: `before_fork` holds the list's lock.
    let contended = unsafe { locks() }.position(|lock| !is_kept(lock) && !lock.try_acquire())?;
    // SAFETY: as above.
    for (index, lock) in unsafe { locks() }.enumerate() {
        if index < contended || is_kept(lock) {
            lock.release();
        }
    }
    // SAFETY: as above.
    unsafe { locks() }.nth(contended)
}

unsafe extern "C" fn after_fork_in_parent() {
    // SAFETY: `before_fork` has taken the list's lock, and all.
    unsafe { locks() }.for_each(RawLock::release);
    LIST.lock.release();
}

unsafe extern "C" fn after_fork_in_child() {
    super::thread_is_new();
    // SAFETY: this is the only thread.
    unsafe { locks() }.for_each(RawLock::reset);
    LIST.lock.reset();
}
