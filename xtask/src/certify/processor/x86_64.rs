//! x86-64.

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction as Decoded};

use crate::certify::{
    image::Image,
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
        FlowControl::IndirectCall => Flow::Stop(Fault::Call(
            imported(image, decoded).unwrap_or_else(|| "what a pointer says".to_owned()),
        )),
        FlowControl::IndirectBranch => {
            Flow::Stop(imported(image, decoded).map_or(Fault::IndirectJump, Fault::Call))
        }
        FlowControl::Interrupt | FlowControl::Exception | FlowControl::XbeginXabortXend => {
            Flow::Stop(Fault::Trap)
        }
    }
}

/// Whether the instruction does its work over and over.
fn repeats(decoded: &Decoded) -> bool {
    decoded.is_string_instruction() && (decoded.has_rep_prefix() || decoded.has_repne_prefix())
}

/// The function of another library that the instruction goes to through the loader's table.
fn imported(image: &Image<'_>, decoded: &Decoded) -> Option<String> {
    let slot = decoded
        .is_ip_rel_memory_operand()
        .then(|| decoded.ip_rel_memory_address())?;
    image.import_at(slot).map(str::to_owned)
}
