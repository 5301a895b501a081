//! RISC-V of 32 bits with the extensions M, A and C.
//!
//! What is an instruction, the disassembler says; where it leads to is read from the fields that the manual
//! gives (The RISC-V Instruction Set Manual, volume I, chapters "RV32I" and "C").

use anyhow::{Context, Result};
use capstone::{
    arch::riscv::{ArchExtraMode, ArchMode},
    prelude::*,
};

use crate::certify::{
    image::Image,
    instruction::{Cycles, Fault, Flow, Instruction},
};

/// The register of a return address.
const RA: u32 = 1;

/// Major opcodes of the two instructions of a jump to a distant address.
const AUIPC: u32 = 0x17;
const JALR: u32 = 0x67;

/// The major opcodes of what only computes, loads and stores: in the order of their numbers, LOAD, MISC-MEM,
/// OP-IMM, AUIPC, STORE, AMO, OP and LUI.
const PLAIN: [u32; 8] = [0x03, 0x0f, 0x13, AUIPC, 0x23, 0x2f, 0x33, 0x37];

/// The instruction at `address`; with it the jump that gets its address from it, if that follows.
pub(super) fn decode(image: &Image<'_>, address: u64) -> Vec<Instruction> {
    let bytes = image.bytes_from(address).unwrap_or_default();
    let mut instructions = vec![one(bytes, address)];
    if let Some(flow) = far(bytes, address) {
        instructions.push(Instruction {
            bound: true,
            flow,
            ..one(&bytes[4..], address + 4)
        });
    }
    instructions
}

/// The first instruction of `bytes` by itself.
fn one(bytes: &[u8], address: u64) -> Instruction {
    match read(bytes, address) {
        Some((length, flow)) if is_known(bytes, length).unwrap_or(false) => Instruction {
            address,
            length,
            bound: false,
            flow,
            cycles: Cycles::default(),
        },
        _ => Instruction::unknown(address),
    }
}

/// Where two instructions lead to that are a jump to a distant address: AUIPC, and JALR by the same register.
fn far(bytes: &[u8], address: u64) -> Option<Flow> {
    let high = u32::from_le_bytes(*bytes.first_chunk()?);
    let low = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
    let is_pair = high & 0x7f == AUIPC
        && low & 0x7f == JALR
        && field(low, 12, 3) == 0
        && field(high, 7, 5) == field(low, 15, 5);
    let upper = i64::from((high & !0xfff).cast_signed());
    let offset = upper + i64::from(low.cast_signed() >> 20);
    match field(low, 7, 5) {
        0 if is_pair => Some(jump(address, offset, false)),
        RA if is_pair => Some(call(address, offset)),
        _ => None,
    }
}

/// Whether the disassembler knows the first `length` bytes as one instruction.
fn is_known(bytes: &[u8], length: u64) -> Result<bool> {
    let disassembler = Capstone::new()
        .riscv()
        .mode(ArchMode::RiscV32)
        .extra_mode([ArchExtraMode::RiscVC].into_iter())
        .build()?;
    let found = disassembler.disasm_count(bytes, 0, 1)?;
    let first = found.first().context("no instruction")?;
    Ok(first.len() as u64 == length)
}

/// The length of the instruction and where it leads to.
fn read(bytes: &[u8], address: u64) -> Option<(u64, Flow)> {
    let low = u16::from_le_bytes(*bytes.first_chunk()?);
    if low & 3 == 3 {
        let word = u32::from_le_bytes(*bytes.first_chunk()?);
        Some((4, wide(word, address)))
    } else {
        Some((2, compressed(u32::from(low), address)))
    }
}

/// Where an instruction of 32 bits leads to.
fn wide(word: u32, address: u64) -> Flow {
    let (target, source) = (field(word, 7, 5), field(word, 15, 5));
    match word & 0x7f {
        opcode if PLAIN.contains(&opcode) => Flow::Next,
        0x63 => jump(address, branch_offset(word), true),
        0x6f if target == 0 => jump(address, jal_offset(word), false),
        0x6f if target == RA => call(address, jal_offset(word)),
        JALR if target == 0 && source == RA && word >> 20 == 0 => {
            Flow::Return { conditional: false }
        }
        JALR => indirect(target == 0),
        0x73 => Flow::Stop(Fault::Trap),
        _ => Flow::Stop(Fault::Unknown(address)),
    }
}

/// Where an instruction of 16 bits leads to.
fn compressed(half: u32, address: u64) -> Flow {
    let (first, second) = (field(half, 7, 5), field(half, 2, 5));
    let is_set = field(half, 12, 1) == 1;
    match (half & 3, field(half, 13, 3)) {
        (0, 0) if half == 0 => Flow::Stop(Fault::Trap),
        (1, 1) => call(address, compressed_jump_offset(half)),
        (1, 5) => jump(address, compressed_jump_offset(half), false),
        (1, 6 | 7) => jump(address, compressed_branch_offset(half), true),
        (2, 4) if second == 0 => match (is_set, first) {
            (true, 0) => Flow::Stop(Fault::Trap),
            (false, RA) => Flow::Return { conditional: false },
            (is_call, _) => indirect(!is_call),
        },
        // Loads and stores of floating-point numbers, which the processor has not.
        (0 | 2, 1 | 3 | 5 | 7) => Flow::Stop(Fault::Unknown(address)),
        _ => Flow::Next,
    }
}

/// A way to where a register says.
fn indirect(is_jump: bool) -> Flow {
    Flow::Stop(if is_jump {
        Fault::IndirectJump
    } else {
        Fault::Call("what a pointer says".to_owned())
    })
}

fn jump(address: u64, offset: i64, conditional: bool) -> Flow {
    Flow::Jump {
        to: address.wrapping_add_signed(offset),
        conditional,
    }
}

fn call(address: u64, offset: i64) -> Flow {
    Flow::Call {
        to: address.wrapping_add_signed(offset),
    }
}

/// `length` bits of `word` from bit `low` on.
const fn field(word: u32, low: u32, length: u32) -> u32 {
    (word >> low) & ((1 << length) - 1)
}

/// The number whose bits are given in pieces, the sign first: each a bit of `word`, a length, and the place in
/// the number.
fn scattered(word: u32, pieces: &[(u32, u32, u32)]) -> i64 {
    let bits = pieces.iter().fold(0, |bits, &(low, length, place)| {
        bits | (i64::from(field(word, low, length)) << place)
    });
    let sign = pieces[0].2;
    bits - ((bits >> sign) << (sign + 1))
}

fn branch_offset(word: u32) -> i64 {
    scattered(word, &[(31, 1, 12), (7, 1, 11), (25, 6, 5), (8, 4, 1)])
}

fn jal_offset(word: u32) -> i64 {
    scattered(word, &[(31, 1, 20), (12, 8, 12), (20, 1, 11), (21, 10, 1)])
}

fn compressed_jump_offset(half: u32) -> i64 {
    let high = [(12, 1, 11), (8, 1, 10), (9, 2, 8), (6, 1, 7)];
    let low = [(7, 1, 6), (2, 1, 5), (11, 1, 4), (3, 3, 1)];
    scattered(half, &[high, low].concat())
}

fn compressed_branch_offset(half: u32) -> i64 {
    scattered(
        half,
        &[(12, 1, 8), (5, 2, 6), (2, 1, 5), (10, 2, 3), (3, 2, 1)],
    )
}
