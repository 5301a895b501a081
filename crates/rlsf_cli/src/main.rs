//! The program `rlsf`: any program on rlsf's heap, and real workloads on it and on the
//! system's allocator, side by side.
//!
//! ```text
//! demo   the parent: plans, runs, compares, prints
//!   job      one child process: one workload on one heap
//!   report   what all children found, and the medians
//!   json_file         the report for programs
//!   table, picture, screen, units   how it is shown
//! child  the child: prepares the input, runs the workload, answers in JSON
//!   workload   json, words, lru
//!   allocator  which heap the process lives on, and the measuring layer
//!     meter, histogram, heap_map, figures
//! run    any program, with the library preloaded; also recorded
//! replay a trace on our heap
//! ```

mod allocator;
mod args;
mod checksum;
mod child;
mod demo;
mod error;
mod figures;
mod heap_map;
mod histogram;
mod input;
mod job;
mod json_file;
mod meter;
mod outcome;
mod picture;
mod random;
mod replay;
mod report;
mod run;
mod screen;
mod table;
mod units;
mod workload;

use args::{Arguments, Command};
use clap::Parser;
use error::Error;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator::new();

fn main() -> ExitCode {
    match start() {
        Ok(code) => code,
        Err(error) => error.tell(),
    }
}

fn start() -> Result<ExitCode, Error> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return args::answer(&answer).map(|()| ExitCode::SUCCESS),
    };
    match arguments.command {
        None => demo::run(&arguments.demo)?,
        Some(Command::Demo(options)) => demo::run(&options)?,
        Some(Command::Child(options)) => child::run(&options)?,
        Some(Command::Run(options)) => return run::run(&options),
        Some(Command::Replay(options)) => replay::run(&options)?,
        Some(Command::Record(options)) => return run::record(&options),
    }
    Ok(ExitCode::SUCCESS)
}
