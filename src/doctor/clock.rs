//! How this machine's clock and the service's differ, in words, and which one is likely wrong.
//!
//! Pure: what was measured is an argument.

use jiff::SignedDuration;

use super::Check;
use crate::hss::skew::{ClockDoubt, LikelyWrong, WORTH_CORRECTING};
use crate::ui::format::in_words;

/// The check's name.
pub(super) const NAME: &str = "clock";
/// A `Date` has whole seconds, and the answer takes time to arrive: less is not a difference.
const AS_GOOD_AS_NONE: SignedDuration = SignedDuration::from_secs(2);

/// A difference that is believed. Positive: this machine is behind.
pub(super) fn measured(skew: SignedDuration) -> Check {
    let by = in_words(skew.unsigned_abs().as_secs());
    let direction = if skew.is_positive() { "behind" } else { "ahead of" };
    if skew.abs() <= AS_GOOD_AS_NONE {
        Check::ok(NAME, "within 2 seconds of the service's clock")
    } else if skew.abs() <= WORTH_CORRECTING {
        Check::ok(
            NAME,
            format!("this machine's clock is {by} {direction} the service's"),
        )
    } else {
        Check::problem(
            NAME,
            format!("this machine's clock is {by} {direction} the service's, and likely wrong"),
            "set it, preferably with NTP; signatures are refused beyond 15 minutes unless their date is corrected",
        )
    }
}

/// A difference that is not believed.
pub(super) fn doubted(doubt: ClockDoubt) -> Check {
    let by = in_words(doubt.difference.unsigned_abs().as_secs());
    let direction = if doubt.difference.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    let found = format!("the service's clock is {by} {direction} this machine's");
    match doubt.wrong {
        LikelyWrong::Theirs => Check::warning(
            NAME,
            format!("{found}, and likely wrong: the date of the list fits this machine's clock"),
            "a proxy or gateway in between has a wrong clock; ages are measured with this machine's",
        ),
        LikelyWrong::Ours | LikelyWrong::Unknown => Check::problem(
            NAME,
            format!("{found}; unclear which one is wrong"),
            "compare this machine's clock with another one, preferably with NTP; until then ages are measured with it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_difference_is_told_in_words_with_the_clock_that_is_likely_wrong() {
        for (seconds, verdict, found) in [
            (-2, Verdict::Ok, "within 2 seconds of the service's clock"),
            (
                3,
                Verdict::Ok,
                "this machine's clock is 3 seconds behind the service's",
            ),
            (
                -240,
                Verdict::Ok,
                "this machine's clock is 4 minutes ahead of the service's",
            ),
            (
                12 * 86_400,
                Verdict::Problem,
                "this machine's clock is 12 days behind the service's, and likely wrong",
            ),
        ] {
            let check = measured(SignedDuration::from_secs(seconds));
            assert_eq!((check.verdict, check.found.as_str()), (verdict, found));
        }
        for (days, wrong, verdict, found) in [
            (
                74 * 366,
                LikelyWrong::Theirs,
                Verdict::Warning,
                "the service's clock is 74 years ahead of this machine's, and likely wrong: the date of the list fits this \
                 machine's clock",
            ),
            (
                -12,
                LikelyWrong::Unknown,
                Verdict::Problem,
                "the service's clock is 12 days behind this machine's; unclear which one is wrong",
            ),
        ] {
            let difference = SignedDuration::from_hours(24 * days);
            let check = doubted(ClockDoubt { difference, wrong });
            assert_eq!((check.verdict, check.found.as_str()), (verdict, found));
        }
    }
}
