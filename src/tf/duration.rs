//! Durations as Terraform users write them: `45m`, `1h30m`, `1.5h`.
//!
//! This is the syntax of Go's `time.ParseDuration`, which every Terraform
//! provider uses in `timeouts`; signs are left out, because no timeout is
//! negative.

use std::time::Duration;

/// Units, the longer spelling before the shorter one.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration.
///
/// # Errors
/// Says what is wrong, as the second half of a sentence about the text.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.starts_with('-') {
        return Err("it is negative".to_owned());
    }
    let mut rest = text;
    let mut total = 0u128;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        if number.is_empty() {
            return Err(format!("a number is missing before {behind:?}"));
        }
        let unit_end =
            behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        if unit.is_empty() {
            return Err(format!("the number {number} has no unit (s, m or h)"));
        }
        let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("{unit:?} is no unit; use s, m or h"));
        };
        let part = nanoseconds(number, *nanos).ok_or("it is too long or no number")?;
        total = total.checked_add(part).ok_or("it is too long")?;
        rest = behind;
    }
    u64::try_from(total).map(Duration::from_nanos).map_err(|_| "it is too long".to_owned())
}

/// `number` times `unit`, in whole nanoseconds.
fn nanoseconds(number: &str, unit: u64) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(u128::from(unit))?;
    let mut scale = u128::from(unit);
    for digit in fraction.chars() {
        scale /= 10;
        total = total.checked_add(scale.checked_mul(u128::from(digit.to_digit(10)?))?)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let seconds = |s| Ok(Duration::from_secs(s));
        assert_eq!(parse("45m"), seconds(45 * 60));
        assert_eq!(parse("1h30m"), seconds(90 * 60));
        assert_eq!(parse("1.5h"), seconds(90 * 60));
        assert_eq!(parse("90s"), seconds(90));
        assert_eq!(parse("0"), seconds(0));
        assert_eq!(parse("1m0.5s"), Ok(Duration::from_millis(60_500)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse(".5s"), Ok(Duration::from_millis(500)));
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        for text in ["", "soon", "5", "5 m", "-5m", "5x", "1.2.3s", ".s", "99999999999999h", "m"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
