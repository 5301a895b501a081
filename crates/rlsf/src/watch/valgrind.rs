//! Requests to Valgrind's memcheck; outside of it they are a few instructions without effect.
//!
//! Source: Valgrind's manual, "The Client Request mechanism" and "Memcheck: Client Requests".

use core::arch::asm;
use core::mem;
use core::ptr::NonNull;

/// The numbers of the requests.
const MALLOCLIKE_BLOCK: usize = 0x1301;
const FREELIKE_BLOCK: usize = 0x1302;
const RESIZEINPLACE_BLOCK: usize = 0x130b;
const CHANGE_ERR_DISABLEMENT: usize = 0x1801;
const MAKE_MEM_NOACCESS: usize = 0x4d43_0000;
const MAKE_MEM_UNDEFINED: usize = 0x4d43_0001;
const MAKE_MEM_DEFINED: usize = 0x4d43_0002;

/// The closed bytes on both sides of a block: a header.
const RED_ZONE: usize = 8;

fn request(number: usize, arguments: [usize; 4]) {
    let [one, two, three, four] = arguments;
    let words = [number, one, two, three, four, 0];
    // SAFETY: four rotations that make a whole turn, and an exchange of a register with
    // itself; Valgrind takes them for a request, and reads the words.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") words.as_ptr(),
            inout("rdx") 0_usize => _,
            options(nostack),
        );
    }
}

pub(super) fn close(start: *const u8, bytes: usize) {
    request(MAKE_MEM_NOACCESS, [start as usize, bytes, 0, 0]);
}

pub(super) fn define(start: *const u8, bytes: usize) {
    request(MAKE_MEM_DEFINED, [start as usize, bytes, 0, 0]);
}

pub(super) fn allocated(payload: NonNull<u8>, bytes: usize) {
    let is_zeroed = 0;
    request(
        MALLOCLIKE_BLOCK,
        [payload.as_ptr() as usize, bytes, RED_ZONE, is_zeroed],
    );
}

pub(super) fn freed(payload: NonNull<u8>) {
    request(FREELIKE_BLOCK, [payload.as_ptr() as usize, RED_ZONE, 0, 0]);
}

pub(super) fn resized(payload: NonNull<u8>, old: usize, new: usize) {
    request(
        RESIZEINPLACE_BLOCK,
        [payload.as_ptr() as usize, old, new, RED_ZONE],
    );
}

/// Opens the bytes between a block and the place below to which it moves.
pub(super) fn open_gap(target: NonNull<u8>, payload: NonNull<u8>) {
    let start = target.as_ptr() as usize;
    request(
        MAKE_MEM_UNDEFINED,
        [start, payload.as_ptr() as usize - start, 0, 0],
    );
}

/// The block's contents count as defined from now on: Valgrind moves no blocks.
pub(super) fn moved(payload: NonNull<u8>, old: usize, target: NonNull<u8>, new: usize) {
    let (from, to) = (payload.as_ptr() as usize, target.as_ptr() as usize);
    freed(payload);
    close(target.as_ptr(), from - to);
    allocated(target, new);
    define(target.as_ptr(), if old < new { old } else { new });
}

/// Reads a word byte by byte: of a whole one whose bytes are partly closed, memcheck takes these
/// for undefined.
///
/// # Safety
///
/// As for `pointer::read_volatile`.
pub(super) unsafe fn read_bytes(place: *const usize) -> usize {
    let mut word = [0; mem::size_of::<usize>()];
    for (offset, byte) in word.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *byte = unsafe { super::read(place.cast::<u8>().wrapping_add(offset)) };
    }
    usize::from_ne_bytes(word)
}

/// While there is one, the thread's errors are not reported.
pub(super) struct Quiet(());

impl Quiet {
    pub(super) fn new() -> Self {
        request(CHANGE_ERR_DISABLEMENT, [1, 0, 0, 0]);
        Self(())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        request(CHANGE_ERR_DISABLEMENT, [usize::MAX, 0, 0, 0]);
    }
}
