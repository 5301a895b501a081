//! What is done to a block: the misuse, and what leads up to it.

use core::ptr;

use crate::mark::{end, mark, Code};
use crate::place::Place;
use crate::scene::{self, Scene, FILL};

/// A misuse.
#[derive(Clone, Copy)]
pub(crate) enum Deed {
    /// Hands the block in after it was freed, and after something else.
    Again(Call, Meanwhile),
    /// Hands in what is no block's pointer.
    HandIn(Call, Place),
    /// Writes so many bytes behind the block.
    WriteBehind(usize, Value),
    /// Writes before the block.
    WriteBefore {
        distance: usize,
        bytes: usize,
        value: Value,
    },
    /// Writes into the block after it was freed, and after something else.
    WriteFreed(Spot, Meanwhile),
}

/// The function that gets the pointer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Free,
    Reallocate,
    UsableSize,
}

/// What happens between the free of a block and its misuse.
#[derive(Clone, Copy)]
pub(crate) enum Meanwhile {
    Nothing,
    /// Another block of the size is freed.
    AnotherFree,
    PreviousFreed,
    NextFreed,
    BothFreed,
    ManyFrees,
    /// The block before is freed, and one like it is allocated.
    PreviousReused,
}

/// What is written, byte by byte.
#[derive(Clone, Copy)]
pub(crate) enum Value {
    Zero,
    /// What the program has written all over the block.
    Same,
    Ones,
    /// What is there with its lowest bit changed.
    Flipped,
}

/// Where a freed block is written to.
#[derive(Clone, Copy)]
pub(crate) enum Spot {
    Word(usize),
    Byte(usize),
    Middle,
    LastWord,
}

const WORD: usize = size_of::<usize>();

impl Deed {
    /// What the program does before the misuse. If it is `honest`, it does not lead up to one.
    pub(crate) fn prepare(self, scene: &mut Scene, honest: bool) {
        match self {
            Self::Again(_, meanwhile) | Self::WriteFreed(_, meanwhile) => {
                meanwhile.happen(scene, honest);
            }
            Self::HandIn(_, place) if !honest => scene.wrong = place.pointer(scene),
            _ => {}
        }
    }

    /// The misuse, or what it would be if it were none.
    pub(crate) fn commit(self, scene: &mut Scene, honest: bool) {
        let (block, size) = (scene.block, scene.size());
        match self {
            Self::Again(call, _) => call.hand_in(scene, block, honest),
            Self::HandIn(call, _) => {
                let pointer = if honest { block } else { scene.wrong };
                call.hand_in(scene, pointer, honest);
            }
            Self::WriteBehind(bytes, value) => {
                let start = if honest { size - bytes.min(size) } else { size };
                write(block.wrapping_add(start), bytes.min(size), value);
            }
            Self::WriteBefore {
                distance,
                bytes,
                value,
            } => {
                let start = if honest { 0 } else { distance };
                write(block.wrapping_sub(start), bytes, value);
            }
            Self::WriteFreed(spot, _) => spot.write(block, size),
        }
    }
}

impl Call {
    /// Calls the function; an honest program goes on with what it gets.
    fn hand_in(self, scene: &mut Scene, pointer: *mut u8, honest: bool) {
        let (heap, layout) = (scene.heap, scene.layout);
        match self {
            // SAFETY: none: that is what is tested.
            Self::Free => unsafe { heap.free(pointer, layout) },
            Self::Reallocate => {
                let size = layout.size() + 64;
                // SAFETY: none, as above.
                let moved = unsafe { heap.reallocate(pointer, layout, size) };
                if honest {
                    scene.has_moved(moved, size);
                }
            }
            Self::UsableSize => {
                // SAFETY: none, as above.
                let bytes = unsafe { heap.usable_size(pointer, layout) };
                if honest && bytes < layout.size() {
                    end(Code::Broken);
                }
            }
        }
        if honest && self == Self::Free {
            scene.is_live = false;
        }
    }
}

impl Meanwhile {
    /// Frees the block, unless the program is honest; what follows.
    fn happen(self, scene: &mut Scene, honest: bool) {
        let heap = scene.heap;
        let others = match self {
            Self::AnotherFree => {
                let others = scene.more(1);
                // It stays, so that the other one is joined with nothing.
                scene.more(1);
                others
            }
            Self::ManyFrees => scene.more(64),
            _ => Vec::new(),
        };
        if !honest {
            scene.free_block();
        }
        for other in others {
            // SAFETY: a block in use.
            unsafe { heap.free(other, scene.layout) };
        }
        match self {
            Self::PreviousFreed => scene.free_before(),
            Self::NextFreed => scene.free_after(),
            Self::BothFreed => {
                scene.free_before();
                scene.free_after();
            }
            Self::PreviousReused => reuse_previous(scene, honest),
            Self::Nothing | Self::AnotherFree | Self::ManyFrees => {}
        }
    }
}

/// Frees the block before, and allocates one like it. If it takes the freed block's place, that would be in
/// use again, and the case is none.
fn reuse_previous(scene: &mut Scene, honest: bool) {
    scene.free_before();
    let new = scene::filled(scene.heap, scene.layout);
    if !honest && new.addr().abs_diff(scene.block.addr()) < scene.layout.size() {
        mark("none");
        end(Code::Done);
    }
    scene.before = new;
}

impl Spot {
    fn write(self, block: *mut u8, size: usize) {
        match self {
            Self::Word(offset) => write(block.wrapping_add(offset), WORD, Value::Same),
            Self::Byte(offset) => write(block.wrapping_add(offset), 1, Value::Flipped),
            Self::Middle => write(block.wrapping_add(size / 2 / 8 * 8), WORD, Value::Same),
            Self::LastWord => write(block.wrapping_add(size - WORD), WORD, Value::Same),
        }
    }
}

/// Writes bytes, each of which changes: a value that is there already is written with another bit.
fn write(start: *mut u8, bytes: usize, value: Value) {
    for offset in 0..bytes {
        let place = start.wrapping_add(offset);
        // SAFETY: none: that is what is tested.
        let there = unsafe { ptr::read_volatile(place) };
        let new = match value {
            Value::Zero => 0,
            Value::Same => FILL,
            Value::Ones => 0xff,
            Value::Flipped => there ^ 1,
        };
        let new = if new == there { new ^ 0x80 } else { new };
        // SAFETY: none, as above.
        unsafe { ptr::write_volatile(place, new) };
    }
}
