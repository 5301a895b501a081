use super::*;

#[test]
fn the_table_has_the_logarithm_of_every_power_and_its_neighbours() {
    for place in 0..32 {
        let power = 1_u32 << place;
        assert_eq!(by_table(power), place);
        assert_eq!(by_table(power | (power - 1)), place);
        assert_eq!(by_table(power | power >> 1), place);
        assert_eq!(log2(power as usize), place);
    }
}

#[test]
fn the_table_agrees_with_counting_for_every_small_number() {
    for n in 1..1 << 20 {
        assert_eq!(by_table(n), 31 - n.leading_zeros());
        assert_eq!(log2(n as usize), 31 - n.leading_zeros());
    }
}
