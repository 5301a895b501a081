//! Numbers in as few bytes as they need: unsigned LEB128.

/// The most bytes of a number.
const MOST_BYTES: u32 = 10;

/// Appends a number.
pub(crate) fn push(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoNumber {
    /// The bytes end before it does.
    Ended,
    /// It is above 64 bits, or has more bytes than it takes.
    Malformed,
}

/// Takes a number from the front of `bytes`.
pub(crate) fn take(bytes: &mut &[u8]) -> Result<u64, NoNumber> {
    let mut number = 0;
    for index in 0..MOST_BYTES {
        let (&byte, rest) = bytes.split_first().ok_or(NoNumber::Ended)?;
        *bytes = rest;
        let (low, shift) = (u64::from(byte & 0x7f), 7 * index);
        number |= low << shift;
        if byte & 0x80 == 0 {
            let is_padded = low == 0 && index != 0;
            let is_cut = (low << shift) >> shift != low;
            return if is_padded || is_cut {
                Err(NoNumber::Malformed)
            } else {
                Ok(number)
            };
        }
    }
    Err(NoNumber::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        push(&mut bytes, number);
        bytes
    }

    #[test]
    fn every_boundary_is_read_as_it_was_written() {
        let near = |bits: u32| [(1u64 << bits) - 1, 1 << bits, (1 << bits) + 1];
        for number in (0..64).flat_map(near).chain([u64::MAX]) {
            let bytes = written(number);
            assert_eq!(take(&mut bytes.as_slice()), Ok(number));
            let length = (64 - number.leading_zeros()).div_ceil(7).max(1);
            assert_eq!(bytes.len(), length as usize);
        }
    }

    #[test]
    fn what_is_cut_padded_or_too_large_is_no_number() {
        assert_eq!(take(&mut &[][..]), Err(NoNumber::Ended));
        assert_eq!(take(&mut &[0x80][..]), Err(NoNumber::Ended));
        assert_eq!(take(&mut &[0x80, 0][..]), Err(NoNumber::Malformed));
        let mut large = written(u64::MAX);
        large[9] = 2;
        assert_eq!(take(&mut large.as_slice()), Err(NoNumber::Malformed));
        large[9] = 0x81;
        large.push(0);
        assert_eq!(take(&mut large.as_slice()), Err(NoNumber::Malformed));
    }
}
