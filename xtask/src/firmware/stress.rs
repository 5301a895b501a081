//! The instructions that the stress has counted.

use anyhow::{bail, ensure, Context, Result};

use super::Run;

/// One heap's line.
pub(super) struct Line {
    run: String,
    heap: String,
    /// Mean instructions of a free and an allocation.
    pair: f64,
    /// Of an allocation at no more than 8 bytes.
    plain: f64,
    /// Of an allocation at 16 or 32 bytes.
    aligned: f64,
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
    let [pair, plain, aligned, longest_allocation, longest_free, refused] = numbers[..] else {
        bail!("`{line}` is no line of the stress");
    };
    let mean = |hundredths| f64::from(hundredths) / 100.0;
    Ok(Line {
        run: run.to_string(),
        heap,
        pair: mean(pair),
        plain: mean(plain),
        aligned: mean(aligned),
        longest_allocation,
        longest_free,
        refused,
    })
}

/// Prints the lines.
pub(super) fn report(lines: &[Line]) -> Result<()> {
    println!(
        "\ninstructions: mean of a free and an allocation, its ratio to rlsf 0.2.3's; mean of an"
    );
    println!("allocation at up to 8 bytes, at 16 or 32; the longest allocation and free");
    for three in lines.chunks(3) {
        let published = three.last().context("three heaps a run")?;
        println!("{}", three[0].run);
        for line in three {
            let ratio = line.pair / published.pair;
            print!("  {:<12} {:>8.2} {ratio:>6.3}", line.heap, line.pair);
            print!(" {:>8.2} {:>8.2}", line.plain, line.aligned);
            let (allocation, free) = (line.longest_allocation, line.longest_free);
            println!(" {allocation:>6} {free:>4}");
            ensure!(line.refused == 0, "{} refused {}", line.heap, line.refused);
        }
    }
    Ok(())
}
