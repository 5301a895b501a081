//! The records of a run, for people.

use super::record::Record;
use crate::screen::Screen;
use crate::units;
use core::fmt::Write;

/// The figures of the process that was started, and the sums of those that it started.
pub(super) fn render(records: &[Record], pid: u32, program: &str) -> String {
    let (own, others): (Vec<_>, Vec<_>) = records.iter().partition(|record| record.pid == pid);
    let mut text = match own.last() {
        Some(record) => of_one(record),
        None => format!(
            "rlsf: {program} left no statistics: it was killed, a signal's handler ended it within \
             the heap, or preloading did not reach it\n"
        ),
    };
    if !others.is_empty() {
        text.push_str(&of_others(&others));
    }
    Screen::detect(false).fit(&text)
}

fn of_one(record: &Record) -> String {
    let Record { pid, program, .. } = record;
    let mut text = format!("rlsf: statistics of {program} (process {pid})\n");
    for (name, value) in lines(record) {
        // A string takes what it is given.
        let _ = writeln!(text, "  {name:<17}{value}");
    }
    text
}

fn lines(record: &Record) -> [(&'static str, String); 8] {
    let bytes = units::bytes;
    let at_end = bytes(record.live_bytes);
    let in_use = record.live_bytes + record.overhead_bytes;
    let overhead = bytes(record.overhead_bytes);
    let share = units::percent(record.overhead_bytes, in_use);
    let (taken, back) = (bytes(record.taken_bytes), bytes(record.given_back_bytes));
    let pools = bytes(record.pool_bytes);
    let fragmentation = 100.0 * record.fragmentation;
    let (largest, free) = (bytes(record.largest_free), bytes(record.free_bytes));
    let slowest = units::nanoseconds(record.slowest_ns);
    [
        ("operations", operations(record)),
        (
            "live at the end",
            format!("{at_end} in {} blocks", record.live_blocks),
        ),
        ("peak", bytes(record.peak_bytes)),
        ("overhead", format!("{overhead} ({share})")),
        (
            "pages",
            format!("{taken} taken, {back} given back, {pools} in pools"),
        ),
        (
            "fragmentation",
            format!("{fragmentation:.1}% (largest free block {largest} of {free})"),
        ),
        ("largest request", bytes(record.largest_request)),
        (
            "slowest call",
            format!("{slowest} ({})", record.slowest_kind),
        ),
    ]
}

fn operations(record: &Record) -> String {
    let made = record.operations.kinds().into_iter();
    let made = made.filter(|(_, count)| *count != 0);
    let mut made: Vec<String> = made
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    if record.failed != 0 {
        made.push(format!("of which {} failed", record.failed));
    }
    if made.is_empty() {
        return "none".to_owned();
    }
    made.join(", ")
}

fn of_others(records: &[&Record]) -> String {
    let count = records.len();
    let processes = if count == 1 { "process" } else { "processes" };
    let operations: u64 = records.iter().map(|record| record.operations.total()).sum();
    let peak = records.iter().map(|record| record.peak_bytes).max();
    let peak = units::bytes(peak.unwrap_or(0));
    format!("  and {count} more {processes}: {operations} operations, the largest peak {peak}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(pid: u32) -> Record {
        let line = format!(
            r#"{{"pid":{pid},"parent":1,"program":"sh","operations":{{"malloc":7,"calloc":0,
            "realloc":2,"aligned":0,"new":0,"free":5,"delete":0}},"failed":1,"live_blocks":2,
            "live_bytes":2048,"peak_bytes":4096,"overhead_bytes":16,"pool_bytes":1048576,
            "free_bytes":1000000,"largest_free":900000,"fragmentation":0.1,"largest_request":512,
            "slowest_ns":1234,"slowest_kind":"malloc","taken_bytes":1048576,"given_back_bytes":0}}"#
        );
        let records = Record::parse_all(&line.replace('\n', ""));
        records.into_iter().next().unwrap()
    }

    #[test]
    fn the_process_that_was_started_is_shown_whole_and_the_others_in_sum() {
        let text = render(&[record(3), record(5), record(7)], 5, "sh");
        assert!(text.contains("statistics of sh (process 5)"), "{text}");
        assert!(
            text.contains("7 malloc, 2 realloc, 5 free, of which 1 failed"),
            "{text}"
        );
        assert!(text.contains("10.0% (largest free block"), "{text}");
        assert!(
            text.contains("and 2 more processes: 28 operations"),
            "{text}"
        );
    }

    #[test]
    fn a_program_without_a_record_is_said_to_have_none() {
        let text = render(&[], 5, "sh");
        assert!(text.contains("sh left no statistics"), "{text}");
    }

    #[test]
    fn half_a_line_is_no_record() {
        assert!(Record::parse_all("{\"pid\":1,\n").is_empty());
    }
}
