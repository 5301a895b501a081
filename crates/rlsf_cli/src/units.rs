//! Numbers with units, in three digits.

/// Bytes, with K = 1024, M = 1024 K and so on.
pub(crate) fn bytes(value: u64) -> String {
    scaled(value, 1024, &["B", "K", "M", "G", "T", "P", "E"])
}

/// How often something happens.
pub(crate) fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// Nanoseconds, in the unit that suits them.
pub(crate) fn nanoseconds(value: u64) -> String {
    scaled(value, 1000, &["ns", "µs", "ms", "s"])
}

/// A part of a whole in percent; `-` of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    quotient(part, whole, 100).map_or("-".to_owned(), |number| format!("{number}%"))
}

/// How many times `other` goes into `value`; `-` if `other` is zero.
pub(crate) fn ratio(value: u64, other: u64) -> String {
    quotient(value, other, 1).map_or("-".to_owned(), |number| format!("{number}x"))
}

fn quotient(value: u64, divisor: u64, factor: u64) -> Option<String> {
    let hundredths = u128::from(value) * u128::from(factor) * 100 + u128::from(divisor) / 2;
    hundredths.checked_div(divisor.into()).map(three_digits)
}

/// The value in the first unit of which it is less than 1000.
fn scaled(value: u64, step: u64, units: &[&str]) -> String {
    let mut size = 1_u128;
    let mut units = units.iter().peekable();
    while let Some(unit) = units.next() {
        let rounded = (u128::from(value) + size / 2) / size;
        if rounded < 1000 || units.peek().is_none() {
            let number = if size == 1 {
                value.to_string()
            } else {
                three_digits((u128::from(value) * 100 + size / 2) / size)
            };
            return format!("{number}{unit}");
        }
        size *= u128::from(step);
    }
    value.to_string()
}

/// A number of hundredths: 1.23, 12.3, 123.
fn three_digits(hundredths: u128) -> String {
    let tenths = (hundredths + 5) / 10;
    if hundredths < 1000 {
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    } else if tenths < 1000 {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        ((hundredths + 50) / 100).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_shown() {
        assert_eq!(bytes(0), "0B");
        assert_eq!(bytes(999), "999B");
        assert_eq!(bytes(1000), "0.98K");
        assert_eq!(bytes(10 * 1024 + 100), "10.1K");
        assert_eq!(bytes(123 << 20), "123M");
        assert_eq!(bytes(u64::MAX), "16.0E");
    }

    #[test]
    fn times_have_their_unit() {
        assert_eq!(nanoseconds(31), "31ns");
        assert_eq!(nanoseconds(1234), "1.23µs");
        assert_eq!(nanoseconds(99_960), "100µs");
        assert_eq!(nanoseconds(86_400_000_000_000), "86400s");
    }

    #[test]
    fn quotients_of_nothing_are_a_dash() {
        assert_eq!(percent(1, 8), "12.5%");
        assert_eq!(ratio(93, 100), "0.93x");
        assert_eq!(ratio(1, 0), "-");
        assert_eq!(percent(0, 0), "-");
    }
}
