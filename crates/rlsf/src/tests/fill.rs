use super::*;

#[test]
fn every_pair_of_fills_is_kept_as_it_is() {
    let all = || (0..=255).map(Some).chain([None]);
    for allocated in all() {
        for freed in all() {
            let packed = Fills { allocated, freed }.packed();
            assert_eq!(Fills::of_half(packed >> 16), allocated);
            assert_eq!(Fills::of_half(packed), freed);
        }
    }
}
