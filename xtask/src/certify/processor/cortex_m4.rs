//! The most cycles of each instruction of the Cortex-M4, with zero wait states.
//!
//! From "Cortex-M4 Processor Technical Reference Manual", revision r0p1 (ARM DDI 0439D, also 100166), section
//! 3.3.1, "Table of processor instructions", and 3.3.2, "Load/store timings", at the pessimistic end of each
//! range:
//!
//! - A branch that is taken takes 1 + P cycles, and P, the refill of the pipeline, is 1 to 3: 3.
//! - A load or store of one word takes 2 cycles; one less if it can be pipelined: never.
//! - One of N words takes 1 + N.
//! - Each takes one cycle more if its address was computed just before, or if it is a load from beside the
//!   code: always.
//! - A division takes 2 to 12 cycles: 12. A multiplication with accumulation takes 1, and 2 on a Cortex-M3: 2.
//! - IT may be folded into the instruction before: never.

#[allow(clippy::enum_glob_use)] // a table of half a hundred of them
use capstone::arch::arm::ArmInsn::*;
use capstone::arch::arm::{ArmInsn, ArmOperand, ArmOperandType};

use crate::certify::instruction::Cycles;

/// P: the refill of the pipeline after a branch.
const REFILL: u64 = 3;

/// What a load or store takes more than in the table.
const ADDRESS: u64 = 1;

/// What takes one cycle, unless it is a branch that is taken.
#[rustfmt::skip]
const SINGLE: [ArmInsn; 51] = [
    ARM_INS_ADC, ARM_INS_ADD, ARM_INS_ADDW, ARM_INS_ADR, ARM_INS_AND, ARM_INS_ASR, ARM_INS_B, ARM_INS_BFC,
    ARM_INS_BFI, ARM_INS_BIC, ARM_INS_BL, ARM_INS_BLX, ARM_INS_BX, ARM_INS_CBNZ, ARM_INS_CBZ, ARM_INS_CLZ,
    ARM_INS_CMN, ARM_INS_CMP, ARM_INS_EOR, ARM_INS_IT, ARM_INS_LSL, ARM_INS_LSR, ARM_INS_MOV, ARM_INS_MOVS,
    ARM_INS_MOVT, ARM_INS_MOVW, ARM_INS_MUL, ARM_INS_MVN, ARM_INS_NOP, ARM_INS_ORN, ARM_INS_ORR,
    ARM_INS_RBIT, ARM_INS_REV, ARM_INS_REV16, ARM_INS_REVSH, ARM_INS_ROR, ARM_INS_RRX, ARM_INS_RSB,
    ARM_INS_SBC, ARM_INS_SBFX, ARM_INS_SMULL, ARM_INS_SUB, ARM_INS_SUBW, ARM_INS_SXTB, ARM_INS_SXTH,
    ARM_INS_TEQ, ARM_INS_TST, ARM_INS_UBFX, ARM_INS_UMULL, ARM_INS_UXTB, ARM_INS_UXTH,
];

/// Loads and stores of one word or less.
#[rustfmt::skip]
const WORD: [ArmInsn; 8] = [
    ARM_INS_LDR, ARM_INS_LDRB, ARM_INS_LDRH, ARM_INS_LDRSB, ARM_INS_LDRSH, ARM_INS_STR, ARM_INS_STRB,
    ARM_INS_STRH,
];

/// The most cycles of an instruction; nothing for one that is not in the table.
pub(super) fn cycles(kind: ArmInsn, operands: &[ArmOperand]) -> Option<Cycles> {
    let next = match kind {
        _ if SINGLE.contains(&kind) => 1,
        _ if WORD.contains(&kind) => 2 + ADDRESS,
        ARM_INS_LDRD | ARM_INS_STRD => 3 + ADDRESS,
        ARM_INS_PUSH | ARM_INS_POP => 1 + registers(operands) + ADDRESS,
        // One of the registers holds the address.
        ARM_INS_LDM | ARM_INS_STM | ARM_INS_STMDB | ARM_INS_LDMDB => registers(operands) + ADDRESS,
        ARM_INS_MLA | ARM_INS_MLS => 2,
        ARM_INS_SDIV | ARM_INS_UDIV => 12,
        _ => return None,
    };
    Some(Cycles {
        next,
        taken: next + REFILL,
    })
}

/// The number of registers among the operands.
fn registers(operands: &[ArmOperand]) -> u64 {
    let is_register = |it: &&ArmOperand| matches!(it.op_type, ArmOperandType::Reg(_));
    operands.iter().filter(is_register).count() as u64
}
