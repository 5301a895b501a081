//! Proofs by exhaustion.
// `bin`, `log2` and `size` are the crate's own sources, linted there: what is compared is the code itself.
#[allow(dead_code, clippy::all, clippy::pedantic)]
#[path = "../../rlsf/src/bin.rs"]
mod bin;
mod bins;
mod child;
mod count;
mod damage;
mod guarded;
#[allow(dead_code, clippy::all, clippy::pedantic)]
#[path = "../../rlsf/src/log2.rs"]
mod log2;
mod never_fails;
mod own;
mod promises;
mod rules;
mod search;
mod setup;
mod site;
#[allow(
    dead_code,
    unexpected_cfgs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic
)] // the crate has the feature
#[path = "../../rlsf/src/size.rs"]
mod size;
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
    /// Damage heaps by the million, and have them validated
    Damage {
        /// A hundred million times each
        #[arg(long)]
        long: bool,
    },
    /// Prove the arithmetic from sizes to bins by z3
    Bins,
    /// Visit every state within a demand, in the pool that never fails and in smaller ones
    NeverFails,
    /// Visit every state that small heaps can reach
    States {
        /// Larger pools: hours
        #[arg(long)]
        long: bool,
        /// Only these of the searches, numbered as `--list` does
        #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
        only: Vec<usize>,
        /// Tell the searches and how many states each has to reach, and do none
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().proof {
        Proof::Bins => bins::run(),
        Proof::Damage { long } => damage::run(long),
        Proof::NeverFails => never_fails::run(),
        Proof::States {
            long, list: true, ..
        } => {
            states::list(long);
            Ok(())
        }
        Proof::States { long, only, .. } => states::run(long, &only),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
