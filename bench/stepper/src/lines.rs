//! Which cache lines a call touches: the operands of each instruction, looked at before it runs.

use std::collections::HashSet;

use iced_x86::{Decoder, DecoderOptions, InstructionInfoFactory, OpAccess, Register, UsedMemory};
use nix::libc::user_regs_struct;

/// The bytes of a cache line.
const LINE: u64 = 64;

/// How far the stack of a call may reach below where it is at the entry, and the caller's above.
const STACK: u64 = 1 << 16;

/// The distinct cache lines that a call touches, but for those of code and of its stack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Those that are read.
    pub read: usize,
    /// Those that are written.
    pub written: usize,
    /// Those that are read or written.
    pub touched: usize,
}

/// Collects the lines of a call.
pub(crate) struct Collector {
    factory: InstructionInfoFactory,
    stack: u64,
    read: HashSet<u64>,
    written: HashSet<u64>,
}

impl Collector {
    /// Starts with a call whose stack is at an address.
    pub(crate) fn new(stack: u64) -> Self {
        Self {
            factory: InstructionInfoFactory::new(),
            stack,
            read: HashSet::new(),
            written: HashSet::new(),
        }
    }

    /// Looks at the instruction that runs next: its bytes, and the registers before it.
    pub(crate) fn look(&mut self, code: &[u8], registers: &user_regs_struct) {
        let mut decoder = Decoder::with_ip(64, code, registers.rip, DecoderOptions::NONE);
        let instruction = decoder.decode();
        let info = self.factory.info(&instruction);
        for memory in info.used_memory() {
            let bytes = u64::try_from(memory.memory_size().size())
                .unwrap_or(0)
                .max(1);
            let Some(address) = address(memory, registers) else {
                continue;
            };
            if address.abs_diff(self.stack) < STACK {
                continue;
            }
            let lines = address / LINE..=(address + bytes - 1) / LINE;
            let (reads, writes) = kinds(memory.access());
            for line in lines {
                if reads {
                    self.read.insert(line);
                }
                if writes {
                    self.written.insert(line);
                }
            }
        }
    }

    /// What has been collected.
    pub(crate) fn lines(&self) -> Lines {
        Lines {
            read: self.read.len(),
            written: self.written.len(),
            touched: self.read.union(&self.written).count(),
        }
    }
}

/// Whether an access reads, and whether it writes; a conditional one does.
fn kinds(access: OpAccess) -> (bool, bool) {
    match access {
        OpAccess::Read | OpAccess::CondRead => (true, false),
        OpAccess::Write | OpAccess::CondWrite => (false, true),
        OpAccess::ReadWrite | OpAccess::ReadCondWrite => (true, true),
        _ => (false, false),
    }
}

/// The address of an operand.
fn address(memory: &UsedMemory, registers: &user_regs_struct) -> Option<u64> {
    memory.virtual_address(0, |register, _, _| value(register, registers))
}

/// What a register has.
fn value(register: Register, registers: &user_regs_struct) -> Option<u64> {
    let full = match register.full_register() {
        Register::RAX => registers.rax,
        Register::RBX => registers.rbx,
        Register::RCX => registers.rcx,
        Register::RDX => registers.rdx,
        Register::RSI => registers.rsi,
        Register::RDI => registers.rdi,
        Register::RBP => registers.rbp,
        Register::RSP => registers.rsp,
        Register::R8 => registers.r8,
        Register::R9 => registers.r9,
        Register::R10 => registers.r10,
        Register::R11 => registers.r11,
        Register::R12 => registers.r12,
        Register::R13 => registers.r13,
        Register::R14 => registers.r14,
        Register::R15 => registers.r15,
        Register::FS => registers.fs_base,
        Register::GS => registers.gs_base,
        Register::CS | Register::DS | Register::ES | Register::SS => 0,
        _ => return None,
    };
    Some(full)
}
