//! RISC-V of 32 bits.

use super::*;

const NOP: u16 = 0x0001;
const RET: u16 = 0x8082;
/// `c.beqz a0`, over the next two half-words.
const BEQZ: u16 = 0xc119;

fn of(code: &[u16]) -> Proof {
    prove(Processor::Riscv32, &halves(code), &[], &[])
}

fn faults_of(code: &[u16]) -> Vec<String> {
    faults(&of(code))
}

#[test]
fn the_longer_arm_of_a_diamond_counts() {
    let proof = of(&[BEQZ, NOP, NOP, RET]);
    assert_eq!(faults(&proof), [""; 0]);
    assert_eq!((proof.instructions, proof.blocks, proof.bytes), (4, 3, 8));
    // beq a0, a1, +8
    let proof = of(&[0x0463, 0x00b5, NOP, NOP, RET]);
    assert_eq!((proof.instructions, proof.bytes), (4, 10));
}

#[test]
fn a_way_back_is_a_loop() {
    // c.j to itself; nop and c.bnez a0, -2; nop and beq a0, a1, -2; jal zero to itself
    let codes = [
        &[0xa001][..],
        &[NOP, 0xfd7d, RET],
        &[NOP, 0x0fe3, 0xfeb5, RET],
        &[0x006f, 0],
    ];
    for code in codes {
        assert_eq!(faults_of(code), ["loops"], "{code:x?}");
    }
}

#[test]
fn a_call_is_caught_and_adds_its_path_when_it_is_allowed() {
    // jal ra, +6; ret; and there: nop; ret
    let code = halves(&[0x00ef, 0x0060, RET, NOP, RET]);
    let functions = [(6, "inner")];
    let refused = prove(Processor::Riscv32, &code, &functions, &[]);
    assert_eq!(faults(&refused), ["calls inner"]);
    let allowed = prove(Processor::Riscv32, &code, &functions, &["inner"]);
    assert_eq!((allowed.instructions, faults(&allowed).len()), (4, 0));
}

#[test]
fn a_distant_jump_is_followed_and_a_distant_call_is_caught() {
    // auipc t1, 0; jalr zero, 12(t1); and there: nop; ret
    let jump = of(&[0x0317, 0, 0x0067, 0x00c3, NOP, NOP, NOP, RET]);
    assert_eq!((jump.instructions, faults(&jump).len()), (4, 0));
    // auipc ra, 0; jalr ra, 12(ra)
    let call = of(&[0x0097, 0, 0x80e7, 0x00c0, RET, NOP, NOP, RET]);
    assert_eq!(faults(&call), ["calls code without a name"]);
}

#[test]
fn a_distant_jump_that_is_entered_in_its_middle_is_caught() {
    // c.beqz a0, +6; auipc t1, 0; jalr zero, 12(t1)
    let found = faults_of(&[BEQZ, 0x0317, 0, 0x0067, 0x00c3, NOP, NOP, NOP, RET]);
    assert_eq!(found, ["has no known instruction at 0x1006"]);
}

#[test]
fn ways_to_where_a_register_says_are_caught() {
    // c.jr a0; jalr zero, 0(a0); jalr zero, 4(ra)
    for code in [&[0x8502][..], &[0x0067, 0x0005], &[0x8067, 0x0040]] {
        assert_eq!(
            faults_of(code),
            ["jumps to a computed address"],
            "{code:x?}"
        );
    }
    // c.jalr a0; jalr ra, 0(a0)
    for code in [&[0x9502][..], &[0x00e7, 0x0005]] {
        assert_eq!(faults_of(code), ["calls what a pointer says"], "{code:x?}");
    }
}

#[test]
fn what_stops_the_program_is_caught() {
    // c.ebreak; c.unimp; ecall
    for code in [&[0x9002][..], &[0], &[0x0073, 0]] {
        assert_eq!(faults_of(code), ["traps"], "{code:x?}");
    }
}

#[test]
fn floating_point_is_no_instruction_of_this_processor() {
    // fadd.s ft0, ft0, ft0
    assert_eq!(
        faults_of(&[0x7053, 0]),
        ["has no known instruction at 0x1000"]
    );
}
