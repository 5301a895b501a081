//! `cargo xtask ci`: every step in order, each with its time, up to the first failure.

mod readme;
mod steps;

use core::time::Duration;
use std::time::Instant;

use anyhow::{ensure, Context, Result};

use crate::workspace::Workspace;
use steps::{Step, STEPS};

/// Prints the names of the steps.
pub(crate) fn list() {
    for step in &STEPS {
        println!("{:<20} {}", step.name, step.what);
    }
}

/// Runs the steps, or only those named.
///
/// # Errors
///
/// A step fails, or there is no step of a given name.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<()> {
    for name in only {
        let exists = STEPS.iter().any(|step| step.name == name);
        ensure!(
            exists,
            "there is no step `{name}`; see `cargo xtask ci --list`"
        );
    }
    let is_chosen = |step: &&Step| only.is_empty() || only.iter().any(|it| it == step.name);
    let chosen: Vec<_> = STEPS.iter().filter(is_chosen).collect();
    let mut times = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        println!(
            "\n== {}/{} {}: {}",
            index + 1,
            chosen.len(),
            step.name,
            step.what
        );
        let start = Instant::now();
        step.run(workspace)
            .with_context(|| format!("the step `{}` failed", step.name))?;
        println!("== {}: passed in {}", step.name, seconds(start.elapsed()));
        times.push((step.name, start.elapsed()));
    }
    println!("\n== all {} steps passed", times.len());
    for (name, time) in &times {
        println!("{name:<20} {:>9}", seconds(*time));
    }
    let total = times.iter().map(|(_, time)| *time).sum();
    println!("{:<20} {:>9}", "total", seconds(total));
    Ok(())
}

/// `time` for people.
fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
