//! Proofs by exhaustion.
mod count;
mod promises;
mod rules;
mod search;
mod setup;
mod site;
mod spec;
mod state;
mod states;
mod step;
mod subject;
mod tightness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the command line says.
#[derive(Parser)]
#[command(about = "Proofs of the heap by exhaustion")]
struct Arguments {
    #[command(subcommand)]
    proof: Proof,
}

/// One proof.
#[derive(Subcommand)]
enum Proof {
    /// Visit every state that small heaps can reach
    States {
        /// Larger pools: hours
        #[arg(long)]
        long: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().proof {
        Proof::States { long } => states::run(long),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
