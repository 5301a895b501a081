//! The project's maintenance tasks: `cargo xtask <task>`.
//!
//! `tidy` reads the sources and the documents, `certify` proves from the machine code what an operation takes
//! at most, `msrv` asks the oldest supported compiler, `test32` runs the tests on 32 bits, `arm64` those of shared heaps on Arm, `prove` searches
//! every state of small heaps, `fuzz` makes up programs of operations, `misuse` counts what heaps notice, and `ci`
//! runs all of them and the rest.

mod arm64;
mod certify;
mod ci;
mod debian;
mod firmware;
mod fuzz;
mod library;
mod lock;
mod misuse;
mod msan;
mod msrv;
mod process;
mod program;
mod prove;
mod real_programs;
mod shipped;
mod tables;
mod test32;
mod tidy;
mod tsan;
mod wasm;
mod watched;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use workspace::Workspace;

/// What the command line says.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The project's maintenance tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

/// One task.
#[derive(Subcommand)]
enum Task {
    /// Check layering, lengths, leftovers and documents
    Tidy,
    /// Prove from the machine code what the heap's operations take at most
    Certify(certify::Options),
    /// Compile and test the crate `rlsf` with the oldest compiler at hand
    Msrv {
        /// Use this rustup toolchain (for example 1.61.0) instead of Debian's rustc 1.63
        #[arg(long, value_name = "NAME")]
        toolchain: Option<String>,
    },
    /// Run the tests of the crate `rlsf` natively on 32-bit x86
    Test32,
    /// Run the tests of heaps that threads share on 64-bit Arm, in QEMU
    Arm64,
    /// Visit every state that small heaps can reach, and prove the arithmetic of the bins
    Prove(prove::Options),
    /// Make up inputs for the fuzz targets, under `AddressSanitizer`
    Fuzz(fuzz::Options),
    /// Misuse our heap and others, and count what they notice
    Misuse(misuse::Options),
    /// Run the tests of the crate `rlsf` under `MemorySanitizer`
    Msan,
    /// Run the tests of the crate `rlsf_threads` under `ThreadSanitizer`
    Tsan,
    /// Have Valgrind and `AddressSanitizer` watch what a program does to its heap's memory
    Watched,
    /// Build the programs for microcontrollers, run them in QEMU and print their figures
    Firmware(firmware::Options),
    /// Build, test and measure what runs as WebAssembly
    Wasm(wasm::Options),
    /// Run the tests of the C side with the library as it is shipped
    Shipped,
    /// Run real programs on our heap and on others', and compare
    RealPrograms(real_programs::Options),
    /// Put the figures of the benchmarks' results into the documents' tables
    Tables(tables::Options),
    /// Run every step of continuous integration, in order, up to the first failure
    Ci {
        /// Run only these steps
        #[arg(long, value_name = "STEP", value_delimiter = ',')]
        only: Vec<String>,
        /// Print the steps and stop
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does `task`.
fn run(task: Task) -> Result<()> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Tidy => tidy::run(&workspace),
        Task::Certify(options) => certify::run(&workspace, &options),
        Task::Msrv { toolchain } => msrv::run(&workspace, toolchain.as_deref()),
        Task::Test32 => test32::run(&workspace),
        Task::Arm64 => arm64::run(&workspace),
        Task::Prove(options) => prove::run(&workspace, &options),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Misuse(options) => misuse::run(&workspace, &options),
        Task::Watched => watched::run(&workspace),
        Task::Msan => msan::run(&workspace),
        Task::Tsan => tsan::run(&workspace),
        Task::Shipped => shipped::run(&workspace),
        Task::RealPrograms(options) => real_programs::run(&workspace, &options),
        Task::Firmware(options) => firmware::run(&workspace, &options),
        Task::Wasm(options) => wasm::run(&workspace, &options),
        Task::Tables(options) => tables::run(&workspace, &options),
        Task::Ci { list: true, .. } => {
            ci::list();
            Ok(())
        }
        Task::Ci { only, .. } => ci::run(&workspace, &only),
    }
}
