//! Numbers with units in a filter.
//!
//! Owns the conversion of a typed number to an exact integer and back. Amounts of CPU and memory are those of
//! [`Quantity`]. Must not: round. A number that is not exact in its unit is invalid.

use crate::fleet::quantity::{Measure, Quantity};

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Hundredths of a percent.
    Percent,
    /// Nanocores.
    Cores,
    /// Bytes.
    Bytes,
    /// Seconds.
    Age,
    /// Points of the risk score.
    Points,
}

/// The units of an age in seconds, the largest first; a year has 365 days, as on the screen.
const AGE_UNITS: [(&str, u64); 6] = [
    ("y", 31_536_000),
    ("w", 604_800),
    ("d", 86_400),
    ("h", 3600),
    ("m", 60),
    ("s", 1),
];
const CORE_SUFFIXES: [(&str, u64); 4] = [("", 1_000_000_000), ("m", 1_000_000), ("u", 1000), ("n", 1)];
const BYTE_SUFFIXES: [(&str, u64); 13] = [
    ("Ei", 1 << 60),
    ("E", 1_000_000_000_000_000_000),
    ("Pi", 1 << 50),
    ("P", 1_000_000_000_000_000),
    ("Ti", 1 << 40),
    ("T", 1_000_000_000_000),
    ("Gi", 1 << 30),
    ("G", 1_000_000_000),
    ("Mi", 1 << 20),
    ("M", 1_000_000),
    ("Ki", 1 << 10),
    ("k", 1000),
    ("", 1),
];

impl Unit {
    /// The amount that `text` stands for; `None` if it is invalid or too large.
    pub fn read(self, text: &str) -> Option<u64> {
        match self {
            Self::Percent => percent(text),
            Self::Cores => Quantity::read(text, Measure::Cpu).amount,
            Self::Bytes => Quantity::read(text, Measure::Memory).amount,
            Self::Age => age(text),
            Self::Points => digits(text),
        }
    }

    /// A text that [`Self::read`] reads as `amount`.
    pub fn write(self, amount: u64) -> String {
        match self {
            Self::Percent => format!("{}.{:02}", amount / 100, amount % 100)
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned(),
            Self::Cores => with_suffix(amount, &CORE_SUFFIXES),
            Self::Bytes => with_suffix(amount, &BYTE_SUFFIXES),
            Self::Age => written_age(amount),
            Self::Points => amount.to_string(),
        }
    }

    /// A description of a valid number, with examples.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Percent => "a percentage such as 80 or 79.5",
            Self::Cores => "an amount of CPU such as 500m or 1.5",
            Self::Bytes => "an amount of memory such as 512Mi or 1.5Gi",
            Self::Age => "an age such as 90s, 2h or 1d12h",
            Self::Points => "a whole number such as 50",
        }
    }
}

/// Parses ASCII digits only: `parse` alone would accept a sign.
fn digits(text: &str) -> Option<u64> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

fn percent(text: &str) -> Option<u64> {
    let text = text.strip_suffix('%').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let well_formed = !whole.is_empty() && matches!(fraction.len(), 1 | 2);
    if well_formed {
        digits(&format!("{whole}{fraction:0<2}"))
    } else {
        None
    }
}

