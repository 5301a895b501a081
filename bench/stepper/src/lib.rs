//! Exact counts of user-mode instructions: a forked child runs the operations, its parent executes
//! them one by one.
//!
//! The child announces an operation with a breakpoint that carries a tag and calls one of a few
//! known functions. The parent lets the child run up to the breakpoint, steps to the function's
//! entry, and counts from there to its return: the call, everything that it executes, and the
//! return.

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!("it counts instructions of x86-64 Linux processes: build it there");

mod deadline;
mod lines;

use core::arch::asm;
use core::mem::offset_of;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic;

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, AddressType};
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{waitpid, WaitStatus};
use nix::unistd::{fork, ForkResult, Pid};

use deadline::Deadline;
use lines::Collector;
pub use lines::Lines;

/// Where a traced process keeps the address of its next instruction.
const INSTRUCTION_POINTER: usize =
    offset_of!(libc::user, regs) + offset_of!(libc::user_regs_struct, rip);

/// The exit status of a child whose operations were not possible.
const IMPOSSIBLE: i32 = 3;

/// One counted call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The tag of the announcement.
    pub tag: u32,
    /// Which of the functions was called: its place in the list.
    pub function: usize,
    /// The instructions from the call to the return, both included.
    pub instructions: u64,
    /// The cache lines that they touch, if that was asked for.
    pub lines: Option<Lines>,
}

/// How a traced run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With all its operations.
    Finished,
    /// The operations were not possible, or the child failed.
    Failed,
    /// The time was up.
    TimeIsUp,
}

/// The samples of a run, and whether they are all.
#[derive(Debug, PartialEq, Eq)]
pub struct Trace {
    /// One sample an announced call, in their order.
    pub samples: Vec<Sample>,
    /// How the run ended.
    pub outcome: Outcome,
}

/// Why a call has no sample.
enum Interrupted {
    Ended(Outcome),
    System(Errno),
}

impl From<Errno> for Interrupted {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

/// Announces to the tracing parent that one of the counted functions is called next.
pub fn announce(tag: u32) {
    // SAFETY: the breakpoint stops the process for its tracer and changes nothing.
    unsafe { asm!("int3", in("eax") tag, options(nostack, preserves_flags)) };
}

/// Runs `operations` in a child and counts every announced call of one of `functions` (addresses).
/// The operations return nothing if they are not possible.
///
/// # Errors
/// The system does not let us trace a child.
pub fn trace(
    functions: &[usize],
    limit: Duration,
    operations: impl FnOnce() -> Option<()>,
) -> Result<Trace, Errno> {
    observe(functions, limit, operations, false)
}

/// The same, with the cache lines that each call touches: twice as slow.
///
/// # Errors
/// The system does not let us trace a child.
pub fn trace_lines(
    functions: &[usize],
    limit: Duration,
    operations: impl FnOnce() -> Option<()>,
) -> Result<Trace, Errno> {
    observe(functions, limit, operations, true)
}

fn observe(
    functions: &[usize],
    limit: Duration,
    operations: impl FnOnce() -> Option<()>,
    sees_lines: bool,
) -> Result<Trace, Errno> {
    // SAFETY: the child runs the operations, which lock nothing but the system's allocator, and
    // exits.
    match unsafe { fork() }? {
        ForkResult::Child => run_child(operations),
        ForkResult::Parent { child } => {
            let deadline = Deadline::after(limit);
            let mut tracer = Tracer {
                child,
                deadline,
                functions,
                sees_lines,
                samples: Vec::new(),
            };
            let interrupted = tracer.run();
            tracer.end();
            match interrupted {
                Interrupted::Ended(outcome) => Ok(Trace {
                    samples: tracer.samples,
                    outcome,
                }),
                Interrupted::System(errno) => Err(errno),
            }
        }
    }
}

/// Runs the operations as a traced process.
fn run_child(operations: impl FnOnce() -> Option<()>) -> ! {
    let traced = ptrace::traceme().and_then(|()| signal::raise(Signal::SIGSTOP));
    let outcome = traced.map(|()| panic::catch_unwind(AssertUnwindSafe(operations)));
    let status = if matches!(outcome, Ok(Ok(Some(())))) {
        0
    } else {
        IMPOSSIBLE
    };
    // SAFETY: ends the child at once, without the parent's exit handlers.
    unsafe { libc::_exit(status) }
}

/// The parent's side.
struct Tracer<'a> {
    child: Pid,
    deadline: Deadline,
    functions: &'a [usize],
    sees_lines: bool,
    samples: Vec<Sample>,
}

