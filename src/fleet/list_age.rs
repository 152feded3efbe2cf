//! How old HSS's own list may be.
//!
//! HSS collects its clusters once a day, or on request. Requesting the list does not make it younger, so
//! without this judgement the state of a week ago would look like the present. Must not: read a clock.

use std::time::Duration;

use jiff::SignedDuration;

/// HSS collects once a day; after two more hours it has missed one time.
const ONE_MISSED: Duration = Duration::from_hours(26);
/// The slack in the limit, which counts only once, however many days are missed.
const SLACK: Duration = Duration::from_hours(2);
/// The shortest limit: a list can be synchronised by hand, but not every minute.
const SHORTEST: Duration = Duration::from_mins(5);
/// The longest limit, 100 years of 365.25 days, which disables the warning.
const LONGEST: Duration = Duration::from_hours(876_600);

/// How current HSS's own list is, whenever it was last checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListCurrency {
    /// Younger than the limit.
    Current,
    /// Older than the limit: HSS missed one time.
    Aging,
    /// Too old to be called fresh.
    Old,
}

/// How old HSS's list may be before its age is worth a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListAgeLimit(Duration);

impl Default for ListAgeLimit {
    /// 26 hours.
    fn default() -> Self {
        Self(ONE_MISSED)
    }
}

impl ListAgeLimit {
    /// Reads a limit such as `26h` or `2days`, from 5 minutes to 100 years.
    pub fn read(text: &str) -> Option<Self> {
        let limit = humantime::parse_duration(text).ok()?;
        (SHORTEST..=LONGEST).contains(&limit).then_some(Self(limit))
    }

    /// Judges a list of this age. It is old when HSS has missed two times: beyond twice the limit, less the
    /// two hours of slack that would count twice.
    pub fn judge(self, age: SignedDuration) -> ListCurrency {
        // A list with a date in the future has no age; the odd date is reported elsewhere.
        let age = Duration::try_from(age).unwrap_or_default();
        let old = self.0.saturating_mul(2).saturating_sub(SLACK).max(self.0);
        if age <= self.0 {
            ListCurrency::Current
        } else if age <= old {
            ListCurrency::Aging
        } else {
            ListCurrency::Old
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(limit: &str, hours: i64) -> ListCurrency {
        ListAgeLimit::read(limit)
            .unwrap()
            .judge(SignedDuration::from_hours(hours))
    }

    #[test]
    fn one_missed_day_is_a_warning_and_two_make_it_old() {
        assert_eq!(ListAgeLimit::read("26h"), Some(ListAgeLimit::default()));
        for (hours, currency) in [
            (-30, ListCurrency::Current),
            (26, ListCurrency::Current),
            (27, ListCurrency::Aging),
            (50, ListCurrency::Aging),
            (51, ListCurrency::Old),
        ] {
            assert_eq!(judged("26h", hours), currency, "{hours}");
        }
        assert_eq!(judged("1h", 1), ListCurrency::Current);
        assert_eq!(judged("1h", 2), ListCurrency::Old, "a short limit has no slack");
    }

    #[test]
    fn a_limit_is_a_time_from_minutes_to_100_years() {
        for text in ["26h", "2days", "5m", "1day 2h", "365days", "100years"] {
            assert!(ListAgeLimit::read(text).is_some(), "{text}");
        }
        for text in ["", "26", "1m", "0s", "101years", "soon", "-26h"] {
            assert!(ListAgeLimit::read(text).is_none(), "{text}");
        }
    }
}
