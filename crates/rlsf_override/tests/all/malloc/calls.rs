//! `RLSF_CALLS`: a misuse is told with who allocated the block, and who freed it.

use super::program::{hardened, has_cxx, said, Workshop};
use super::promises;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, with names that the loader knows.
fn compiled(workshop: &Workshop) -> PathBuf {
    workshop.compile(
        "calls",
        &["calls.c"],
        &["-rdynamic".as_ref(), "-ldl".as_ref()],
    )
}

/// A program that is to be traced.
fn traced(program: &Path) -> Command {
    let mut command = hardened(program);
    command.env("RLSF_CALLS", "1");
    command
}

/// Runs it to its end, which the library sets; the library's lines.
fn report(command: &mut Command) -> Vec<String> {
    let output = command.output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{text}");
    assert!(!text.contains("went on"), "{text}");
    text.lines().map(str::to_owned).collect()
}

/// The report of a misuse by the program.
fn report_of(program: &Path, arguments: [&str; 3]) -> Vec<String> {
    report(traced(program).args(arguments))
}

/// The first frame under a title.
fn frame<'a>(report: &'a [String], title: &str) -> &'a str {
    let title = format!("  {title}: ");
    let mut frames = report.iter().filter_map(|line| line.strip_prefix(&title));
    let frame = frames.next();
    assert_eq!(frames.next(), None, "{report:#?}");
    frame.unwrap_or_else(|| panic!("{title}{report:#?}"))
}

/// Whether a frame is in a function of the program.
fn is_in(frame: &str, function: &str, program: &Path) -> bool {
    let name = frame.strip_prefix(function);
    let name = name.and_then(|rest| rest.strip_prefix("+0x"));
    name.is_some_and(|rest| rest.contains(&format!(" ({}+0x", program.display())))
}

#[test]
fn an_overflow_by_a_byte_is_told_with_who_allocated_the_block() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    for size in ["1", "100", "5000", "400000", "3000000"] {
        let report = report_of(&program, ["overflow", "malloc", size]);
        assert!(report[0].contains("are overwritten"), "{report:#?}");
        let block = format!("  the block of {size} bytes at 0x");
        let is_told = report.iter().any(|line| line.starts_with(&block));
        assert!(is_told, "{report:#?}");
        assert!(
            is_in(frame(&report, "allocated by"), "make", &program),
            "{report:#?}"
        );
        assert!(
            is_in(frame(&report, "called by"), "give_back", &program),
            "{report:#?}"
        );
        let is_freed = report.iter().any(|line| line.contains("freed by"));
        assert!(!is_freed, "nobody has before: {report:#?}");
    }
}

#[test]
fn every_function_that_allocates_is_recorded() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    let functions = [
        "calloc",
        "realloc",
        "reallocarray",
        "posix_memalign",
        "aligned_alloc",
        "memalign",
        "valloc",
    ];
    for function in functions {
        let report = report_of(&program, ["overflow", function, "200"]);
        let found = frame(&report, "allocated by");
        assert!(is_in(found, "make", &program), "{function}: {report:#?}");
    }
    // What the C library allocates for its caller.
    let report = report_of(&program, ["twice", "strndup", "200"]);
    let at = report.iter().position(|line| line.contains("allocated by"));
    let caller = report[at.unwrap() + 1].trim_start();
    assert!(is_in(caller, "make", &program), "{report:#?}");
}

#[test]
fn a_double_free_is_told_with_who_freed_the_block_first() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    for what in ["twice", "failing"] {
        for size in ["100", "5000", "400000"] {
            let report = report_of(&program, [what, "malloc", size]);
            assert!(report[0].contains("is free already"), "{report:#?}");
            let calls = [
                ("called by", "give_back_again"),
                ("allocated by", "make"),
                ("freed by", "give_back"),
            ];
            for (title, function) in calls {
                assert!(
                    is_in(frame(&report, title), function, &program),
                    "{report:#?}"
                );
            }
        }
    }
}

#[test]
fn a_write_to_a_free_block_is_told_with_who_freed_it() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    for size in ["100", "5000", "400000"] {
        let report = report_of(&program, ["after", "malloc", size]);
        assert!(
            is_in(frame(&report, "allocated by"), "make", &program),
            "{report:#?}"
        );
        assert!(
            is_in(frame(&report, "freed by"), "give_back", &program),
            "{report:#?}"
        );
        assert!(
            is_in(frame(&report, "called by"), "make", &program),
            "{report:#?}"
        );
    }
}