impl Tracer<'_> {
    /// Collects samples and returns what put an end to that.
    fn run(&mut self) -> Interrupted {
        let start = self.wait_for(Signal::SIGSTOP);
        let mut counted = start.and_then(|()| self.next_sample());
        loop {
            match counted {
                Ok(sample) => self.samples.push(sample),
                Err(interrupted) => return interrupted,
            }
            counted = self.next_sample();
        }
    }

    /// Lets the child run to its next announcement and counts the call.
    fn next_sample(&mut self) -> Result<Sample, Interrupted> {
        ptrace::cont(self.child, None)?;
        match waitpid(self.child, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => self.count_call(),
            WaitStatus::Exited(_, 0) => Err(Interrupted::Ended(Outcome::Finished)),
            _ => Err(Interrupted::Ended(Outcome::Failed)),
        }
    }

    /// Counts the call that was announced.
    fn count_call(&mut self) -> Result<Sample, Interrupted> {
        let announced = ptrace::getregs(self.child)?;
        let tag = u32::try_from(announced.rax & 0xffff_ffff).expect("32 bits");
        let function = self.step_to_entry()?;
        let stack_at_entry = ptrace::getregs(self.child)?.rsp;
        let return_address = self.read_word(stack_at_entry)?;
        let mut collector = self.sees_lines.then(|| Collector::new(stack_at_entry));
        let mut instructions = 1;
        loop {
            if let Some(collector) = &mut collector {
                self.look(collector)?;
            }
            self.step()?;
            instructions += 1;
            let returned = self.next_instruction()? == return_address
                && ptrace::getregs(self.child)?.rsp == stack_at_entry.wrapping_add(8);
            if returned {
                return Ok(Sample {
                    tag,
                    function,
                    instructions,
                    lines: collector.map(|collector| collector.lines()),
                });
            }
        }
    }

    /// Shows the instruction that runs next to the collector.
    fn look(&self, collector: &mut Collector) -> Result<(), Errno> {
        let registers = ptrace::getregs(self.child)?;
        // The longest instructions have 15 bytes. The second word may lie in a page that is none.
        let first = self.read_word(registers.rip)?;
        let second = self.read_word(registers.rip + 8).unwrap_or(0);
        let mut code = [0; 16];
        code[..8].copy_from_slice(&first.to_le_bytes());
        code[8..].copy_from_slice(&second.to_le_bytes());
        collector.look(&code, &registers);
        Ok(())
    }

    /// Steps until one of the functions was called.
    fn step_to_entry(&mut self) -> Result<usize, Interrupted> {
        loop {
            self.step()?;
            let here = self.next_instruction()?;
            let called =
                |&function: &usize| u64::try_from(function).is_ok_and(|address| address == here);
            if let Some(function) = self.functions.iter().position(called) {
                return Ok(function);
            }
        }
    }

    fn step(&mut self) -> Result<(), Interrupted> {
        if self.deadline.is_over() {
            return Err(Interrupted::Ended(Outcome::TimeIsUp));
        }
        ptrace::step(self.child, None)?;
        self.wait_for(Signal::SIGTRAP)
    }

    fn wait_for(&self, expected: Signal) -> Result<(), Interrupted> {
        match waitpid(self.child, None)? {
            WaitStatus::Stopped(_, signal) if signal == expected => Ok(()),
            _ => Err(Interrupted::Ended(Outcome::Failed)),
        }
    }

    fn next_instruction(&self) -> Result<u64, Errno> {
        let offset: AddressType = core::ptr::without_provenance_mut(INSTRUCTION_POINTER);
        ptrace::read_user(self.child, offset).map(i64::cast_unsigned)
    }

    fn read_word(&self, address: u64) -> Result<u64, Errno> {
        let address = usize::try_from(address).expect("64-bit addresses");
        ptrace::read(self.child, core::ptr::without_provenance_mut(address)).map(i64::cast_unsigned)
    }

    /// Ends the child if it is still there.
    fn end(&self) {
        if signal::kill(self.child, Signal::SIGKILL).is_ok() {
            let _ = waitpid(self.child, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    core::arch::global_asm!(
        ".globl rlsf_bench_known_count",
        "rlsf_bench_known_count:",
        "mov ecx, edi",
        "2:",
        "dec ecx",
        "jnz 2b",
        "ret",
    );

    extern "C" {
        fn rlsf_bench_known_count(rounds: u32);
    }

    #[test]
    fn a_loop_of_n_rounds_counts_2n_instructions_and_call_move_and_return() {
        let functions = [rlsf_bench_known_count as *const () as usize];
        let trace = trace(&functions, Duration::from_mins(1), || {
            for rounds in [1, 10, 1000] {
                announce(rounds);
                // SAFETY: the function counts down and returns.
                unsafe { rlsf_bench_known_count(rounds) };
            }
            Some(())
        });
        let sample = |rounds| Sample {
            tag: rounds,
            function: 0,
            instructions: u64::from(2 * rounds + 3),
            lines: None,
        };
        let expected = [1, 10, 1000].map(sample);
        assert_eq!(
            trace,
            Ok(Trace {
                samples: expected.to_vec(),
                outcome: Outcome::Finished
            })
        );
    }

    core::arch::global_asm!(
        ".globl rlsf_bench_known_lines",
        "rlsf_bench_known_lines:",
        "push rbx",
        "mov rbx, qword ptr [rdi]",      // reads line 0
        "mov eax, dword ptr [rdi + 20]", // again
        "inc dword ptr [rdi + 64]",      // reads and writes line 1
        "mov qword ptr [rdi + 188], 0",  // writes lines 2 and 3
        "mov byte ptr [rdi + 300], 1",   // writes line 4
        "lea rax, [rdi + 1000]",         // touches nothing
        "pop rbx",
        "ret",
    );

    extern "C" {
        fn rlsf_bench_known_lines(memory: *mut u8);
    }

    #[test]
    fn lines_are_told_by_what_is_done_to_them() {
        #[repr(align(64))]
        struct Memory([u8; 1024]);
        let mut memory = Box::new(Memory([0; 1024]));
        let functions = [rlsf_bench_known_lines as *const () as usize];
        let traced = trace_lines(&functions, Duration::from_mins(1), || {
            announce(0);
            // SAFETY: the function writes to a part of the memory.
            unsafe { rlsf_bench_known_lines(memory.0.as_mut_ptr()) };
            Some(())
        });
        let expected = Lines {
            read: 2,
            written: 4,
            touched: 5,
        };
        let samples = traced.expect("it can be traced").samples;
        let lines: Vec<_> = samples.iter().map(|sample| sample.lines).collect();
        assert_eq!(lines, [Some(expected)]);
    }

    #[test]
    fn operations_that_are_not_possible_give_no_samples() {
        let trace = trace(&[], Duration::from_mins(1), || None);
        assert_eq!(
            trace,
            Ok(Trace {
                samples: Vec::new(),
                outcome: Outcome::Failed
            })
        );
    }
}
