//! What the process has used: processor time and memory.

use core::time::Duration;
use std::fs;

/// The processor time of all threads so far.
pub(crate) fn processor_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes the time.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds)
}

/// The KiB that are resident now.
pub(crate) fn resident() -> u64 {
    status("VmRSS:")
}

/// The most KiB that were resident since the program started. `getrusage` would do worse: it
/// counts what the process had before it became this program.
pub(crate) fn peak() -> u64 {
    status("VmHWM:")
}

/// A line of the kernel's description of this process.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("the kernel tells the memory of a process")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_no_less_than_what_is_resident() {
        let now = resident();
        assert!(now > 0 && peak() >= now);
    }

    #[test]
    fn work_takes_processor_time() {
        let before = processor_time();
        while processor_time() == before {}
        assert!(processor_time() > before);
    }
}
