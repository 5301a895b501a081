use super::*;

const MIB: usize = 1 << 20;
/// The time in which a mebibyte may go back.
const MIB_TIME: u64 = NANOSECONDS_PER_BYTE << 20;
const START: u64 = 1_000_000_000_000;

/// An allowance that has begun at the start.
fn begun() -> Allowance {
    let allowance = Allowance(AtomicU64::new(0));
    assert!(!allowance.admits(MIB, START));
    allowance
}

#[test]
fn the_first_block_stays_whatever_the_clock_says() {
    for now in [1, START, u64::MAX] {
        assert!(!Allowance(AtomicU64::new(0)).admits(MIB, now));
    }
}

#[test]
fn bytes_go_when_their_time_has_passed_and_not_before() {
    let allowance = begun();
    assert!(!allowance.admits(MIB, START + MIB_TIME - 1));
    assert!(allowance.admits(MIB, START + MIB_TIME));
    assert!(!allowance.admits(MIB, START + 2 * MIB_TIME - 1));
    assert!(allowance.admits(MIB, START + 2 * MIB_TIME));
}

#[test]
fn what_is_saved_up_has_a_bound() {
    let allowance = begun();
    let later = START + 1000 * SAVED;
    let blocks = (0..1000).filter(|_| allowance.admits(MIB, later)).count();
    assert_eq!(blocks, 64);
}

#[test]
fn a_block_beyond_what_can_be_saved_goes_and_is_paid_for_afterwards() {
    let allowance = begun();
    assert!(!allowance.admits(100 * MIB, START + SAVED - 1));
    assert!(allowance.admits(100 * MIB, START + SAVED));
    assert!(!allowance.admits(MIB, START + 101 * MIB_TIME - 1));
    assert!(allowance.admits(MIB, START + 101 * MIB_TIME));
}

#[test]
fn neither_a_clock_that_goes_back_nor_any_size_is_too_much() {
    let allowance = begun();
    assert!(!allowance.admits(MIB, 1));
    assert!(allowance.admits(usize::MAX, START + SAVED));
    assert!(!allowance.admits(1, u64::MAX - 1));
}
