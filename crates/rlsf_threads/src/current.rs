//! Which heap is the calling thread's.
//!
//! A variable of each thread, of the kind that takes one instruction to read: its offset from
//! the thread's own pointer comes from the global offset table ("initial exec"), so that shared
//! libraries work, too; in a program the linker makes a constant of it. It is never null: a thread
//! begins with what stands for no heap. (On 64-bit Arm the thread's own pointer takes one more.)

use crate::heap::HeapRef;
use crate::orphans;
use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, Ordering};

/// The variable: one file a processor.
#[cfg_attr(target_arch = "x86_64", path = "current/x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "current/aarch64.rs")]
mod variable;

/// Text of the assembler with the variable's name in it: another one in each of our packages, as a
/// program may have several.
macro_rules! symbol {
    ($before:literal, $after:literal) => {
        concat!($before, env!("CARGO_PKG_NAME"), "_0_1_heap", $after)
    };
}
use symbol;

/// The thread's heap, or none.
#[inline(always)]
pub(crate) fn get() -> HeapRef {
    // SAFETY: only heaps, and none, are ever stored.
    unsafe { HeapRef::from_ptr_unchecked(variable::read()) }
}

/// The thread's heap, if it has one.
pub(crate) fn known() -> Option<HeapRef> {
    Some(get()).filter(|heap| heap.is_some())
}

/// The thread's heap, given to it if it has none.
pub(crate) fn get_or_begin() -> Option<HeapRef> {
    known().or_else(begin)
}

/// Asks the thread's heap. One that has to be given to the thread first is asked apart, so that the usual call is not
/// longer for it.
#[inline(always)]
pub(crate) fn ask<A, R>(argument: A, request: impl Fn(HeapRef, A) -> Option<R>) -> Option<R> {
    let heap = get();
    if heap.is_some() {
        request(heap, argument)
    } else {
        ask_first(argument, request)
    }
}

#[cold]
#[inline(never)]
fn ask_first<A, R>(argument: A, request: impl Fn(HeapRef, A) -> Option<R>) -> Option<R> {
    request(begin()?, argument)
}

fn set(heap: HeapRef) {
    variable::write(heap.as_ptr());
}

/// Gives the thread a heap: one that another thread has left, or a new one.
#[cold]
#[inline(never)]
fn begin() -> Option<HeapRef> {
    let heap = orphans::pop().or_else(HeapRef::new)?;
    // What is called next may allocate.
    set(heap);
    if let Some(key) = key() {
        // SAFETY: the key was made.
        unsafe { libc::pthread_setspecific(key, heap.as_ptr().cast::<c_void>()) };
    }
    Some(heap)
}

/// Leaves the thread's heap to others, until the thread needs one again. The thread's end is none
/// of the heap's from here on, so the system forgets it first.
pub(crate) fn park() {
    let Some(heap) = known() else { return };
    if let Some(key) = key() {
        // SAFETY: the key was made.
        unsafe { libc::pthread_setspecific(key, core::ptr::null()) };
    }
    set(HeapRef::NONE);
    heap.rest();
    orphans::push(heap);
}

/// Leaves the heap of a thread that ends. What the thread still allocates gets another one.
extern "C" fn end(heap: *mut c_void) {
    set(HeapRef::NONE);
    // SAFETY: `begin` stored a heap.
    if let Some(heap) = unsafe { HeapRef::from_ptr(heap.cast()) } {
        heap.retire();
        orphans::push(heap);
    }
}

/// The key plus one by which we learn that a thread ends; zero before there is one.
static KEY: AtomicU32 = AtomicU32::new(0);

/// The key, made at the first call; `None` if the process has no more.
fn key() -> Option<libc::pthread_key_t> {
    let known = KEY.load(Ordering::Acquire);
    if known != 0 {
        return Some(known - 1);
    }
    let mut key = 0;
    // SAFETY: writes the key.
    if unsafe { libc::pthread_key_create(&raw mut key, Some(end_of_thread)) } != 0 {
        return None;
    }
    match KEY.compare_exchange(0, key + 1, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Some(key),
        Err(other) => {
            // SAFETY: just made, and known to nobody.
            unsafe { libc::pthread_key_delete(key) };
            Some(other - 1)
        }
    }
}

unsafe extern "C" fn end_of_thread(heap: *mut c_void) {
    end(heap);
}
