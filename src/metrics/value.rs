//! The value of a sample.
//!
//! Owns the number as a scraper reads it: a whole number of decimal parts, so that every digit is exact. NaN,
//! which some scrapers drop silently, cannot be written.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// A decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricValue {
    digits: i128,
    /// The number of digits after the point.
    places: u8,
}

impl MetricValue {
    /// The parts.
    pub fn count(count: usize) -> Self {
        Self::of(count as u128, 0)
    }

    /// A whole number.
    pub fn whole(number: u64) -> Self {
        Self::of(number.into(), 0)
    }

    /// 1 or 0.
    pub fn flag(flag: bool) -> Self {
        Self::of(flag.into(), 0)
    }

    /// A moment, in seconds since 1970 UTC.
    pub fn moment(at: Timestamp) -> Self {
        Self {
            digits: at.as_millisecond().into(),
            places: 3,
        }
    }

    /// A time span, in seconds.
    pub fn seconds(span: Duration) -> Self {
        Self::of(span.as_micros(), 6)
    }

    /// A whole number of billionths, such as nanocores.
    pub fn billionths(number: u128) -> Self {
        Self::of(number, 9)
    }

    /// A whole number of units that may be very large, such as bytes of a fleet.
    pub fn large(number: u128) -> Self {
        Self::of(number, 0)
    }

    fn of(digits: u128, places: u8) -> Self {
        Self {
            digits: i128::try_from(digits).unwrap_or(i128::MAX),
            places,
        }
    }
}

impl fmt::Display for MetricValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u128.pow(self.places.into());
        let digits = self.digits.unsigned_abs();
        let sign = if self.digits < 0 { "-" } else { "" };
        write!(f, "{sign}{}", digits / unit)?;
        let fraction = digits % unit;
        if fraction == 0 {
            return Ok(());
        }
        let text = format!("{fraction:0width$}", width = usize::from(self.places));
        write!(f, ".{}", text.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_written() {
        for (value, text) in [
            (MetricValue::count(0), "0"),
            (MetricValue::count(1071), "1071"),
            (MetricValue::whole(u64::MAX), "18446744073709551615"),
            (MetricValue::flag(true), "1"),
            (MetricValue::billionths(1_250_000_000), "1.25"),
            (MetricValue::billionths(1), "0.000000001"),
            (MetricValue::billionths(20_000_000_000), "20"),
            (MetricValue::seconds(Duration::from_millis(1500)), "1.5"),
            (
                MetricValue::moment(Timestamp::from_millisecond(1_755_250_215_618).unwrap()),
                "1755250215.618",
            ),
            (
                MetricValue::moment(Timestamp::from_millisecond(-1500).unwrap()),
                "-1.5",
            ),
        ] {
            assert_eq!(value.to_string(), text);
        }
        assert!(MetricValue::large(u128::MAX).to_string().parse::<f64>().is_ok());
    }
}
