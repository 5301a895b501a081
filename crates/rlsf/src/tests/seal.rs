//! Seals, and every change of one byte.

use super::*;
use crate::header::Slack;
use crate::misuse::Operation;
use crate::size::BlockSize;

/// Widths of sizes: the least, that of small heaps, the widest of which every change is found,
/// and the widest of all.
const SIZE_BITS: [u32; 4] = if usize::BITS == 64 {
    [6, 18, 28, 48]
} else {
    [6, 16, 18, usize::BITS - 10]
};

fn seal(key: &Key, size_bits: u32) -> Seal {
    Seal::new(key, size_bits, Site::of(Operation::Examine))
}

fn key(secret: usize) -> Key {
    Key {
        secret,
        ..Key::NONE
    }
}

fn headers(size_bits: u32) -> impl Iterator<Item = Header> {
    let sizes = [BlockSize::LEAST.get(), 48, (1 << size_bits) - GRANULARITY];
    let slacks = [Slack::None, Slack::One, Slack::More];
    sizes.into_iter().flat_map(move |bytes| {
        // SAFETY: S1.
        let size = unsafe { BlockSize::new_unchecked(bytes) };
        let used = slacks.map(|slack| Header::used(size).with_slack(slack));
        let flagged = used.map(Header::with_prev_free);
        let free = [Header::free(size), Header::SENTINEL];
        used.into_iter().chain(flagged).chain(free)
    })
}

/// Calls `check` with seals of random keys, addresses and headers.
fn for_each_word(check: impl Fn(Seal, NonNull<u8>, Header)) {
    let mut rng = fastrand::Rng::with_seed(1);
    for size_bits in SIZE_BITS {
        for _ in 0..64 {
            let key = key(rng.usize(..));
            let seal = seal(&key, size_bits);
            let place = (rng.usize(1..1 << (usize::BITS - 17))) * GRANULARITY;
            let address = NonNull::new(core::ptr::null_mut::<u8>().wrapping_add(place)).unwrap();
            headers(size_bits).for_each(|header| check(seal, address, header));
        }
    }
}

/// The same header behind a used block.
fn behind_used(header: Header) -> Header {
    Header::from_word(header.word() & !Header::PREV_FREE)
}

/// The word that a header is at an address.
fn close(seal: Seal, address: NonNull<u8>, header: Header) -> usize {
    let word = seal.close(address, behind_used(header));
    if header.prev_is_free() {
        seal.with_prev_free(word)
    } else {
        word
    }
}

#[test]
fn what_is_sealed_opens_as_it_was() {
    for_each_word(|seal, address, header| {
        let word = close(seal, address, header);
        assert_eq!(seal.look(address, word), Some(header));
        assert_eq!(seal.peek(word), behind_used(header));
    });
}

#[test]
fn the_flag_of_the_block_before_is_turned_without_a_look_at_the_rest() {
    for_each_word(|seal, address, header| {
        let (used, free) = (behind_used(header), header.with_prev_free());
        let [sealed_used, sealed_free] = [used, free].map(|header| close(seal, address, header));
        assert_eq!(
            seal.look(address, seal.with_prev_free(sealed_used)),
            Some(free)
        );
        assert_eq!(
            seal.look(address, seal.with_prev_used(sealed_free)),
            Some(used)
        );
    });
}

#[test]
fn every_other_value_of_a_byte_is_found() {
    for_each_word(|seal, address, header| {
        let word = close(seal, address, header);
        for byte in 0..usize::BITS / 8 {
            for change in 1..=0xff {
                let changed = word ^ change << (8 * byte);
                assert_eq!(seal.look(address, changed), None, "{word:x} {changed:x}");
            }
        }
    });
}

#[test]
fn a_word_is_sealed_for_its_address() {
    for_each_word(|seal, address, header| {
        let word = close(seal, address, header);
        for byte in 0..4 {
            let elsewhere = address.as_ptr().wrapping_add(GRANULARITY << (8 * byte));
            let elsewhere = NonNull::new(elsewhere).unwrap();
            assert_eq!(seal.look(elsewhere, word), None);
        }
    });
}

#[test]
fn random_words_are_taken_for_sealed_as_rarely_as_the_checksum_is_wide() {
    let mut rng = fastrand::Rng::with_seed(2);
    let key = key(rng.usize(..));
    let (seal, address) = (seal(&key, SIZE_BITS[1]), NonNull::dangling());
    let words = 1 << 20;
    let sealed = (0..words).filter(|_| seal.look(address, rng.usize(..)).is_some());
    // Two values of the checksum are right.
    let expected = (words >> seal.width) * 2;
    let sealed = sealed.count();
    assert!(sealed < 2 * expected && sealed > expected / 2, "{sealed}");
}

#[test]
fn no_byte_of_the_pattern_is_zero() {
    let mut rng = fastrand::Rng::with_seed(3);
    for _ in 0..1000 {
        let address = NonNull::new(core::ptr::null_mut::<u8>().wrapping_add(rng.usize(1..)));
        let key = key(rng.usize(..));
        let pattern = seal(&key, 18).pattern(address.unwrap());
        assert!(pattern.to_ne_bytes().iter().all(|&byte| byte != 0));
    }
}

#[test]
fn the_first_pool_decides_on_a_key_that_was_not_set() {
    let mut key = Key::NONE;
    key.cover(0x1000..0x2000);
    assert_ne!(key.secret, 0);
    let secret = key.secret;
    key.set(17);
    key.cover(0x4000..0x5000);
    assert_eq!((key.secret, key.lowest), (secret, 0x1000));
    assert_eq!(key.granules, 0x4000 / GRANULARITY);
    let mut set = Key::NONE;
    set.set(17);
    set.cover(0x1000..0x2000);
    assert_ne!(set.secret, secret);
}
