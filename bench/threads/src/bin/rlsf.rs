//! The workloads on this project's heap behind one lock.

use std::process::ExitCode;

#[global_allocator]
static HEAP: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
