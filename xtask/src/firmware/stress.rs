//! The instructions that the stress has counted.

use anyhow::{ensure, Context, Result};

use super::Run;

/// One heap's line.
pub(super) struct Line {
    run: String,
    heap: String,
    /// Instructions of a free and an allocation, in hundredths.
    pair: f64,
    longest_allocation: u32,
    longest_free: u32,
    refused: u32,
}

/// The lines that the stress `run` has printed.
pub(super) fn read(run: &Run, printed: &str) -> Result<Vec<Line>> {
    if run.program != "stress" {
        return Ok(Vec::new());
    }
    let lines = printed
        .lines()
        .filter_map(|line| line.strip_prefix("figure "));
    let lines: Vec<_> = lines.map(|line| parse(run, line)).collect::<Result<_>>()?;
    ensure!(lines.len() == 3, "{run} has not measured three heaps");
    Ok(lines)
}

/// Reads one line.
fn parse(run: &Run, line: &str) -> Result<Line> {
    let mut words = line.split(' ');
    let heap = words.next().unwrap_or_default().to_owned();
    let numbers: Vec<u32> = words.map(str::parse).collect::<Result<_, _>>()?;
    let [pair, longest_allocation, longest_free, refused] = numbers[..] else {
        return Err(anyhow::anyhow!("`{line}` is no line of the stress"));
    };
    Ok(Line {
        run: run.to_string(),
        heap,
        pair: f64::from(pair) / 100.0,
        longest_allocation,
        longest_free,
        refused,
    })
}

/// Prints the lines; ours must not be slower than the published crate's.
pub(super) fn report(lines: &[Line]) -> Result<()> {
    println!("\ninstructions of a free and an allocation: mean, its ratio to rlsf 0.2.3's; the longest of each");
    for three in lines.chunks(3) {
        let published = three.last().context("three heaps a run")?;
        println!("{}", three[0].run);
        for line in three {
            let ratio = line.pair / published.pair;
            println!(
                "  {:<12} {:>8.2} {ratio:>6.3}   allocation {:>4}, free {:>4}, refused {}",
                line.heap, line.pair, line.longest_allocation, line.longest_free, line.refused
            );
        }
    }
    Ok(())
}
