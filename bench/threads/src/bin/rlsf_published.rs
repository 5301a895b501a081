//! The workloads on the published release's heap behind one lock.

use std::process::ExitCode;

#[global_allocator]
static HEAP: rlsf_peer::GlobalTlsf = rlsf_peer::GlobalTlsf::new();

fn main() -> ExitCode {
    rlsf_bench_threads::program::main()
}