#[test]
fn a_pointer_that_is_no_block_s_is_told_with_the_block_around_it() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    let behind = "at offset 112, behind the end of";
    let places = [
        ("interior", "100", "at offset 32 in"),
        ("interior", "400000", "at offset 32 in"),
        ("odd", "5000", "at offset 3 in"),
        ("behind", "100", behind),
    ];
    for (what, size, place) in places {
        let report = report_of(&program, [what, "malloc", size]);
        let told = format!("  {place} the block of {size} bytes at 0x");
        let is_told = report.iter().any(|line| line.starts_with(&told));
        assert!(is_told, "{told}{report:#?}");
        assert!(
            is_in(frame(&report, "allocated by"), "make", &program),
            "{report:#?}"
        );
    }
    let report = report_of(&program, ["foreign", "malloc", "100"]);
    assert_eq!(
        report.last().unwrap(),
        "  no block is recorded there",
        "{report:#?}"
    );
}

/// The function of a place, as `addr2line` tells it.
fn function_at(frame: &str) -> String {
    let (path, offset) = frame.trim_matches(['(', ')']).rsplit_once('+').unwrap();
    let mut command = Command::new("addr2line");
    let output = command.args(["-fe", path, offset]).output().unwrap();
    said(&output).lines().next().unwrap().to_owned()
}

#[test]
fn places_are_what_addr2line_takes() {
    let workshop = Workshop::new();
    for option in ["-pie", "-no-pie"] {
        let program = workshop.compile("calls", &["calls.c"], &[option.as_ref(), "-ldl".as_ref()]);
        let report = report_of(&program, ["twice", "malloc", "100"]);
        for (title, function) in [("allocated by", "make"), ("freed by", "give_back")] {
            assert_eq!(function_at(frame(&report, title)), function, "{report:#?}");
        }
    }
}

#[test]
fn without_the_setting_a_report_is_one_line() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    for what in ["overflow", "twice", "interior", "after"] {
        for setting in [None, Some("0")] {
            let mut command = hardened(&program);
            command.args([what, "malloc", "100"]);
            command.envs(setting.map(|value| ("RLSF_CALLS", value)));
            assert_eq!(report(&mut command).len(), 1);
        }
    }
}

#[test]
fn what_new_has_made_is_told_with_its_maker() {
    if !has_cxx() {
        return;
    }
    let workshop = Workshop::new();
    let program = workshop.compile("calls_cxx", &["calls.cpp"], &["-rdynamic".as_ref()]);
    let report = report(&mut traced(&program));
    let found = frame(&report, "allocated by");
    assert!(is_in(found, "_ZN5Maker7numbersEv", &program), "{report:#?}");
    assert!(
        is_in(frame(&report, "freed by"), "main", &program),
        "{report:#?}"
    );
}

#[test]
fn every_promise_of_the_manual_is_kept_with_threads_and_forks() {
    // A hundred thousand threads would take long.
    let options = ["-DBATCHES=300".as_ref(), "-ldl".as_ref()];
    let output = promises::output_of(&options, traced);
    promises::assert_kept(&output);
}

#[test]
fn when_there_is_no_room_for_another_stack_it_is_said_so() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    let report = report_of(&program, ["spread", "malloc", "100"]);
    assert_eq!(
        frame(&report, "allocated by"),
        "not recorded",
        "{report:#?}"
    );
}

#[test]
fn when_there_is_no_room_for_another_block_an_older_one_is_forgotten() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    let report = report_of(&program, ["crowd", "malloc", "100"]);
    assert!(
        is_in(frame(&report, "allocated by"), "make", &program),
        "{report:#?}"
    );
}

#[test]
fn a_program_ends_also_if_the_loader_tells_no_names() {
    let workshop = Workshop::new();
    let program = compiled(&workshop);
    let options = ["-shared".as_ref(), "-fPIC".as_ref()];
    let plugin = workshop.compile("calls_plugin.so", &["calls_plugin.c"], &options);
    // Which ends as the program does, and otherwise ends it.
    let mut command = traced(Path::new("timeout"));
    command.args(["--signal=KILL", "20"]);
    command.arg(program).arg("load").args([&plugin, &plugin]);
    let report = report(&mut command);
    assert!(report[0].contains("is free already"), "{report:#?}");
}

#[test]
fn an_unwinder_that_allocates_is_not_walked() {
    let workshop = Workshop::new();
    let program = workshop.compile("tables", &["calls_tables.c"], &["-lgcc_s".as_ref()]);
    let output = traced(&program).output().unwrap();
    assert_eq!(said(&output), "went on\n");
    assert!(output.status.success());
}

#[test]
fn a_program_keeps_its_arguments_and_its_environment() {
    let mut command = traced(Path::new("/bin/sh"));
    command.args(["-c", "echo $0 $1 $KEPT", "name", "argument"]);
    let output = command.env("KEPT", "variable").output().unwrap();
    assert_eq!(said(&output), "name argument variable\n");
}
