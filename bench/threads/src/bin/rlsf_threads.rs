//! The workloads on this project's heap a thread.

use std::process::ExitCode;

#[global_allocator]
static HEAP: rlsf_threads::ThreadedTlsf = rlsf_threads::ThreadedTlsf::new();

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
