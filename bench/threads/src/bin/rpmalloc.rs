//! The workloads on rpmalloc.

use std::process::ExitCode;

#[global_allocator]
static HEAP: rpmalloc::RpMalloc = rpmalloc::RpMalloc;

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
