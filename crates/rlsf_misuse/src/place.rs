//! Pointers that are no block's.

use core::hint::black_box;
use core::ptr::{null_mut, without_provenance_mut};

use crate::scene::Scene;

/// Where a pointer leads.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// So many bytes from the block's start.
    Inside(isize),
    /// Half way through the block, aligned.
    Middle,
    /// The first byte behind the request.
    End,
    /// Into the block, behind a copy of the two words before the block.
    CopiedHeader,
    /// Into the block, behind a copy of a whole small block's bytes, with the words around it.
    CopiedBlock,
    /// Into the block, behind what a C library's header looks like.
    ForgedHeader,
    Stack,
    Static,
    Code,
    /// So many bytes into a page of the program's own.
    Page(usize),
    /// An address that no memory has.
    Low,
    /// Into a block that was freed, after the heap was asked to give memory back.
    GivenBack,
}

/// The bytes of a word.
type Word = [u8; 8];

/// What glibc has before a block of 24 bytes.
const FORGED: Word = 0x21_u64.to_le_bytes();

/// Bytes that are aligned as a block is.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Aligned(#[expect(dead_code, reason = "only its address is used")] [u8; 512]);

impl Aligned {
    pub(crate) const ZERO: Self = Self([0; 512]);
}

static mut STATIC: Aligned = Aligned::ZERO;

impl Place {
    /// The pointer.
    pub(crate) fn pointer(self, scene: &mut Scene) -> *mut u8 {
        let (block, size) = (scene.block, scene.size());
        match self {
            Self::Inside(offset) => block.wrapping_offset(offset),
            Self::Middle => block.wrapping_add(size / 2 / 16 * 16),
            Self::End => block.wrapping_add(size),
            Self::CopiedHeader => copied_header(block),
            Self::CopiedBlock => copied_block(scene),
            Self::ForgedHeader => forged_header(block),
            Self::Stack => (&raw mut scene.on_stack).cast::<u8>().wrapping_add(64),
            // It is never referred to, only its address taken.
            Self::Static => (&raw mut STATIC).cast::<u8>().wrapping_add(64),
            Self::Code => {
                let code = black_box(crate::main as fn() -> std::process::ExitCode);
                without_provenance_mut((code as usize).next_multiple_of(16))
            }
            Self::Page(offset) => page().wrapping_add(offset),
            Self::Low => without_provenance_mut(16),
            Self::GivenBack => {
                scene.free_block();
                scene.heap.trim();
                block.wrapping_add(1 << 20)
            }
        }
    }
}

/// Copies the words before the block into it.
fn copied_header(block: *mut u8) -> *mut u8 {
    let words = block.cast::<Word>();
    for (from, to) in [(-2, 0), (-1, 1)] {
        // SAFETY: the block before is not far, so that this can be read: of the heap or of that block.
        let word = unsafe { words.wrapping_offset(from).read_volatile() };
        // SAFETY: within the block, which has three words.
        unsafe { words.wrapping_offset(to).write_volatile(word) };
    }
    block.wrapping_add(16)
}

/// Copies what a small block is, with the words before and behind it, into the block.
fn copied_block(scene: &Scene) -> *mut u8 {
    let (small, _behind) = scene.two_small();
    let copy = scene.block.wrapping_add(64);
    for offset in -16..48 {
        // SAFETY: of the heap, or of the two small blocks.
        let byte = unsafe { small.wrapping_offset(offset).read_volatile() };
        // SAFETY: within the block, which is a middle one.
        unsafe { copy.wrapping_offset(offset).write_volatile(byte) };
    }
    copy
}

/// Writes what looks like a header to each word of the block.
fn forged_header(block: *mut u8) -> *mut u8 {
    for word in 0..3 {
        let place = block.cast::<Word>().wrapping_add(word);
        // SAFETY: within the block, which has three words.
        unsafe { place.write_volatile(FORGED) };
    }
    block.wrapping_add(16)
}

/// A page from the system.
fn page() -> *mut u8 {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: new pages, which no one has.
    unsafe { libc::mmap(null_mut(), 1 << 16, protection, flags, -1, 0) }.cast()
}
