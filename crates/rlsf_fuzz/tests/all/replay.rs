//! Every input of the corpus, and some that nobody chose.

use rlsf_fuzz::TARGETS;
use std::fs;
use std::path::Path;

/// The inputs that are kept for a target.
pub(crate) fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let files = fs::read_dir(&folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let inputs: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(inputs.len() >= 10, "{target}: {} inputs", inputs.len());
    inputs
}

/// Replays a target's corpus, which has to have so many operations in it.
fn replay(target: &str, operations: usize) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let done: usize = corpus(target).iter().map(|input| run(input)).sum();
    assert!(done >= operations, "{done} operations");
}

#[test]
fn core_replays() {
    replay("core", 1000);
}

#[test]
fn flex_replays() {
    replay("flex", 1000);
}

#[cfg(unix)]
#[test]
fn global_replays() {
    replay("global", 1000);
}

#[cfg(unix)]
#[test]
fn c_abi_replays() {
    replay("c_abi", 1000);
}

#[test]
fn trace_replays() {
    replay("trace", 1000);
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn threads_replays() {
    replay("threads", 1000);
}

/// Inputs of bytes like noise, with the lengths that are the edge of something. (No trace comes of noise.)
#[test]
fn inputs_that_nobody_chose_end_well() {
    for (target, run) in TARGETS {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_le_bytes()[3]
        };
        let mut done = 0;
        for length in [0, 1, 2, 3, 100, 1000, 1000, 1000, 4000, 4000] {
            let input: Vec<u8> = (0..length).map(|_| byte()).collect();
            done += run(&input);
        }
        assert!(done > 0 || *target == "trace", "{target}");
    }
}
