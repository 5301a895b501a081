//! The workloads on snmalloc.

use std::process::ExitCode;

#[global_allocator]
static HEAP: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
