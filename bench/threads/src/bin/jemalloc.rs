//! The workloads on jemalloc.

use std::process::ExitCode;

#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
