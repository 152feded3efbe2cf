//! Usage in relation to a limit, and its thresholds.
//!
//! Owns the only comparison of usage and limit. Must not: turn an absent value into zero. No usage, no limit
//! and an invalid number are three different results.

use super::field::Field;
use super::quantity::{MOST, Quantity};

/// Usage from this percentage of the limit on (inclusive) needs attention.
pub const WARN_PERCENT: u32 = 70;
/// Usage from this percentage of the limit on (inclusive) is a problem.
pub const CRITICAL_PERCENT: u32 = 90;

/// Usage that was at a threshold is below it again only this many percent of the limit further down: what oscillates
/// around a threshold is not reported each time.
pub const BELOW_AGAIN: u32 = 5;

/// The usage of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// The API did not report the usage.
    NotReported,
    /// There is usage but no limit, or a limit of 0, which means the same.
    NoLimit,
    /// Usage in percent of the limit, rounded down; above 100 if it exceeds the limit. The largest number
    /// also stands for all larger ones.
    Percent(u32),
    /// One of the two values is not a valid quantity, or so large that the percentage is unknown.
    Unreadable,
}

impl Usage {
    /// Compares usage and limit, which have the same unit.
    pub fn of(used: &Field<Quantity>, limit: &Field<Quantity>) -> Self {
        let amount = |field: &Field<Quantity>| match field {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(quantity) => Field::Value(quantity.amount),
        };
        Self::of_amounts(amount(used), amount(limit))
    }

    /// The same for amounts; a value that is not a valid quantity has none.
    pub(super) fn of_amounts(used: Field<Option<u64>>, limit: Field<Option<u64>>) -> Self {
        match (used, limit) {
            (Field::Unreadable, _) | (_, Field::Unreadable) => Self::Unreadable,
            (Field::Absent, _) => Self::NotReported,
            (Field::Value(Some(_)), Field::Absent | Field::Value(Some(0))) => Self::NoLimit,
            (Field::Value(Some(used)), Field::Value(Some(limit))) => {
                let percent = match used.checked_mul(100) {
                    Some(hundredfold) => u128::from(hundredfold / limit),
                    None => u128::from(used) * 100 / u128::from(limit),
                };
                let percent = u32::try_from(percent).unwrap_or(u32::MAX);
                // A capped amount gives a percentage that is too small or too large. It is right if the true
                // one gives the same result: above the largest number, or below 1.
                let is_known = match (used, limit) {
                    (MOST, MOST) => false,
                    (MOST, _) => percent == u32::MAX,
                    (_, MOST) => percent == 0,
                    (_, _) => true,
                };
                if is_known {
                    Self::Percent(percent)
                } else {
                    Self::Unreadable
                }
            }
            (Field::Value(_), _) => Self::Unreadable,
        }
    }

    /// Usage in percent of the limit, if both are known.
    pub fn percent(self) -> Option<u32> {
        match self {
            Self::Percent(percent) => Some(percent),
            Self::NotReported | Self::NoLimit | Self::Unreadable => None,
        }
    }

    /// Whether the usage is known, with or without a limit.
    pub fn is_told(self) -> bool {
        matches!(self, Self::NoLimit | Self::Percent(_))
    }

    /// How close the usage is to the limit.
    pub fn pressure(self) -> Pressure {
        match self.percent() {
            None => Pressure::Unknown,
            Some(percent) if percent >= CRITICAL_PERCENT => Pressure::Critical,
            Some(percent) if percent >= WARN_PERCENT => Pressure::Warn,
            Some(_) => Pressure::Calm,
        }
    }
}

impl Usage {
    /// How close the usage is to the limit, where it was this close before: see [`BELOW_AGAIN`].
    pub fn pressure_after(self, before: Pressure) -> Pressure {
        let Some(percent) = self.percent() else {
            return Pressure::Unknown;
        };
        let is_from = |threshold: u32, pressure| {
            let least = if before >= pressure {
                threshold - BELOW_AGAIN
            } else {
                threshold
            };
            percent >= least
        };
        if is_from(CRITICAL_PERCENT, Pressure::Critical) {
            Pressure::Critical
        } else if is_from(WARN_PERCENT, Pressure::Warn) {
            Pressure::Warn
        } else {
            Pressure::Calm
        }
    }

