//! The workloads on the system's heap.

use std::process::ExitCode;

#[global_allocator]
static HEAP: std::alloc::System = std::alloc::System;

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
