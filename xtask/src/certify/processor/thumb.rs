//! Thumb, as Cortex-M has it: the instructions of the Cortex-M0+ and of the Cortex-M4 without its floating
//! point.

use anyhow::{ensure, Context, Result};
use capstone::{
    arch::arm::{
        ArchExtraMode, ArchMode, ArmCC, ArmInsn, ArmInsnDetail, ArmOperand, ArmOperandType, ArmReg,
    },
    prelude::*,
    Insn, RegId,
};

use super::cortex_m4;
use crate::certify::{
    image::Image,
    instruction::{Cycles, Fault, Flow, Instruction},
};

/// The instruction at `address`, and if it makes others conditional, those.
pub(super) fn decode(image: &Image<'_>, address: u64) -> Vec<Instruction> {
    let bytes = image.bytes_from(address).unwrap_or_default();
    read(bytes, address).unwrap_or_else(|_| vec![Instruction::unknown(address)])
}

/// Decodes with a disassembler of its own: one remembers which instructions are conditional.
fn read(bytes: &[u8], address: u64) -> Result<Vec<Instruction>> {
    let disassembler = Capstone::new()
        .arm()
        .mode(ArchMode::Thumb)
        .extra_mode([ArchExtraMode::MClass].into_iter())
        .detail(true)
        .build()?;
    let first = u16::from_le_bytes(*bytes.first_chunk().context("no code")?);
    let count = 1 + conditional_instructions(first);
    let found = disassembler.disasm_count(bytes, address, count)?;
    ensure!(found.len() == count, "an instruction is not known");
    let instructions = found.iter().enumerate().map(|(index, it)| {
        let detail = disassembler.insn_detail(it)?;
        let detail = detail.arch_detail();
        let detail = detail.arm().context("no detail")?;
        let parts = Parts {
            instruction: it,
            bound: index > 0,
            kind: kind(it),
            operands: detail.operands().collect(),
            conditional: index > 0 || is_conditional(detail),
        };
        Ok(parts.read())
    });
    instructions.collect()
}

/// Which instruction it is; the disassembler has one kind for all hints, of which one does nothing.
fn kind(instruction: &Insn<'_>) -> ArmInsn {
    match instruction.bytes() {
        [0x00, 0xbf] => ArmInsn::ARM_INS_NOP,
        _ => ArmInsn::from(instruction.id().0),
    }
}

/// The number of instructions that the first half-word `first` of an instruction makes conditional.
fn conditional_instructions(first: u16) -> usize {
    let mask = first & 0xf;
    if first & 0xff00 == 0xbf00 && mask != 0 {
        4 - mask.trailing_zeros() as usize
    } else {
        0
    }
}

fn is_conditional(detail: &ArmInsnDetail<'_>) -> bool {
    !matches!(detail.cc(), ArmCC::ARM_CC_AL | ArmCC::ARM_CC_INVALID)
}

/// An instruction as the disassembler has it.
struct Parts<'a> {
    instruction: &'a Insn<'a>,
    /// Whether another one makes it conditional.
    bound: bool,
    kind: ArmInsn,
    operands: Vec<ArmOperand>,
    conditional: bool,
}

impl Parts<'_> {
    fn read(&self) -> Instruction {
        let address = self.instruction.address();
        let cycles = cortex_m4::cycles(self.kind, &self.operands);
        let (flow, cycles) = match cycles {
            Some(cycles) => (self.flow(), cycles),
            None if self.is_trap() => (Flow::Stop(Fault::Trap), Cycles::default()),
            None => (Flow::Stop(Fault::NoTiming(self.text())), Cycles::default()),
        };
        Instruction {
            address,
            length: self.instruction.len() as u64,
            bound: self.bound,
            flow,
            cycles,
        }
    }

    /// Where the processor goes on.
    fn flow(&self) -> Flow {
        use ArmInsn::{
            ARM_INS_B, ARM_INS_BL, ARM_INS_BLX, ARM_INS_BX, ARM_INS_CBNZ, ARM_INS_CBZ, ARM_INS_LDM,
            ARM_INS_LDR, ARM_INS_POP, ARM_INS_TBB, ARM_INS_TBH,
        };
        let conditional = self.conditional;
        match self.kind {
            ARM_INS_B => self.jump(0, conditional),
            ARM_INS_CBZ | ARM_INS_CBNZ => self.jump(1, true),
            ARM_INS_BL if !conditional => self
                .immediate(0)
                .map_or_else(|| self.stop(), |to| Flow::Call { to }),
            ARM_INS_BX if self.register(0) == Some(ArmReg::ARM_REG_LR) => {
                Flow::Return { conditional }
            }
            ARM_INS_BL | ARM_INS_BLX => Flow::Stop(Fault::Call("what a pointer says".to_owned())),
            ARM_INS_BX | ARM_INS_TBB | ARM_INS_TBH => Flow::Stop(Fault::IndirectJump),
            ARM_INS_POP if self.names_pc() => Flow::Return { conditional },
            ARM_INS_LDM if self.names_pc() && self.register(0) == Some(ArmReg::ARM_REG_SP) => {
                Flow::Return { conditional }
            }
            ARM_INS_LDR if self.names_pc() && self.is_popped() => Flow::Return { conditional },
            _ if self.names_pc() => Flow::Stop(Fault::IndirectJump),
            _ => Flow::Next,
        }
    }

    fn jump(&self, operand: usize, conditional: bool) -> Flow {
        match self.immediate(operand) {
            Some(to) => Flow::Jump { to, conditional },
            None => self.stop(),
        }
    }

    fn stop(&self) -> Flow {
        Flow::Stop(Fault::Unknown(self.instruction.address()))
    }

    /// The address that an operand is.
    fn immediate(&self, operand: usize) -> Option<u64> {
        match self.operands.get(operand)?.op_type {
            ArmOperandType::Imm(value) => Some(u64::from(value.cast_unsigned()) & !1),
            _ => None,
        }
    }

    /// The register that an operand is.
    fn register(&self, operand: usize) -> Option<ArmReg::Type> {
        register(self.operands.get(operand)?)
    }

    /// Whether the program counter is an operand, other than as a base of an address.
    fn names_pc(&self) -> bool {
        let mut registers = self.operands.iter().filter_map(register);
        registers.any(|it| it == ArmReg::ARM_REG_PC)
    }

    /// Whether it takes a word from the stack.
    fn is_popped(&self) -> bool {
        let stack = RegId(ArmReg::ARM_REG_SP.try_into().unwrap_or_default());
        self.operands
            .iter()
            .any(|it| matches!(it.op_type, ArmOperandType::Mem(memory) if memory.base() == stack))
            && self.operands.len() == 3
    }

    /// Whether it stops the program or leaves it for a while.
    fn is_trap(&self) -> bool {
        use ArmInsn::{ARM_INS_BKPT, ARM_INS_HLT, ARM_INS_SVC, ARM_INS_UDF};
        matches!(
            self.kind,
            ARM_INS_BKPT | ARM_INS_HLT | ARM_INS_SVC | ARM_INS_UDF
        )
    }

    fn text(&self) -> String {
        let [mnemonic, operands] = [self.instruction.mnemonic(), self.instruction.op_str()];
        format!(
            "{} {}",
            mnemonic.unwrap_or_default(),
            operands.unwrap_or_default()
        )
    }
}

fn register(operand: &ArmOperand) -> Option<ArmReg::Type> {
    match operand.op_type {
        ArmOperandType::Reg(register) => Some(register.0.into()),
        _ => None,
    }
}
