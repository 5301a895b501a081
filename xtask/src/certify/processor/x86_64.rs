//! x86-64.

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction as Decoded};

use crate::certify::{
    image::{Image, Slot},
    instruction::{Cycles, Fault, Flow, Instruction},
};

/// The instruction at `address`.
pub(super) fn decode(image: &Image<'_>, address: u64) -> Instruction {
    let bytes = image.bytes_from(address).unwrap_or_default();
    let decoded = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE).decode();
    if decoded.is_invalid() {
        return Instruction::unknown(address);
    }
    Instruction {
        address,
        length: decoded.next_ip() - address,
        bound: false,
        flow: flow(image, &decoded),
        cycles: Cycles::default(),
    }
}

/// Where the processor goes on.
fn flow(image: &Image<'_>, decoded: &Decoded) -> Flow {
    let to = decoded.near_branch_target();
    match decoded.flow_control() {
        FlowControl::Next if repeats(decoded) => Flow::Stop(Fault::Loop),
        FlowControl::Next => Flow::Next,
        FlowControl::Return => Flow::Return { conditional: false },
        FlowControl::UnconditionalBranch => Flow::Jump {
            to,
            conditional: false,
        },
        FlowControl::ConditionalBranch => Flow::Jump {
            to,
            conditional: true,
        },
        FlowControl::Call => Flow::Call { to },
        FlowControl::IndirectCall => match slot(image, decoded) {
            Some(Slot::Here(to)) => Flow::Call { to: *to },
            Some(Slot::Elsewhere(name)) => Flow::Stop(Fault::Call(name.clone())),
            None => Flow::Stop(Fault::Call("what a pointer says".to_owned())),
        },
        FlowControl::IndirectBranch => match slot(image, decoded) {
            Some(Slot::Here(to)) => Flow::Jump {
                to: *to,
                conditional: false,
            },
            Some(Slot::Elsewhere(name)) => Flow::Stop(Fault::Call(name.clone())),
            None => Flow::Stop(Fault::IndirectJump),
        },
        FlowControl::Interrupt | FlowControl::Exception | FlowControl::XbeginXabortXend => {
            Flow::Stop(Fault::Trap)
        }
    }
}

/// Whether the instruction does its work over and over.
fn repeats(decoded: &Decoded) -> bool {
    decoded.is_string_instruction() && (decoded.has_rep_prefix() || decoded.has_repne_prefix())
}

/// What is in the slot of the loader's table from which the instruction takes where it goes.
fn slot<'a>(image: &'a Image<'_>, decoded: &Decoded) -> Option<&'a Slot> {
    let address = decoded
        .is_ip_rel_memory_operand()
        .then(|| decoded.ip_rel_memory_address())?;
    image.slot_at(address)
}
