//! Pages of a unix system as a source.

use super::{discard, pages, populate, FlexSource};
use crate::pool::region_len;
use core::ptr::{self, NonNull};

/// Pages are asked for in multiples of this many bytes.
const STEP: usize = 1 << 20;

/// Addresses that are left free above a region, so that it can grow.
const ROOM: usize = usize::MAX >> if usize::BITS > 32 { 29 } else { 6 };

/// Memory that the kernel may clear: from so many bytes on that costs less than writing
/// zeros to fresh pages.
const LARGE: usize = 512 << 10;

/// Anonymous pages. A region grows where it stands as long as no other mapping is in the
/// way, and any part of it can be unmapped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct System;

/// How much a heap that has `bytes` asks for at least: a quarter more.
pub(crate) fn ample(bytes: usize) -> usize {
    bytes / 4
}

/// The length in whole steps; no object is larger than half the address space.
fn round_up(len: usize) -> Option<usize> {
    let len = len.checked_add(STEP - 1)? & !(STEP - 1);
    isize::try_from(len).ok()?;
    Some(len)
}

// SAFETY: fresh pages are the caller's until they are unmapped.
unsafe impl FlexSource for System {
    unsafe fn alloc(&mut self, min_size: usize) -> Option<NonNull<[u8]>> {
        let len = round_up(min_size)?;
        let start = map_with_room(len).or_else(|| pages::map(ptr::null_mut(), len))?;
        NonNull::new(ptr::slice_from_raw_parts_mut(start.as_ptr(), len))
    }

    unsafe fn realloc_inplace_grow(
        &mut self,
        ptr: NonNull<[u8]>,
        min_new_len: usize,
    ) -> Option<usize> {
        let old = region_len(ptr);
        let by = round_up(min_new_len - old)?;
        isize::try_from(old.checked_add(by)?).ok()?;
        let end = ptr.as_ptr().cast::<u8>().wrapping_add(old);
        let added = pages::map(end, by)?;
        if added.as_ptr() == end {
            return Some(old + by);
        }
        // SAFETY: just mapped, at another place than wanted.
        unsafe { pages::unmap(added, by) };
        None
    }

    unsafe fn dealloc(&mut self, ptr: NonNull<[u8]>) {
        // SAFETY: the caller's promise.
        unsafe { pages::unmap(ptr.cast(), region_len(ptr)) };
    }

    fn supports_dealloc(&self) -> bool {
        true
    }

    fn supports_realloc_inplace_grow(&self) -> bool {
        true
    }

    fn min_align(&self) -> usize {
        pages::size()
    }
}

/// Maps pages where there is room above them: kernels put each mapping right below the
/// one before.
fn map_with_room(len: usize) -> Option<NonNull<u8>> {
    let all = len.checked_add(ROOM)?;
    let place = pages::map_nothing(all)?;
    // SAFETY: just mapped, for its address only.
    unsafe { pages::unmap(place, all) };
    pages::map(place.as_ptr(), len)
}

/// Makes memory resident, and keeps it so if it is to be `locked`. The error's number if
/// the system does not.
pub(crate) fn prefault(memory: NonNull<[u8]>, locked: bool) -> Result<(), i32> {
    let memory = outer_pages(memory);
    populate(memory.cast(), region_len(memory))?;
    if !locked {
        return Ok(());
    }
    // SAFETY: it changes no contents.
    let done = unsafe { libc::mlock(memory.as_ptr().cast(), region_len(memory)) };
    if done == 0 {
        Ok(())
    } else {
        Err(pages::error())
    }
}

/// Makes memory zero: `large` memory without touching its pages.
///
/// # Safety
///
/// It is mapped by this source, and the caller's.
pub(crate) unsafe fn clear(start: NonNull<u8>, len: usize, by_kernel: bool) {
    let (before, inner) = inner_pages(start, len);
    let end = start.as_ptr().wrapping_add(len);
    let first = start.as_ptr().wrapping_add(before);
    // SAFETY: whole pages within the memory.
    if by_kernel && len >= LARGE && unsafe { discard(first, inner) } {
        // SAFETY: within the memory.
        unsafe { start.as_ptr().write_bytes(0, before) };
        let rest = len - before - inner;
        // SAFETY: within the memory.
        unsafe { end.wrapping_sub(rest).write_bytes(0, rest) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { start.as_ptr().write_bytes(0, len) };
    }
}

/// Gives the memory of whole pages back, contents and all; their bytes.
///
/// # Safety
///
/// The bytes are mapped by this source, and their contents are of no use.
pub(crate) unsafe fn release_inner_pages(start: NonNull<u8>, len: usize) -> usize {
    let (before, inner) = inner_pages(start, len);
    if inner != 0 {
        // SAFETY: whole pages within the memory.
        unsafe { discard(start.as_ptr().wrapping_add(before), inner) };
    }
    inner
}

/// The bytes before the first whole page, and those of all whole pages.
fn inner_pages(start: NonNull<u8>, len: usize) -> (usize, usize) {
    let page = pages::size();
    let before = (start.as_ptr() as usize).wrapping_neg() & (page - 1);
    let inner = len.saturating_sub(before) & !(page - 1);
    (before.min(len), inner)
}

/// The memory up to the bounds of its pages.
fn outer_pages(memory: NonNull<[u8]>) -> NonNull<[u8]> {
    let page = pages::size();
    let before = memory.as_ptr().cast::<u8>() as usize & (page - 1);
    let len = (before + region_len(memory) + page - 1) & !(page - 1);
    let start = memory.as_ptr().cast::<u8>().wrapping_sub(before);
    NonNull::new(ptr::slice_from_raw_parts_mut(start, len)).unwrap_or(memory)
}
