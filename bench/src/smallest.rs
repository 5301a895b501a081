//! The smallest pool in which something succeeds.

/// Pools are multiples of this, in bytes.
const STEP: usize = 64;

/// The largest pool that is tried, in peaks of live bytes.
const MOST_PEAKS: usize = 64;

/// What a try came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Try {
    /// Every request was met.
    Completes,
    /// One was not.
    Fails,
    /// It took too long.
    Slow,
}

/// The smallest pool in which `attempt` completes, to within `tolerance` bytes, or why there is none; it holds
/// `peak` bytes at least. By bisection: of a heap that completes in some pool and not in a larger one, it is the
/// end of some range of sizes.
pub(crate) fn smallest_pool(
    peak: usize,
    tolerance: usize,
    attempt: impl Fn(usize) -> Try,
) -> Result<usize, Try> {
    let peak = peak.next_multiple_of(STEP);
    let mut fails = peak - STEP;
    let mut completes = peak;
    loop {
        match attempt(completes) {
            Try::Completes => break,
            Try::Slow => return Err(Try::Slow),
            Try::Fails if completes > MOST_PEAKS * peak => return Err(Try::Fails),
            Try::Fails => {
                fails = completes;
                // A quarter more, and a page in which a small trace has room for control blocks.
                completes = (completes + completes / 4 + 4096).next_multiple_of(STEP);
            }
        }
    }
    while completes - fails > tolerance.max(STEP) {
        let middle = (fails + (completes - fails) / 2).next_multiple_of(STEP);
        match attempt(middle) {
            Try::Completes => completes = middle,
            Try::Fails => fails = middle,
            Try::Slow => return Err(Try::Slow),
        }
    }
    Ok(completes)
}
