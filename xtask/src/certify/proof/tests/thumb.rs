//! Thumb, with the cycles of the Cortex-M4.

use super::*;

const NOP: u16 = 0xbf00;
const BX_LR: u16 = 0x4770;
const POP_PC: u16 = 0xbd00;
/// `cbz r0`, over the next half-word.
const CBZ: u16 = 0xb100;
const IT_EQ: u16 = 0xbf08;

fn of(code: &[u16]) -> Proof {
    prove(Processor::CortexM4, &halves(code), &[], &[])
}

fn faults_of(code: &[u16]) -> Vec<String> {
    faults(&of(code))
}

#[test]
fn a_line_takes_the_sum_of_its_instructions() {
    // ldr r0, [r0]; push {r4, lr}; pop {r4, pc}
    let proof = of(&[0x6800, 0xb510, 0xbd10]);
    assert_eq!(faults(&proof), [""; 0]);
    assert_eq!((proof.instructions, proof.cycles), (3, 3 + 4 + 7));
}

#[test]
fn the_arm_of_a_diamond_counts_that_takes_more_cycles() {
    // cbz over the next two; udiv r0, r0, r1; bx lr
    let proof = of(&[0xb108, 0xfbb0, 0xf0f1, BX_LR]);
    assert_eq!((proof.instructions, proof.cycles), (3, 1 + 12 + 4));
    let proof = of(&[CBZ, NOP, BX_LR]);
    assert_eq!((proof.instructions, proof.cycles), (3, 4 + 4));
}

#[test]
fn a_way_back_is_a_loop() {
    // b to itself; nop, and bne to it
    assert_eq!(faults_of(&[0xe7fe]), ["loops"]);
    assert_eq!(faults_of(&[NOP, 0xd1fd, BX_LR]), ["loops"]);
}

/// `push {lr}`, a call of the function at 10, `pop {pc}`, and `nop; bx lr` there.
const CALLING: [u16; 7] = [0xb500, 0xf000, 0xf802, POP_PC, NOP, NOP, BX_LR];

#[test]
fn a_call_is_caught_and_adds_its_path_when_it_is_allowed() {
    let (code, functions) = (halves(&CALLING), [(10, "core::inner")]);
    let refused = prove(Processor::CortexM4, &code, &functions, &[]);
    assert_eq!(faults(&refused), ["calls inner"]);
    let allowed = prove(Processor::CortexM4, &code, &functions, &["inner"]);
    assert_eq!(faults(&allowed), [""; 0]);
    assert_eq!((allowed.instructions, allowed.bytes), (5, 12));
    assert_eq!(allowed.cycles, 3 + 4 + 6 + (1 + 4));
}

#[test]
fn a_call_of_what_panics_is_caught_though_it_is_allowed() {
    let functions = [(10, "core::panicking::panic")];
    let proof = prove(
        Processor::CortexM4,
        &halves(&CALLING),
        &functions,
        &["panic"],
    );
    assert_eq!(faults(&proof), ["can panic: core::panicking::panic"]);
}

#[test]
fn ways_to_where_a_register_or_a_table_says_are_caught() {
    // bx r3; mov pc, r3; ldr.w pc, [r0]; pop {pc} from another stack: ldm r1!, {r0, pc}
    for code in [
        &[0x4718][..],
        &[0x469f],
        &[0xf8d0, 0xf000],
        &[0xe8b1, 0x8001],
    ] {
        assert_eq!(
            faults_of(code),
            ["jumps to a computed address"],
            "{code:x?}"
        );
    }
    // blx r3
    assert_eq!(faults_of(&[0x4798]), ["calls what a pointer says"]);
}

#[test]
fn a_table_of_jumps_is_caught() {
    // tbb [pc, r0]
    assert_ne!(faults_of(&[0xe8df, 0xf000]), [""; 0]);
}

#[test]
fn what_stops_the_program_is_caught() {
    // udf; bkpt; svc
    for code in [0xde00, 0xbe00, 0xdf00] {
        assert_eq!(faults_of(&[code]), ["traps"]);
    }
}

#[test]
fn a_conditional_return_is_also_a_way_on() {
    // it eq; bxeq lr; and then b to itself, or nop; bx lr
    assert_eq!(faults_of(&[IT_EQ, BX_LR, 0xe7fe]), ["loops"]);
    let proof = of(&[IT_EQ, BX_LR, NOP, BX_LR]);
    assert_eq!((proof.instructions, proof.cycles), (4, 1 + 1 + 1 + 4));
}

#[test]
fn a_conditional_jump_is_also_a_way_on() {
    // itt eq; nop; b over the next; nop; bx lr
    let proof = of(&[0xbf04, NOP, 0xe000, NOP, BX_LR]);
    assert_eq!(faults(&proof), [""; 0]);
    assert_eq!(proof.instructions, 5);
}

#[test]
fn a_jump_among_instructions_that_another_makes_conditional_is_caught() {
    // cbz over the next; it eq; bxeq lr; bx lr
    let found = faults_of(&[CBZ, IT_EQ, BX_LR, BX_LR]);
    assert_eq!(found, ["has no known instruction at 0x1004"]);
}

#[test]
fn what_has_no_documented_timing_is_caught() {
    // dmb sy
    let found = faults_of(&[0xf3bf, 0x8f5f, BX_LR]);
    assert!(
        found[0].starts_with("has no documented timing for `dmb"),
        "{found:?}"
    );
}

#[test]
fn a_jump_out_of_the_code_is_caught() {
    // b +16
    assert_eq!(faults_of(&[0xe006]), ["jumps to where there is no code"]);
}

#[test]
fn code_that_runs_out_is_caught() {
    assert_eq!(faults_of(&[NOP]), ["jumps to where there is no code"]);
}

#[test]
fn a_cortex_m0_has_no_cycles() {
    let proof = prove(Processor::CortexM0Plus, &halves(&[NOP, BX_LR]), &[], &[]);
    assert_eq!((proof.instructions, proof.cycles), (2, 0));
}
