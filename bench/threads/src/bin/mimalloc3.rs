//! The workloads on mimalloc, version 3.

use std::process::ExitCode;

#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
