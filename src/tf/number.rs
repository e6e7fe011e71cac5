//! Terraform numbers: decimals of any size, never truncated.

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(BigDecimal);

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
        Self(decimal.normalized())
    }

    /// Reads decimal text such as `0.1` or `1e3`.
    ///
    /// # Errors
    /// Says why the text is no number, or too large a one.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_TEXT {
            return Err("the number has too many digits".to_owned());
        }
        let decimal =
            BigDecimal::from_str(text).map_err(|_| format!("{text:?} is not a number"))?;
        let (digits, scale) = decimal.as_bigint_and_scale();
        // The smallest scale has no counterpart above zero.
        if scale.unsigned_abs() > MAX_EXPONENT + digits.bits() / 3 {
            return Err(format!("the number {text:?} is out of range"));
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
    pub fn as_decimal(&self) -> &BigDecimal {
        &self.0
    }

    /// The number as a signed 64-bit whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }

    /// The shortest form in which it loses nothing.
    pub fn wire(&self) -> Wire {
        if let Some(whole) = self.as_i64() {
            return Wire::Signed(whole);
        }
        match self.0.to_f64() {
            Some(float)
                if !self.0.is_integer()
                    && float.is_finite()
                    && Self::from_f64(float).as_ref() == Ok(self) =>
            {
                Wire::Float(float)
            }
            _ => Wire::Text(self.to_string()),
        }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::new(BigDecimal::from(number))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::new(BigDecimal::from(number))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
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
    fn only_whole_numbers_are_whole() {
        assert_eq!(Number::parse("2.0").ok().and_then(|n| n.as_i64()), Some(2));
        assert_eq!(Number::parse("2.5").ok().and_then(|n| n.as_i64()), None);
        assert_eq!(Number::parse("1e30").ok().and_then(|n| n.as_i64()), None);
    }
}
