//! Writing the format.

use crate::step::{Operation, Step};
use crate::varint::push;
use crate::{MAGIC, USUAL_ALIGN};

/// The bytes of the steps of a trace.
pub(crate) fn encode(steps: &[Step]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    push(&mut out, steps.len() as u64);
    let (mut thread, mut allocated) = (0, 0);
    for step in steps {
        if step.thread != thread {
            thread = step.thread;
            push(&mut out, u64::from(thread) << 3 | 0b011);
        }
        // The latest block has the number `allocated - 1`.
        let age = |id: u32| allocated - 1 - u64::from(id);
        match step.operation {
            Operation::Allocate { size, align } => {
                allocated += 1;
                push_allocation(&mut out, size, align);
            }
            Operation::Free { id } => push(&mut out, age(id) << 2 | 0b01),
            Operation::Resize { id, size } => {
                push(&mut out, age(id) << 2 | 0b10);
                push(&mut out, size);
            }
        }
    }
    out
}

fn push_allocation(out: &mut Vec<u8>, size: u64, align: u64) {
    if align == USUAL_ALIGN {
        push(out, size << 3);
    } else {
        push(out, size << 3 | 0b100);
        push(out, u64::from(align.trailing_zeros()));
    }
}
