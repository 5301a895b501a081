//! A process that prints its figures as lines of JSON, one after the other.

use core::time::Duration;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};

use serde::de::DeserializeOwned;

/// How long a line may take.
const LIMIT: Duration = Duration::from_mins(2);

/// A running process.
#[derive(Debug)]
pub(crate) struct Reporter {
    process: Child,
    lines: Receiver<String>,
    complaint: Option<JoinHandle<String>>,
}

impl Reporter {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        // So that what it says of a fault is short.
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let spawned = command.spawn();
        let mut process = spawned.map_err(|error| format!("cannot be started: {error}"))?;
        let (sender, lines) = channel();
        let output = process.stdout.take().ok_or("no output")?;
        let errors = process.stderr.take().ok_or("no output")?;
        thread::spawn(move || forward(output, &sender));
        let complaint = Some(thread::spawn(move || summary(errors)));
        Ok(Self {
            process,
            lines,
            complaint,
        })
    }

    /// Waits for the next line. The error says what the process complained of.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => serde_json::from_str(&line).map_err(|error| format!("{error}: {line}")),
            Err(RecvTimeoutError::Timeout) => Err(format!("no figures after {LIMIT:?}")),
            Err(RecvTimeoutError::Disconnected) => Err(self.fault()),
        }
    }

    /// Why a process ended before its time.
    fn fault(&mut self) -> String {
        let status = self.process.wait();
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let complaint = self.complaint.take().and_then(|thread| thread.join().ok());
        format!("{status}: {}", complaint.unwrap_or_default())
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        // It has ended, or is to end now; neither can fail otherwise.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn forward(output: impl Read, sender: &Sender<String>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if sender.send(line).is_err() {
            return;
        }
    }
}

/// The first two lines: where and why a Rust program panicked.
fn summary(errors: impl Read) -> String {
    let lines = BufReader::new(errors).lines().map_while(Result::ok);
    let mut said: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    said.truncate(2);
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Reporter {
        Reporter::start(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn figures_come_in_their_order() {
        let mut reporter = shell("echo 1; echo 2");
        assert_eq!(reporter.next(), Ok(1));
        assert_eq!(reporter.next(), Ok(2));
    }

    #[test]
    fn an_early_end_is_an_error_with_status_and_complaint() {
        let mut reporter = shell("echo 1; echo changed >&2; exit 3");
        assert_eq!(reporter.next(), Ok(1));
        let fault = reporter.next::<u32>().unwrap_err();
        assert_eq!(fault, "exit status: 3: changed");
    }
}
