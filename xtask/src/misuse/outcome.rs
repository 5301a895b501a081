//! What became of a case, read from what its process printed and how it ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use anyhow::{bail, ensure, Result};

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The heap said so, or ended the process, in the misuse itself.
    AtOnce,
    /// In the next operation: the block is freed or, if it was, one like it is allocated.
    Next,
    /// In a later operation.
    Later,
    /// The process ran into memory that it does not have.
    Fault,
    /// The process did not come to its end.
    Hung,
    /// Nothing noticed.
    Unseen,
    /// The case makes no sense on this heap.
    Impossible,
}

impl Outcome {
    /// All that count, as the tables name them.
    pub(super) const COUNTED: [(Self, &'static str); 6] = [
        (Self::AtOnce, "at once"),
        (Self::Next, "next"),
        (Self::Later, "later"),
        (Self::Fault, "fault"),
        (Self::Hung, "hung"),
        (Self::Unseen, "unseen"),
    ];

    pub(super) fn name(self) -> &'static str {
        let mut counted = Self::COUNTED.iter();
        let known = counted.find(|(outcome, _)| *outcome == self);
        known.map_or("impossible", |(_, name)| name)
    }

    /// Whether the heap noticed. A fault is none of its doing, unless it keeps pages that cannot be touched.
    pub(super) fn is_caught(self) -> bool {
        self.is_soon() || self == Self::Later
    }

    /// Whether it did not take the heap longer than the next operation.
    pub(super) fn is_soon(self) -> bool {
        matches!(self, Self::AtOnce | Self::Next)
    }
}

/// How far the program came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Misuse,
    Next,
    After,
    End,
    Impossible,
}

impl Stage {
    /// The stage that a line of the program begins; the others are the heap's.
    fn begun_by(line: &str) -> Option<Self> {
        match line {
            "begin" => Some(Self::Misuse),
            "done" => Some(Self::Next),
            "next" => Some(Self::After),
            "end" => Some(Self::End),
            "none" => Some(Self::Impossible),
            _ => None,
        }
    }

    /// What it means that the heap noticed then.
    fn noticed(self) -> Result<Outcome> {
        match self {
            Self::Misuse => Ok(Outcome::AtOnce),
            Self::Next => Ok(Outcome::Next),
            Self::After => Ok(Outcome::Later),
            _ => bail!("the heap finds fault where there is none"),
        }
    }
}

/// The codes by which the program ends if the heap goes wrong, but says nothing.
const WRONG: [i32; 2] = [3, 4];

/// What became of the misuse of a process that ended with `status` and printed this.
///
/// # Errors
///
/// It ended before the misuse, or by something else.
pub(super) fn of_misuse(status: ExitStatus, printed: &str) -> Result<Outcome> {
    let (stage, said) = read(printed);
    if stage == Stage::Impossible {
        return Ok(Outcome::Impossible);
    }
    if let Some(stage) = said {
        return stage.noticed();
    }
    ensure!(
        stage != Stage::Before,
        "it ended before the misuse: {status}"
    );
    match (status.signal(), status.code()) {
        (Some(libc::SIGABRT | libc::SIGILL | libc::SIGTRAP), _) => stage.noticed(),
        (Some(libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE), _) => Ok(Outcome::Fault),
        (Some(libc::SIGALRM), _) => Ok(Outcome::Hung),
        (_, Some(0)) if stage == Stage::End => Ok(Outcome::Unseen),
        (_, Some(code)) if WRONG.contains(&code) => Ok(Outcome::Unseen),
        (_, Some(_)) => stage.noticed(),
        _ => bail!("it ended with {status}"),
    }
}

/// Whether the process of a program without a misuse came to its end, and nothing was said.
///
/// # Errors
///
/// It did not.
pub(super) fn of_control(status: ExitStatus, printed: &str) -> Result<()> {
    let (stage, said) = read(printed);
    let is_well = stage == Stage::End && said.is_none() && status.success();
    ensure!(is_well, "{status}: {}", printed.trim_end());
    Ok(())
}

/// How far the program came, and the stage in which the first line of another was printed.
fn read(printed: &str) -> (Stage, Option<Stage>) {
    let (mut stage, mut said) = (Stage::Before, None);
    for line in printed.lines().filter(|line| !line.trim().is_empty()) {
        match Stage::begun_by(line) {
            Some(begun) => stage = begun,
            None => said = said.or(Some(stage)),
        }
    }
    (stage, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: i32, printed: &str) -> Outcome {
        of_misuse(ExitStatus::from_raw(status), printed).unwrap()
    }

    #[test]
    fn an_abort_counts_for_the_stage_in_which_it_comes() {
        assert_eq!(outcome(libc::SIGABRT, "begin\n"), Outcome::AtOnce);
        assert_eq!(outcome(libc::SIGTRAP, "begin\ndone\n"), Outcome::Next);
        let after = "begin\ndone\nnext\n";
        assert_eq!(outcome(libc::SIGILL, after), Outcome::Later);
        assert_eq!(outcome(1 << 8, after), Outcome::Later);
    }

    #[test]
    fn a_message_counts_though_the_program_goes_on_or_faults() {
        let said = "begin\nheap: double free\ndone\nend\n";
        assert_eq!(outcome(0, said), Outcome::AtOnce);
        assert_eq!(
            outcome(libc::SIGSEGV, "begin\ndone\nheap: x\n"),
            Outcome::Next
        );
    }

    #[test]
    fn what_the_heap_does_not_say_is_not_caught() {
        assert_eq!(outcome(0, "begin\ndone\nend\n"), Outcome::Unseen);
        assert_eq!(outcome(4 << 8, "begin\ndone\n"), Outcome::Unseen);
        assert_eq!(outcome(libc::SIGSEGV, "begin\n"), Outcome::Fault);
        assert_eq!(outcome(libc::SIGALRM, "begin\ndone\n"), Outcome::Hung);
        assert_eq!(outcome(0, "none\n"), Outcome::Impossible);
    }

    #[test]
    fn what_comes_before_the_misuse_is_an_error() {
        let abort = ExitStatus::from_raw(libc::SIGABRT);
        assert!(of_misuse(abort, "heap: x\n").is_err());
        assert!(of_misuse(abort, "").is_err());
        assert!(of_misuse(ExitStatus::from_raw(libc::SIGKILL), "begin\n").is_err());
    }

    #[test]
    fn a_control_comes_to_its_end_and_nothing_is_said() {
        let well = ExitStatus::from_raw(0);
        assert!(of_control(well, "begin\ndone\nend\n").is_ok());
        assert!(of_control(well, "begin\nheap: x\ndone\nend\n").is_err());
        assert!(of_control(well, "begin\ndone\n").is_err());
        assert!(of_control(ExitStatus::from_raw(3 << 8), "begin\ndone\nend\n").is_err());
    }
}
