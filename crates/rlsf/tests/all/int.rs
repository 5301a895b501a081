//! Every bitmap type against a list of bits.

use core::fmt::Debug;
use core::ops::Range;
use rlsf::int::BinInteger;

/// A bitmap type and its bits as a number.
trait Bits: BinInteger + Debug {
    fn from_bits(bits: u128) -> Self;
    fn bits(self) -> u128;
    const SIGNED: bool;
}

macro_rules! bits {
    ($($signed:ident $unsigned:ident),*) => {$(
        bits!(@one $signed $unsigned true);
        bits!(@one $unsigned $unsigned false);
    )*};
    (@one $int:ident $unsigned:ident $is_signed:literal) => {
        impl Bits for $int {
            const SIGNED: bool = $is_signed;

            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
            fn from_bits(bits: u128) -> Self {
                bits as $int
            }

            #[allow(clippy::cast_sign_loss, clippy::cast_lossless)]
            fn bits(self) -> u128 {
                self as $unsigned as u128
            }
        }

        #[test]
        fn $int() {
            check_type::<$int>();
        }
    };
}

mod every_bitmap_agrees_with_a_list_of_bits {
    use super::*;
    bits!(i8 u8, i16 u16, i32 u32, i64 u64, i128 u128, isize usize);
}

/// The bits of a map, the lowest first.
fn list<T: Bits>(map: T) -> Vec<bool> {
    (0..T::BITS).map(|bit| map.bits() >> bit & 1 == 1).collect()
}

/// The bits that stand in a range of positions.
fn ones<T: Bits>(range: &Range<u32>) -> Vec<bool> {
    (0..T::BITS).map(|bit| range.contains(&bit)).collect()
}

fn position(bits: impl IntoIterator<Item = bool>, or: u32) -> u32 {
    bits.into_iter()
        .zip(0..)
        .find(|&(bit, _)| bit)
        .map_or(or, |(_, place)| place)
}

fn check_type<T: Bits>() {
    let positions = if T::BITS == 8 {
        (0..12).chain([31, 32, 200, u32::MAX]).collect()
    } else {
        edges(T::BITS)
    };
    for &start in &positions {
        for &end in &positions {
            assert_eq!(
                list(T::ones_truncated(start..end)),
                ones::<T>(&(start..end)),
                "{start}..{end}"
            );
            if end <= T::BITS {
                assert_eq!(
                    list(T::ones(start..end)),
                    ones::<T>(&(start..end)),
                    "{start}..{end}"
                );
            }
        }
    }
    let mut rng = fastrand::Rng::with_seed(8);
    let some = (0..400).map(|round| match round % 3 {
        0 => rng.u128(..),
        1 => rng.u128(..) & rng.u128(..) & rng.u128(..) & rng.u128(..),
        _ => u128::MAX << rng.u32(..128) >> rng.u32(..128),
    });
    let maps: Vec<u128> = if T::BITS == 8 {
        (0..256).collect()
    } else {
        some.chain([0, 1, u128::MAX]).collect()
    };
    for bits in maps {
        check_map(T::from_bits(bits), &positions);
    }
}

/// The positions at which something may go wrong.
fn edges(bits: u32) -> Vec<u32> {
    let near = [
        0,
        7,
        31,
        32,
        33,
        63,
        64,
        bits / 2,
        bits,
        128,
        1 << 16,
        u32::MAX,
    ];
    let mut edges: Vec<u32> = near
        .into_iter()
        .flat_map(|edge| [edge.saturating_sub(1), edge, edge.saturating_add(1)])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn check_map<T: Bits>(map: T, positions: &[u32]) {
    let bits = list(map);
    assert_eq!(
        map.count_ones() as usize,
        bits.iter().filter(|&&bit| bit).count()
    );
    assert_eq!(
        map.trailing_zeros(),
        position(bits.iter().copied(), T::BITS)
    );
    assert_eq!(
        map.leading_zeros(),
        position(bits.iter().rev().copied(), T::BITS)
    );
    for &place in positions {
        check_position(map, &bits, place);
        for &end in positions
            .iter()
            .filter(|&&end| place <= end && end <= T::BITS)
        {
            check_slice(map, &bits, place..end);
        }
    }
}

fn check_position<T: Bits>(map: T, bits: &[bool], place: u32) {
    let with = |value: bool| -> Vec<bool> {
        bits.iter()
            .zip(0..)
            .map(|(&bit, at)| if at == place { value } else { bit })
            .collect()
    };
    let index = place as usize;
    assert_eq!(
        map.get_bit(place),
        bits.get(index).copied().unwrap_or(false)
    );
    let above = bits.iter().zip(0..).map(|(&bit, at)| bit && at >= place);
    assert_eq!(
        map.bit_scan_forward(place),
        position(above, T::BITS),
        "{map:?} from {place}"
    );
    let mut changed = map;
    changed.set_bit(place);
    assert_eq!(list(changed), with(true), "{map:?} with {place}");
    changed = map;
    changed.clear_bit(place);
    assert_eq!(list(changed), with(false), "{map:?} without {place}");
    check_ceiling(map, place);
}

/// The low 32 bits of a slice, as the interface says.
fn check_slice<T: Bits>(map: T, bits: &[bool], range: Range<u32>) {
    let slice = &bits[range.start as usize..range.end as usize];
    let number = slice
        .iter()
        .take(32)
        .rev()
        .fold(0, |number, &bit| number << 1 | u32::from(bit));
    assert_eq!(map.extract_u32(range.clone()), number, "{map:?} {range:?}");
}

/// Rounds up bit by bit: to the next multiple of a power of two.
fn check_ceiling<T: Bits>(map: T, places: u32) {
    let expected = if places >= T::BITS {
        Some(0).filter(|_| map.bits() == 0)
    } else {
        naive_ceiling::<T>(map, places)
    };
    assert_eq!(
        map.checked_ceil_fix(places).map(T::bits),
        expected,
        "{map:?} at {places}"
    );
}

fn naive_ceiling<T: Bits>(map: T, places: u32) -> Option<u128> {
    let bits = list(map);
    let (fraction, whole) = bits.split_at(places as usize);
    let mut whole = whole.to_vec();
    if fraction.contains(&true) {
        // Adds one to the whole part, with a carry.
        let was_negative = T::SIGNED && bits[bits.len() - 1];
        let carried = whole.iter().position(|&bit| !bit);
        for bit in whole
            .iter_mut()
            .take(carried.map_or(bits.len(), |place| place + 1))
        {
            *bit = !*bit;
        }
        let is_negative = T::SIGNED && whole[whole.len() - 1];
        let lost = if T::SIGNED {
            is_negative && !was_negative
        } else {
            carried.is_none()
        };
        if lost {
            return None;
        }
    }
    Some(
        whole
            .iter()
            .rev()
            .fold(0, |number, &bit| number << 1 | u128::from(bit))
            << places,
    )
}