    /// A number that differs for usages between which something may be told.
    pub(super) fn band(self) -> u8 {
        let bounds = [
            WARN_PERCENT - BELOW_AGAIN,
            WARN_PERCENT,
            CRITICAL_PERCENT - BELOW_AGAIN,
            CRITICAL_PERCENT,
        ];
        match self.percent() {
            None => 0,
            Some(percent) => {
                1 + bounds
                    .into_iter()
                    .map(|bound| u8::from(percent >= bound))
                    .sum::<u8>()
            }
        }
    }
}

/// How close usage is to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Usage or limit is unknown.
    Unknown,
    /// Below [`WARN_PERCENT`].
    Calm,
    /// From [`WARN_PERCENT`] on.
    Warn,
    /// From [`CRITICAL_PERCENT`] on.
    Critical,
}

impl Pressure {
    /// Every one, the lowest first.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Calm, Self::Warn, Self::Critical];

    /// Its word in files and filters.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Calm => "calm",
            Self::Warn => "warn",
            Self::Critical => "critical",
        }
    }

    /// The one with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::quantity::Measure;

    fn field(text: &str) -> Field<Quantity> {
        if text.is_empty() {
            Field::Absent
        } else {
            Field::Value(Quantity::read(text, Measure::Cpu))
        }
    }

    fn usage(used: &str, limit: &str) -> Usage {
        Usage::of(&field(used), &field(limit))
    }

    #[test]
    fn a_percentage_needs_usage_and_a_limit_above_zero() {
        assert_eq!(usage("700m", "1"), Usage::Percent(70));
        assert_eq!(usage("1500m", "1"), Usage::Percent(150));
        assert_eq!(usage("0", "1"), Usage::Percent(0));
        assert_eq!(usage("", "1"), Usage::NotReported);
        assert_eq!(usage("", ""), Usage::NotReported);
        assert_eq!(usage("1", ""), Usage::NoLimit);
        assert_eq!(usage("1", "0"), Usage::NoLimit);
        assert_eq!(usage("12%", "1"), Usage::Unreadable);
        assert_eq!(usage("12%", ""), Usage::Unreadable);
        assert_eq!(usage("1", "lots"), Usage::Unreadable);
        assert_eq!(usage("-1", "1"), Usage::Unreadable);
        assert_eq!(usage("1e20", "1e21"), Usage::Unreadable);
        assert_eq!(usage("1e20", "1"), Usage::Percent(u32::MAX));
        assert_eq!(usage("1", "1e20"), Usage::Percent(0));
        assert_eq!(Usage::of(&Field::Unreadable, &field("1")), Usage::Unreadable);
        assert_eq!(Usage::of(&field("1"), &Field::Unreadable), Usage::Unreadable);
    }

    #[test]
    fn the_percentage_of_a_capped_amount_is_unknown_instead_of_wrong() {
        // The largest amount is 18,446,744,073.7 cores.
        assert_eq!(
            usage("20000000000", "10000000000"),
            Usage::Unreadable,
            "200 %, not 184"
        );
        assert_eq!(
            usage("15000000000", "30000000000"),
            Usage::Unreadable,
            "50 %, not 81"
        );
        assert_eq!(usage("20000000000", "40000000000"), Usage::Unreadable);
        assert_eq!(usage("18446744073", "18446744073"), Usage::Percent(100));
        assert_eq!(
            usage("20000000000", "1"),
            Usage::Percent(u32::MAX),
            "for every larger usage"
        );
        assert_eq!(
            usage("20000000000", "500"),
            Usage::Unreadable,
            "not 3,689,348,814 %"
        );
        assert_eq!(usage("100000000", "40000000000"), Usage::Percent(0));
        assert_eq!(usage("20000000000", ""), Usage::NoLimit);
    }

    #[test]
    fn thresholds_are_inclusive_and_exact() {
        assert_eq!(usage("699m", "1").pressure(), Pressure::Calm);
        assert_eq!(usage("210m", "300m").pressure(), Pressure::Warn);
        assert_eq!(usage("899m", "1").pressure(), Pressure::Warn);
        assert_eq!(usage("270m", "300m").pressure(), Pressure::Critical);
        assert_eq!(usage("18000000000", "1n"), Usage::Percent(u32::MAX));
        assert_eq!(usage("", "1").pressure(), Pressure::Unknown);
    }
}