fn age(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut units = AGE_UNITS.iter();
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
        // The search continues after the last unit: each unit occurs once, the largest first.
        let (seconds, tail) = units.find_map(|(name, seconds)| Some((seconds, tail.strip_prefix(name)?)))?;
        total = total.checked_add(digits(number)?.checked_mul(*seconds)?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

fn written_age(seconds: u64) -> String {
    let parts: Vec<String> = AGE_UNITS
        .iter()
        .filter(|(name, _)| *name != "w") // the screen has no weeks
        .scan(seconds, |rest, (name, unit)| {
            let whole = *rest / unit;
            *rest %= unit;
            Some((whole, name))
        })
        .filter(|(whole, _)| *whole > 0)
        .map(|(whole, name)| format!("{whole}{name}"))
        .collect();
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.concat()
    }
}

/// `amount` in the largest unit that gives a whole number.
fn with_suffix(amount: u64, suffixes: &[(&str, u64)]) -> String {
    suffixes
        .iter()
        .find(|(_, unit)| amount > 0 && amount.is_multiple_of(*unit))
        .map_or_else(
            || amount.to_string(),
            |(suffix, unit)| format!("{}{suffix}", amount / unit),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNITS: [Unit; 5] = [Unit::Percent, Unit::Cores, Unit::Bytes, Unit::Age, Unit::Points];

    #[test]
    fn numbers_are_read_exactly() {
        let cases = [
            (Unit::Percent, "80", 8000),
            (Unit::Percent, "79.5", 7950),
            (Unit::Percent, "0.05%", 5),
            (Unit::Cores, "500m", 500_000_000),
            (Unit::Cores, "1.5", 1_500_000_000),
            (Unit::Bytes, "1.5Gi", 1_610_612_736),
            (Unit::Age, "90s", 90),
            (Unit::Age, "1d12h", 129_600),
            (Unit::Age, "1y2w3d4h5m6s", 33_019_506),
            (Unit::Age, "90m", 5400),
            (Unit::Points, "50", 50),
        ];
        for (unit, text, amount) in cases {
            assert_eq!(unit.read(text), Some(amount), "{text}");
        }
    }

    #[test]
    fn a_number_that_is_not_exact_is_invalid() {
        let cases = [
            (
                Unit::Percent,
                &["", "%", ".5", "5.", "79.555", "-1", "+1", "80%%", "x"][..],
            ),
            (Unit::Cores, &["", "1 core", "-1", "lots"][..]),
            (Unit::Bytes, &["", "1.5gi", "1GiB"][..]),
            (
                Unit::Age,
                &[
                    "",
                    "1",
                    "h",
                    "12h1d",
                    "1h1h",
                    "1.5h",
                    "1d 2h",
                    "-1h",
                    "1H",
                    "9999999999999999999y",
                ][..],
            ),
            (
                Unit::Points,
                &["", "1.5", "-1", "+1", "1e3", "99999999999999999999"][..],
            ),
        ];
        for (unit, texts) in cases {
            for text in texts {
                assert_eq!(unit.read(text), None, "{text}");
            }
        }
    }

    #[test]
    fn amounts_are_written_as_operators_write_them() {
        let cases = [
            (Unit::Percent, 8000, "80"),
            (Unit::Percent, 7950, "79.5"),
            (Unit::Percent, 5, "0.05"),
            (Unit::Percent, 10_000, "100"),
            (Unit::Percent, 0, "0"),
            (Unit::Cores, 2_000_000_000, "2"),
            (Unit::Cores, 1_500_000_000, "1500m"),
            (Unit::Bytes, 15 << 60, "15Ei"),
            (Unit::Bytes, 3 << 50, "3Pi"),
            (Unit::Bytes, 5 << 40, "5Ti"),
            (Unit::Bytes, 7 << 30, "7Gi"),
            (Unit::Bytes, 512 << 20, "512Mi"),
            (Unit::Bytes, 1 << 10, "1Ki"),
            (Unit::Bytes, 1023, "1023"),
            (Unit::Bytes, 18_000_000_000_000_000_000, "18E"),
            (Unit::Bytes, 2000, "2k"),
            (Unit::Bytes, 500_000_000, "500M"),
            (Unit::Bytes, 0, "0"),
            (Unit::Age, 604_800, "7d"),
            (Unit::Age, 129_600, "1d12h"),
            (Unit::Age, 0, "0s"),
        ];
        for (unit, amount, text) in cases {
            assert_eq!(unit.write(amount), text);
        }
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 50_000))]

        #[test]
        fn no_text_panics(text in any::<String>()) {
            for unit in UNITS {
                let _ = unit.read(&text);
            }
        }

        #[test]
        fn a_written_amount_is_read_as_the_same_amount(amount in any::<u64>(), zeros in 0_u32..20) {
            let amount = amount / 10_u64.pow(zeros) * 10_u64.pow(zeros);
            for unit in UNITS {
                prop_assert_eq!(unit.read(&unit.write(amount)), Some(amount));
            }
        }
    }
}
