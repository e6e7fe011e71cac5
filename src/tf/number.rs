//! Terraform numbers: decimals of any size, never truncated.

use std::fmt;

use bigdecimal::{BigDecimal, ToPrimitive};

/// A Terraform number. Two numbers are equal when their values are, however
/// they were written (`1`, `1.0` and `1e0` are one number).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(BigDecimal);

impl Number {
    /// Wraps an exact decimal.
    pub fn new(decimal: BigDecimal) -> Self {
        Self(decimal.normalized())
    }

    /// The exact decimal.
    pub fn as_decimal(&self) -> &BigDecimal {
        &self.0
    }

    /// The number as a signed 64-bit whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        if self.0.is_integer() { self.0.to_i64() } else { None }
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
