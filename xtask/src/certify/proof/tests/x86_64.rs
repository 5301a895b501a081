//! x86-64, as the compiler makes it.

use super::*;
use crate::certify::compiled;

/// What is proven of the function `probe` of a source, when the functions `allowed` may be called.
fn of(source: &str, allowed: &[&str]) -> Proof {
    let data = compiled::with(source, &["--crate-type=cdylib"]);
    let image = Image::read(&data).unwrap();
    let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
    let prover = Prover {
        image: &image,
        processor: Processor::X86_64,
        allowed: &allowed,
        without: None,
    };
    prover.prove(image.entry("probe").unwrap())
}

/// The faults of the function `probe` of a source.
fn faults_of(source: &str) -> Vec<String> {
    faults(&of(source, &[]))
}

#[test]
fn straight_lines_and_branches_are_clean() {
    let source = "#[no_mangle] pub fn probe(a: &mut [u32; 4], i: usize) -> u32 {
        if i < 4 { a[i] = a[i].trailing_zeros(); a[0] } else { 7 } }";
    assert_eq!(faults_of(source), [""; 0]);
}

#[test]
fn a_bounds_check_is_caught() {
    let found = faults_of("#[no_mangle] pub fn probe(a: &[u8; 8], i: usize) -> u8 { a[i] }");
    let caught = |it: &String| it.starts_with("can panic: core::panicking");
    assert!(found.iter().any(caught), "{found:?}");
}

#[test]
fn a_call_of_another_library_is_caught() {
    let source = "extern \"C\" { fn other() -> u8; }
        #[no_mangle] pub unsafe fn probe() -> u8 { 1 | other() }";
    assert_eq!(faults_of(source), ["calls other"]);
}

#[test]
fn a_call_in_last_place_is_caught() {
    let source = "extern \"C\" { fn other() -> u8; }
        #[no_mangle] pub unsafe fn probe() -> u8 { other() }";
    assert_eq!(faults_of(source), ["calls other"]);
}

#[test]
fn a_call_through_a_pointer_is_caught() {
    let source = "#[no_mangle] pub fn probe(f: fn() -> u8) -> u8 { 1 | f() }";
    assert_eq!(faults_of(source), ["calls what a pointer says"]);
}

#[test]
fn a_copy_by_the_c_library_is_caught() {
    let source = "#[no_mangle] pub unsafe fn probe(a: *mut u8, b: *const u8, n: usize) {
        core::ptr::copy_nonoverlapping(b, a, n) }";
    assert_eq!(faults_of(source), ["calls memcpy"]);
}

#[test]
fn a_loop_is_caught() {
    let source = "#[no_mangle] pub unsafe fn probe(mut p: *const *const u8) -> *const u8 {
        while !(*p).is_null() { p = (*p).cast() } p.cast() }";
    assert_eq!(faults_of(source), ["loops"]);
}

#[test]
fn a_loop_behind_a_call_in_last_place_is_caught() {
    let source = "#[inline(never)] unsafe fn last(mut p: *const *const u8) -> *const u8 {
            while !(*p).is_null() { p = (*p).cast() } p.cast() }
        #[no_mangle] pub unsafe fn probe(p: *const *const u8, q: bool) -> *const u8 {
            if q { p.cast() } else { last(p) } }
        #[no_mangle] pub unsafe fn again(p: *const *const u8) -> *const u8 { last(p) }";
    assert_eq!(faults_of(source), ["loops"]);
}

#[test]
fn a_call_of_a_function_of_the_same_file_is_caught_unless_it_is_allowed() {
    let source = "#[inline(never)] fn inner(i: usize) -> usize { i | 2 }
        #[no_mangle] pub fn probe(i: usize) -> usize { inner(i) + inner(i + 4) }";
    assert_eq!(faults_of(source), ["calls inner"]);
    let allowed = of(source, &["inner"]);
    assert_eq!(faults(&allowed), [""; 0]);
    assert_eq!(allowed.calls, BTreeSet::from(["inner".to_owned()]));
}

#[test]
fn an_allowed_call_adds_the_path_of_the_callee_each_time() {
    // call +6; call +1; ret; and there: nop; ret
    let code = [0xe8, 6, 0, 0, 0, 0xe8, 1, 0, 0, 0, 0xc3, 0x90, 0xc3];
    let proof = prove(Processor::X86_64, &code, &[(11, "inner")], &["inner"]);
    assert_eq!((proof.instructions, proof.bytes), (3 + 2 * 2, 13));
}

#[test]
fn a_fault_of_a_function_that_is_called_is_the_callers_too() {
    // call +1; ret; and there: jmp to itself
    let code = [0xe8, 1, 0, 0, 0, 0xc3, 0xeb, 0xfe];
    let proof = prove(Processor::X86_64, &code, &[(6, "inner")], &["inner"]);
    assert_eq!(faults(&proof), ["loops"]);
}

#[test]
fn a_function_that_calls_itself_loops() {
    // call to itself; ret
    let code = [0xe8, 0xfb, 0xff, 0xff, 0xff, 0xc3];
    let proof = prove(Processor::X86_64, &code, &[(0, "probe")], &["probe"]);
    assert_eq!(faults(&proof), ["loops"]);
}

#[test]
fn a_table_of_jumps_is_caught() {
    let source = "#[no_mangle] pub unsafe fn probe(i: usize, p: *mut usize) { match i {
            0 => *p = 3, 1 => *p.add(1) *= 7, 2 => *p.add(2) -= 9, 3 => *p.add(3) ^= 5,
            4 => *p.add(4) /= 9, 5 => *p.add(5) <<= 2, 6 => *p.add(6) >>= 1, _ => () } }";
    assert_eq!(faults_of(source), ["jumps to a computed address"]);
}

#[test]
fn a_trap_is_caught() {
    let source = "#[no_mangle] pub unsafe fn probe(i: usize) -> usize {
        if i == 0 { core::arch::asm!(\"ud2\", options(noreturn)) } else { i } }";
    assert_eq!(faults_of(source), ["traps"]);
}

#[test]
fn a_copy_by_one_instruction_that_repeats_is_a_loop() {
    // rep movsb; ret
    let proof = prove(Processor::X86_64, &[0xf3, 0xa4, 0xc3], &[], &[]);
    assert_eq!(faults(&proof), ["loops"]);
}

#[test]
fn the_longer_arm_of_a_diamond_counts() {
    // test edi, edi; je +2; nop; nop; ret
    let code = [0x85, 0xff, 0x74, 2, 0x90, 0x90, 0xc3];
    let proof = prove(Processor::X86_64, &code, &[], &[]);
    assert_eq!((proof.instructions, proof.blocks, proof.bytes), (5, 3, 7));
}

#[test]
fn a_way_that_no_run_in_question_takes_does_not_count() {
    // test edi, edi; je +1; ret; and there: nop; nop; ret
    let code = [0x85, 0xff, 0x74, 1, 0xc3, 0x90, 0x90, 0xc3];
    let image = Image::of_code(START, &code, &[(5, "heap::rare")]);
    let longest = |without| {
        let prover = Prover {
            image: &image,
            processor: Processor::X86_64,
            allowed: &[],
            without,
        };
        prover.prove(START).instructions
    };
    assert_eq!((longest(None), longest(Some("rare"))), (5, 3));
}
