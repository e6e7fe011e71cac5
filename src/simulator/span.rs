//! Lengths of time as a scenario writes them: `500ms`, `1h30m`, `never`.

use std::time::Duration;

use serde::Deserialize;

/// Farthest that a clock can be off, in milliseconds: a hundred years. Dates have an end.
const FARTHEST: i64 = 100 * 365 * 24 * 3_600_000;

/// Says how long a transition takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Span {
    /// The transition ends after this time (before the speed is applied).
    For(Duration),
    /// The transition never ends: it is stuck.
    Never,
}

/// Shifts the gateway's clock; negative means that the gateway is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Offset {
    /// Milliseconds added to the machine's clock.
    pub milliseconds: i64,
}

impl Span {
    /// Makes a span of so many milliseconds.
    pub const fn ms(milliseconds: u64) -> Self {
        Self::For(Duration::from_millis(milliseconds))
    }

    /// Returns the moment at which a transition begun at `from` ends, in Unix milliseconds.
    /// `None` means never.
    pub(super) fn after(self, from: i64, speed: f64) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::For(length) => {
                let length = length.as_secs_f64() * 1000.0 / speed;
                Some(from.saturating_add(length.round() as i64))
            }
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "never" | "stuck" => Ok(Self::Never),
            other => parse(other).map(Self::For),
        }
    }
}

impl TryFrom<String> for Offset {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.as_str()),
        };
        let length = i64::try_from(parse(rest)?.as_millis()).ok();
        let length = length.filter(|length| *length <= FARTHEST).ok_or_else(|| too_long(&text))?;
        Ok(Self { milliseconds: sign * length })
    }
}

/// Reads a sequence of numbers with units, such as `1h30m` or `1.5s`.
fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a duration such as \"500ms\", \"20m\" or \"1h30m\"");
    let mut total = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        total += number * unit_seconds(unit).ok_or_else(wrong)?;
        rest = tail;
    }
    Duration::try_from_secs_f64(total).map_err(|_| too_long(text))
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86_400.0),
        _ => None,
    }
}

fn too_long(text: &str) -> String {
    format!("{text:?} is too long a time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up_their_units() {
        assert_eq!(parse("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "ms", "5 s", "5x", "-5s", "1..5s"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn clocks_are_off_by_a_century_at_most() {
        assert!(Offset::try_from("36500d".to_owned()).is_ok());
        for text in ["36501d", "-36501d", "9223372036854775s"] {
            assert!(Offset::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn speed_divides_and_never_stays_never() {
        assert_eq!(Span::ms(400).after(1000, 2.0), Some(1200));
        assert_eq!(Span::try_from("stuck".to_owned()), Ok(Span::Never));
        assert_eq!(Span::Never.after(1000, 2.0), None);
        assert_eq!(Offset::try_from("-20m".to_owned()), Ok(Offset { milliseconds: -1_200_000 }));
    }
}
