//! A value behind a lock of its own, in pages of its own.
//!
//! A handle can be moved; lock and value cannot, so that `fork` finds them. The pages
//! are mapped when the value is used first.

use super::fork::{self, Node};
use super::Initial;
use crate::source::pages;
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::size_of;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

/// Where lock and value are.
#[derive(Debug)]
#[repr(C)]
struct Home<T> {
    node: Node,
    value: UnsafeCell<T>,
}

/// A value that threads use one at a time.
///
/// **G1**: the pointer is null or that of a home, in the list of locks, in pages that
/// this handle owns.
#[derive(Debug)]
pub(crate) struct Guarded<T> {
    home: AtomicPtr<Home<T>>,
    _owned: PhantomData<T>,
}

// SAFETY: the value is only touched under the lock.
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T: Initial> Guarded<T> {
    pub(crate) const fn new() -> Self {
        Self {
            home: AtomicPtr::new(ptr::null_mut()),
            _owned: PhantomData,
        }
    }

    /// Runs `section` while no other thread runs one; `None` if there is no memory for
    /// the value.
    #[inline(always)]
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> Option<R> {
        let home = match NonNull::new(self.home.load(Ordering::Acquire)) {
            Some(home) => home,
            None => self.settle()?,
        };
        // SAFETY: G1.
        Some(unsafe { home.as_ref() }.with(section))
    }

    /// As `with`, of a value that has been used.
    ///
    /// # Safety
    ///
    /// `with` has run a section.
    #[inline(always)]
    pub(crate) unsafe fn with_settled<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: G1: the caller promises that it is not null.
        unsafe { &*self.home.load(Ordering::Acquire) }.with(section)
    }

    /// Whether the calling thread runs a section, as a signal's handler may find.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_in_section(&self) -> bool {
        let home = NonNull::new(self.home.load(Ordering::Acquire));
        // SAFETY: G1.
        home.map_or(false, |home| unsafe { home.as_ref() }.node.lock.is_own())
    }

    /// The bytes of lock and value, if they have a place.
    pub(crate) fn place(&self) -> Option<NonNull<[u8]>> {
        let home = self.home.load(Ordering::Acquire);
        NonNull::new(ptr::slice_from_raw_parts_mut(
            NonNull::new(home)?.as_ptr().cast(),
            size_of::<Home<T>>(),
        ))
    }

    /// Gives the value its place.
    #[cold]
    #[inline(never)]
    fn settle(&self) -> Option<NonNull<Home<T>>> {
        let home = pages::map(ptr::null_mut(), size_of::<Home<T>>())?.cast::<Home<T>>();
        // SAFETY: fresh pages, large enough.
        unsafe {
            home.as_ptr().write(Home {
                node: Node::new(),
                value: UnsafeCell::new(T::INITIAL),
            });
        }
        // SAFETY: just written.
        let node = unsafe { &home.as_ref().node };
        // SAFETY: it stays where it is.
        unsafe { fork::add(node) };
        let published = self.home.compare_exchange(
            ptr::null_mut(),
            home.as_ptr(),
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        match published {
            Ok(_) => Some(home),
            Err(other) => {
                // SAFETY: no other thread knows of it.
                unsafe { Home::end(home) };
                NonNull::new(other)
            }
        }
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        if let Some(home) = NonNull::new(*self.home.get_mut()) {
            // SAFETY: G1, and nobody else has the handle.
            unsafe { Home::end(home) };
        }
    }
}

impl<T> Home<T> {
    #[inline(always)]
    fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        self.node.lock.acquire();
        let _guard = Guard(&self.node);
        // SAFETY: the lock makes this the only reference.
        section(unsafe { &mut *self.value.get() })
    }

    /// Drops the value and gives the pages back.
    ///
    /// # Safety
    ///
    /// It is in the list of locks, and nobody uses it.
    unsafe fn end(home: NonNull<Self>) {
        // SAFETY: the caller's promise.
        let node = unsafe { &home.as_ref().node };
        // SAFETY: the caller's promise.
        unsafe { fork::remove(node) };
        // SAFETY: the caller's promise.
        unsafe { home.as_ptr().drop_in_place() };
        // SAFETY: these pages were mapped for it.
        unsafe { pages::unmap(home.cast(), size_of::<Self>()) };
    }
}

/// Releases the lock, also when a section panics.
struct Guard<'home>(&'home Node);

impl Drop for Guard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.lock.release();
    }
}
