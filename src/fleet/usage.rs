//! Usage against a limit, and how near is too near.
//!
//! Owns the one comparison of an amount used with the amount allowed, and its thresholds. Must not: turn an absent
//! figure into zero. No usage, no limit and no number are three different answers.

use super::field::Field;
use super::quantity::{MOST, Quantity};

/// Percent of a limit from which usage is worth a look, inclusive.
pub const WARN_PERCENT: u32 = 70;
/// Percent of a limit from which usage is a problem, inclusive.
pub const CRITICAL_PERCENT: u32 = 90;

/// What is known of the use of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// The API did not say how much is used.
    NotReported,
    /// Used, but nothing limits it: no limit, or a limit of 0, which means the same.
    NoLimit,
    /// Used this share of the limit, in percent, rounded down; above 100 where the limit is exceeded. The largest number
    /// stands for all that are larger.
    Percent(u32),
    /// One of the two figures came, but is no quantity; or is larger than can be told, so that the share is unknown.
    Unreadable,
}

impl Usage {
    /// Compares what is used with what is allowed; both in the same unit.
    pub fn of(used: &Field<Quantity>, limit: &Field<Quantity>) -> Self {
        let amount = |field: &Field<Quantity>| match field {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(quantity) => Field::Value(quantity.amount),
        };
        Self::of_amounts(amount(used), amount(limit))
    }

    /// The same of the amounts alone; one that came and is no quantity has none.
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
                // An amount that stands for all that are larger gives a share that is too small, or too large. It is exact
                // where the true one is not another: beyond all that can be told, or below 1.
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

    /// The share of the limit in percent, where both are known.
    pub fn percent(self) -> Option<u32> {
        match self {
            Self::Percent(percent) => Some(percent),
            Self::NotReported | Self::NoLimit | Self::Unreadable => None,
        }
    }

    /// Whether it is known how much is used, be it limited or not.
    pub fn is_told(self) -> bool {
        matches!(self, Self::NoLimit | Self::Percent(_))
    }

    /// How near the limit is.
    pub fn pressure(self) -> Pressure {
        match self.percent() {
            None => Pressure::Unknown,
            Some(percent) if percent >= CRITICAL_PERCENT => Pressure::Critical,
            Some(percent) if percent >= WARN_PERCENT => Pressure::Warn,
            Some(_) => Pressure::Calm,
        }
    }
}

/// How near usage is to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Usage or limit is not known.
    Unknown,
    /// Below [`WARN_PERCENT`].
    Calm,
    /// From [`WARN_PERCENT`] on.
    Warn,
    /// From [`CRITICAL_PERCENT`] on.
    Critical,
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
    fn a_ratio_needs_both_figures_and_a_limit_above_zero() {
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
    fn a_share_of_an_amount_that_is_too_large_to_tell_is_unknown_and_not_wrong() {
        // The most that can be told is 18,446,744,073.7 cores.
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
            "whatever is more"
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
