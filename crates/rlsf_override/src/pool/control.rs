//! The control block: a heap in memory of the caller's, which knows its kind.

use super::heap::Heap;
use super::kind::Kind;
use super::memory::Memory;
use super::request::STRIDE;
use super::status::Status;
use core::mem::{align_of, size_of};
use core::ptr::addr_of_mut;

/// `struct rlsf_heap` of `rlsf.h`: the start of every control block.
#[repr(C)]
pub(crate) struct Handle {
    kind: &'static Kind,
}

/// A new heap, and the bytes that it uses of its memory.
pub(super) type Created = (*mut Handle, usize);

/// A control block, of which C knows the handle.
#[repr(C)]
pub(super) struct Control<H> {
    handle: Handle,
    heap: H,
}

impl Handle {
    /// The operations of the heap; `None` for null.
    ///
    /// # Safety
    ///
    /// `handle` is null or a heap's.
    #[inline]
    pub(super) unsafe fn kind(handle: *const Self) -> Option<&'static Kind> {
        // SAFETY: the caller's promise.
        unsafe { handle.as_ref() }.map(|handle| handle.kind)
    }
}

impl<H: Heap> Control<H> {
    /// The bytes of a control block.
    pub(super) const BYTES: usize = size_of::<Self>();

    /// The heap behind a handle.
    ///
    /// # Safety
    ///
    /// The handle is that of a `Control<H>`, and nothing else uses the heap meanwhile.
    #[inline]
    pub(super) unsafe fn heap<'a>(handle: *mut Handle) -> &'a mut H {
        // SAFETY: the handle is a control block's first field.
        let heap = unsafe { addr_of_mut!((*handle.cast::<Self>()).heap) };
        // SAFETY: the caller's promise.
        unsafe { &mut *heap }
    }

    /// Writes a control block at the first suitable address in `memory`, and makes pools of what is behind it.
    /// The bytes used, counted from the memory's start.
    ///
    /// # Safety
    ///
    /// The memory is the heap's from now on.
    pub(super) unsafe fn create(kind: &'static Kind, memory: Memory) -> Result<Created, Status> {
        let lead = memory.address().wrapping_neg() & (align_of::<Self>() - 1);
        let place = memory.behind(lead).ok_or(Status::TooSmall)?;
        if place.len() < Self::BYTES {
            return Err(Status::TooSmall);
        }
        let handle = place.region().cast::<Handle>().as_ptr();
        let control = Self {
            handle: Handle { kind },
            heap: H::EMPTY,
        };
        // SAFETY: the place is aligned, has room, and is the heap's.
        unsafe { handle.cast::<Self>().write(control) };
        // SAFETY: it has just been written.
        let heap = unsafe { Self::heap(handle) };
        let rest = place.behind(Self::BYTES);
        // SAFETY: the caller's promise. Too little for a pool is no fault.
        let pools = rest.map_or(Ok(0), |rest| unsafe {
            super::supply::add(heap, rest, STRIDE)
        });
        Ok((handle, lead + Self::BYTES + pools.unwrap_or(0)))
    }
}
