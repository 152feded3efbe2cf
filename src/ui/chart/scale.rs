//! The height of an amount in a chart.
//!
//! The picture stands on zero, and zero has a dot, which distinguishes it from an unknown amount. Its top is
//! the limit. If more was used, the axis grows and the limit is a line in the picture. Without a limit the
//! top is the next round amount.

use crate::fleet::quantity::Measure;
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};
use crate::ui::theme::Role;

/// The vertical dots of a cell.
const DOTS: usize = 4;

/// The heights of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeightScale {
    top: u64,
    limit: Option<u64>,
    rows: usize,
}

impl HeightScale {
    /// The scale of a chart with this limit, the highest usage `peak`, and this many rows.
    pub fn of(limit: Option<u64>, peak: Option<u64>, measure: Measure, rows: usize) -> Self {
        let peak = peak.unwrap_or(0);
        let limit = limit.filter(|limit| *limit > 0);
        let top = match limit {
            // An amount slightly above the limit would look like the limit.
            Some(limit) if peak > limit => peak.max(limit.saturating_add(limit / 4)),
            Some(limit) => limit,
            None => round_up(peak, measure),
        };
        Self {
            top: top.max(1),
            limit,
            rows,
        }
    }

    /// The amount at the top.
    pub fn top(&self) -> u64 {
        self.top
    }

    /// Dots from the bottom up: one for zero, all for the top.
    pub fn height(&self, amount: u64) -> usize {
        let most = self.rows * DOTS;
        let steps = u128::try_from(most.saturating_sub(1)).unwrap_or(0);
        let (amount, top) = (u128::from(amount.min(self.top)), u128::from(self.top));
        // To the nearest dot.
        let height = 1 + (amount * steps * 2 + top) / (top * 2);
        usize::try_from(height).unwrap_or(most).min(most)
    }

    /// The row of an amount, counted from the top.
    pub fn row(&self, amount: u64) -> usize {
        (self.rows * DOTS - self.height(amount)) / DOTS
    }

    /// Dots of an amount in a row, counted from the top: none, some, or all four.
    pub fn dots_in(&self, amount: u64, row: usize) -> usize {
        let below = (self.rows.saturating_sub(row + 1)) * DOTS;
        self.height(amount).saturating_sub(below).min(DOTS)
    }

    /// The meaning of an amount: near the limit, at it, or neither.
    pub fn role(&self, amount: u64) -> Role {
        let Some(limit) = self.limit else {
            return Role::Text;
        };
        let percent = u128::from(amount) * 100 / u128::from(limit);
        if percent >= CRITICAL_PERCENT.into() {
            Role::Bad
        } else if percent >= WARN_PERCENT.into() {
            Role::Warn
        } else {
            Role::Text
        }
    }
}

/// The next round amount: one, two or five of a power of ten of cores, a power of two of bytes.
fn round_up(amount: u64, measure: Measure) -> u64 {
    match measure {
        Measure::Cpu => {
            // A hundredth of a core is the smallest top.
            let powers = (0..13).filter_map(|power| 10_u64.checked_pow(power)?.checked_mul(10_000_000));
            let mut rounds = powers.flat_map(|power| [1, 2, 5].map(|times| power.saturating_mul(times)));
            rounds.find(|round| *round >= amount).unwrap_or(u64::MAX)
        }
        Measure::Memory => amount
            .max(1 << 20)
            .checked_next_power_of_two()
            .unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_top_is_the_limit_or_above_it_where_more_was_used() {
        let top = |limit, peak| HeightScale::of(limit, Some(peak), Measure::Memory, 6).top();
        assert_eq!(top(Some(100), 97), 100);
        assert_eq!(top(Some(100), 100), 100);
        assert_eq!(top(Some(100), 101), 125);
        assert_eq!(top(Some(100), 300), 300);
        assert_eq!(top(None, 5 << 20), 8 << 20);
        assert_eq!(top(Some(0), 5 << 20), 8 << 20, "a limit of 0 is none");
        let cores = |peak| HeightScale::of(None, Some(peak), Measure::Cpu, 6).top();
        assert_eq!((cores(0), cores(130_000_000)), (10_000_000, 200_000_000));
        assert_eq!((cores(u64::MAX), top(None, u64::MAX)), (u64::MAX, u64::MAX));
    }

    #[test]
    fn what_is_over_the_limit_stands_above_its_line() {
        let scale = HeightScale::of(Some(100), Some(110), Measure::Cpu, 6);
        assert!(scale.row(110) < scale.row(100));
        assert_eq!(
            (scale.role(110), scale.role(90), scale.role(70)),
            (Role::Bad, Role::Bad, Role::Warn)
        );
        assert_eq!(scale.role(69), Role::Text);
    }

    proptest! {
        /// A larger amount is never lower; zero has one dot and the top has all; every dot is in exactly one
        /// row.
        #[test]
        fn a_scale_is_honest(
            limit in prop::option::of(any::<u64>()),
            peak in any::<u64>(),
            (less, more) in (any::<u64>(), any::<u64>()),
            rows in 1_usize..40,
        ) {
            let scale = HeightScale::of(limit, Some(peak), Measure::Memory, rows);
            let (less, more) = (less.min(more), less.max(more));
            prop_assert!(scale.height(less) <= scale.height(more));
            prop_assert_eq!((scale.height(0), scale.height(scale.top())), (1, rows * DOTS));
            prop_assert!(scale.top() >= peak.max(limit.unwrap_or(0)));
            let dots: usize = (0..rows).map(|row| scale.dots_in(more, row)).sum();
            prop_assert_eq!(dots, scale.height(more));
            prop_assert!(scale.dots_in(more, scale.row(more)) > 0);
            prop_assert!((0..scale.row(more)).all(|row| scale.dots_in(more, row) == 0));
        }

        /// The height is off by half a dot at most.
        #[test]
        fn a_height_is_in_proportion(top in 1_u64..u64::MAX, amount in any::<u64>(), rows in 1_usize..40) {
            let scale = HeightScale::of(Some(top), Some(0), Measure::Memory, rows);
            let amount = amount % top;
            let steps = u128::try_from(rows * DOTS - 1).unwrap();
            let drawn = u128::try_from(scale.height(amount) - 1).unwrap() * u128::from(top);
            let right = u128::from(amount) * steps;
            prop_assert!(drawn.abs_diff(right) * 2 <= u128::from(top));
        }
    }
}
