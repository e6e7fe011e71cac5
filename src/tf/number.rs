//! Terraform numbers: decimals of any size, never truncated.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bigdecimal::{BigDecimal, FromPrimitive, ToPrimitive};

/// Longest text of a number that is read. Terraform itself computes with 512
/// bits, which is about 155 digits.
const MAX_TEXT: usize = 1200;
/// Largest power of ten that is read.
const MAX_EXPONENT: u64 = 1000;

/// A Terraform number. Two numbers are equal when their values are, however
/// they were written (`1`, `1.0` and `1e0` are one number).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(Form);

/// Each number has one form, so that forms can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    /// A whole number of 64 bits, as most are: no big arithmetic for them.
    Whole(i64),
    /// Anything else, normalised. Boxed, as it is rare and large.
    Decimal(Box<BigDecimal>),
}

/// The shortest form in which a number loses nothing on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Wire {
    /// A whole number of 64 bits.
    Signed(i64),
    /// A number that a double holds exactly.
    Float(f64),
    /// Anything else, as decimal text.
    Text(String),
}

impl Number {
    /// Wraps an exact decimal.
    pub fn new(decimal: BigDecimal) -> Self {
        let decimal = decimal.normalized();
        // A normalised decimal is whole when it has no fractional digits. Ten
        // to the 19th is too large for 64 bits: what is larger is not tried.
        let whole = match decimal.fractional_digit_count() {
            -18..=0 => decimal.to_i64(),
            _ => None,
        };
        Self(whole.map_or_else(|| Form::Decimal(Box::new(decimal)), Form::Whole))
    }

    /// Reads decimal text such as `0.1` or `1e3`.
    ///
    /// # Errors
    /// Says why the text is no number, or too large a one, without repeating
    /// it: it may be a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Self::from(whole));
        }
        if text.len() > MAX_TEXT {
            return Err("the number has too many digits".to_owned());
        }
        let not_one = || "the text is not a number".to_owned();
        if !is_decimal(text) {
            return Err(not_one());
        }
        let decimal = BigDecimal::from_str(text).map_err(|_| not_one())?;
        let (digits, scale) = decimal.as_bigint_and_scale();
        // The smallest scale has no counterpart above zero.
        if scale.unsigned_abs() > MAX_EXPONENT + digits.bits() / 3 {
            return Err("the number is out of range".to_owned());
        }
        Ok(Self::new(decimal))
    }

    /// Takes the exact value of a double.
    ///
    /// # Errors
    /// Infinity and not-a-number are no Terraform numbers.
    pub fn from_f64(float: f64) -> Result<Self, String> {
        BigDecimal::from_f64(float)
            .map(Self::new)
            .ok_or_else(|| format!("{float} is not a number that Terraform knows"))
    }

    /// The exact decimal.
    pub fn to_decimal(&self) -> BigDecimal {
        match &self.0 {
            Form::Whole(whole) => BigDecimal::from(*whole),
            Form::Decimal(decimal) => BigDecimal::clone(decimal),
        }
    }

    /// The number as a signed 64-bit whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Whole(whole) => Some(*whole),
            Form::Decimal(_) => None,
        }
    }

    /// The shortest form in which it loses nothing.
    pub fn wire(&self) -> Wire {
        let decimal = match &self.0 {
            Form::Whole(whole) => return Wire::Signed(*whole),
            Form::Decimal(decimal) => decimal,
        };
        match decimal.to_f64() {
            Some(float)
                if decimal.fractional_digit_count() > 0
                    && Self::from_f64(float).as_ref() == Ok(self) =>
            {
                Wire::Float(float)
            }
            _ => Wire::Text(self.to_string()),
        }
    }
}

/// Says whether text is a decimal as Terraform writes it. The library behind
/// also takes `1_000`.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) =
        unsigned(text).split_once(['e', 'E']).unwrap_or((unsigned(text), "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = unsigned(exponent);
    digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() > 0
        && digits(exponent)
        && !exponent.is_empty()
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Whole(a), Form::Whole(b)) => a.cmp(b),
            (Form::Decimal(a), Form::Decimal(b)) => a.cmp(b),
            _ => self.to_decimal().cmp(&other.to_decimal()),
        }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Form::Whole(number))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::new(BigDecimal::from(number))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Whole(whole) => whole.fmt(f),
            Form::Decimal(decimal) => f.write_str(&decimal.to_plain_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_however_it_is_written() {
        let one = Number::from(1i64);
        for text in ["1", "1.0", "1e0", "0.1e1", "10e-1"] {
            assert_eq!(Number::parse(text).as_ref(), Ok(&one), "{text}");
        }
    }

    #[test]
    fn the_wire_form_loses_nothing() {
        assert_eq!(Number::parse("42").map(|n| n.wire()), Ok(Wire::Signed(42)));
        assert_eq!(Number::parse("0.5").map(|n| n.wire()), Ok(Wire::Float(0.5)));
        assert_eq!(Number::parse("0.1").map(|n| n.wire()), Ok(Wire::Text("0.1".to_owned())));
        let big = "9223372036854775808";
        assert_eq!(Number::parse(big).map(|n| n.wire()), Ok(Wire::Text(big.to_owned())));
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        for text in ["", "one", "NaN", "1e999999999", "1e-999999999"] {
            assert!(Number::parse(text).is_err(), "{text}");
        }
        // The largest exponents that fit in 64 bits, and the next ones.
        for text in ["1e9223372036854775807", "1e9223372036854775808", "1e-9223372036854775807"] {
            assert!(Number::parse(text).is_err(), "{text}");
        }
        assert!(Number::from_f64(f64::INFINITY).is_err());
        assert!(Number::from_f64(f64::NAN).is_err());
        assert!(Number::parse(&"9".repeat(5000)).is_err());
    }

    #[test]
    fn only_decimal_text_is_a_number() {
        for text in ["1_000", "_1", "1e1_0", "1._5", "0x10", "1e", ".", "-", "+-1", "1e1.5", " 1"] {
            assert_eq!(Number::parse(text), Err("the text is not a number".to_owned()), "{text}");
        }
        for (text, same) in [("+5", "5"), (".5", "0.5"), ("5.", "5"), ("1E+2", "100"), ("-0", "0")]
        {
            assert_eq!(Number::parse(text), Number::parse(same), "{text}");
        }
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let texts = ["-1e30", "-9223372036854775809", "-9223372036854775808", "-0.5", "0", "0.5"];
        let more = ["1", "9223372036854775807", "9223372036854775807.5", "9223372036854775808"];
        let numbers: Vec<_> =
            texts.iter().chain(&more).map(|t| Number::parse(t).unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn no_number_is_too_large_to_look_at() {
        let huge = Number::new(BigDecimal::new(1.into(), i64::MIN + 1));
        assert_eq!(huge.as_i64(), None);
    }

    #[test]
    fn only_whole_numbers_are_whole() {
        assert_eq!(Number::parse("2.0").ok().and_then(|n| n.as_i64()), Some(2));
        assert_eq!(Number::parse("2.5").ok().and_then(|n| n.as_i64()), None);
        assert_eq!(Number::parse("1e30").ok().and_then(|n| n.as_i64()), None);
    }
}
