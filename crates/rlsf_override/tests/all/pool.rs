//! The headers' promises, kept: programs in C, linked both ways.

use crate::pool_toolchain::{assert_all_passed, has, run, succeed, text, Linked, Program};

const BOTH: [Linked; 2] = [Linked::Dynamically, Linked::Statically];

#[test]
fn every_promise_of_rlsf_h_is_kept() {
    for linked in BOTH {
        assert_all_passed(&Program::new("tests/c/pool/rlsf.c", linked).printed());
    }
}

#[test]
fn every_promise_of_tlsf_h_is_kept() {
    for linked in BOTH {
        assert_all_passed(&Program::new("tests/c/pool/tlsf.c", linked).printed());
    }
}

#[test]
fn random_operations_through_c_keep_contents_and_heap_whole() {
    let program = Program::new("tests/c/pool/random.c", Linked::Dynamically);
    for seed in ["1", "2", "3"] {
        assert_all_passed(&succeed(program.call().args([seed, "5000"])));
    }
}

#[test]
fn the_example_of_rlsf_h_runs() {
    for linked in BOTH {
        let printed = Program::new("examples/c/rlsf_example.c", linked).printed();
        assert!(printed.contains("the promise is kept: 1\n"), "{printed}");
        assert!(
            printed.contains("second pool: success; peak: 8 blocks"),
            "{printed}"
        );
    }
}

#[test]
fn the_example_of_tlsf_h_runs() {
    for linked in BOTH {
        let printed = Program::new("examples/c/tlsf_example.c", linked).printed();
        assert!(printed.contains("serves 3000 bytes: yes\n"), "{printed}");
    }
}

#[test]
fn the_headers_are_cpp_as_well() {
    if has("c++") {
        for linked in BOTH {
            assert_eq!(
                Program::new("tests/c/pool/headers.cpp", linked).printed(),
                ""
            );
        }
    }
}

#[test]
#[cfg(debug_assertions)]
fn a_double_free_ends_the_program_with_a_sentence_where_checks_are_on() {
    use std::os::unix::process::ExitStatusExt;
    let program = Program::new("tests/c/pool/double_free.c", Linked::Dynamically);
    let output = run(&mut program.call());
    assert!(output.status.signal().is_some(), "{output:?}");
    assert!(text(&output.stderr).contains("rlsf: "), "{output:?}");
}
