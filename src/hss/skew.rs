//! The difference between this machine's clock and the service's.
//!
//! The gateway refuses a signature whose date differs from its own clock by more than 15 minutes. So the
//! `Date` of each answer is compared with the midpoint between sending and receiving. If the gateway refuses
//! a call because of its date, and the difference is larger than [`WORTH_CORRECTING`], later signatures use
//! the gateway's clock. The clock for ages is chosen with more care, because one proxy without a clock must
//! not make a list 73 years old: the last answers must agree, and [`judge`] must find that this machine's
//! clock is the wrong one. The machine's clock itself is never touched. Time is an argument.

mod judge;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, DATE, HeaderMap};
use tokio::time::Instant;

use crate::fleet::RemoteText;
pub use judge::LikelyWrong;

/// A smaller difference is never the reason for a refused signature.
pub const WORTH_CORRECTING: SignedDuration = SignedDuration::from_mins(4);
/// The credible dates of answers in seconds since 1970: from 2020, when the API appeared, to 2100.
const ANSWERED: Range<i64> = 1_577_836_800..4_102_444_800;
/// An answer that took longer does not show the clock.
const LONGEST_ROUND_TRIP: SignedDuration = SignedDuration::from_mins(15);
/// How many answers are compared: with three, a wrong one is outvoted.
const ANSWERS: usize = 3;
/// If our two clocks diverged by more since the last answer, the wall clock was set and earlier measurements
/// no longer apply.
const SET: SignedDuration = SignedDuration::from_secs(10);

/// The times of a call by our clocks.
#[derive(Debug, Clone, Copy)]
pub struct CallTimes {
    /// When it was sent, by the wall clock.
    pub sent: Timestamp,
    /// When its answer arrived, by the wall clock.
    pub received: Timestamp,
    /// When its answer arrived, by the monotonic clock.
    pub steady: Instant,
}

/// Two clocks that differ by more than is credible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockDoubt {
    /// How far the service's clock is ahead of ours.
    pub difference: SignedDuration,
    /// Which one is likely wrong.
    pub wrong: LikelyWrong,
}

/// The measured difference. Positive: this machine is behind.
#[derive(Debug, Default)]
pub struct Skew(Mutex<KnownSkew>);

#[derive(Debug, Default)]
struct KnownSkew {
    /// The differences according to the last answers, the newest last.
    told: VecDeque<SignedDuration>,
    /// When the newest of these answers arrived, by the wall clock and by the monotonic one.
    at: Option<(Timestamp, Instant)>,
    /// `last_update_time` of the newest list.
    list: Option<Timestamp>,
    /// The impossible date of the newest answer, if it had one.
    odd: Option<RemoteText>,
    correction: SignedDuration,
}

impl KnownSkew {
    /// Records the difference of an answer.
    fn tell(&mut self, difference: SignedDuration, times: CallTimes) {
        let was_set = self.at.is_some_and(|(wall, steady)| {
            let expected = SignedDuration::try_from(times.steady.saturating_duration_since(steady));
            let parted = times.received.duration_since(wall) - expected.unwrap_or_default();
            parted.abs() > SET
        });
        if was_set {
            self.told.clear();
        } else if self.told.len() == ANSWERS {
            self.told.pop_front();
        }
        self.told.push_back(difference);
        self.at = Some((times.received, times.steady));
        self.odd = None;
    }

    /// The difference on which the last answers agree: the median of three; of two, the one nearer to our
    /// clock.
    fn agreed(&self) -> Option<SignedDuration> {
        let mut sorted: Vec<_> = self.told.iter().copied().collect();
        sorted.sort_unstable();
        match sorted.as_slice() {
            [one, other] => Some(if one.abs() <= other.abs() { *one } else { *other }),
            sorted => sorted.get(sorted.len() / 2).copied(),
        }
    }

    /// The agreed difference, and which clock is likely wrong.
    fn judged(&self) -> Option<ClockDoubt> {
        let (difference, (now, _)) = (self.agreed()?, self.at?);
        let wrong = judge::likely_wrong(difference, self.list, now);
        Some(ClockDoubt { difference, wrong })
    }

    fn measured(&self) -> Option<SignedDuration> {
        let judged = self.judged()?;
        (judged.wrong == LikelyWrong::Ours).then_some(judged.difference)
    }
}

impl Skew {
    /// Measures with the headers of an answer to a call with these times.
    pub fn observe(&self, headers: &HeaderMap, times: CallTimes) {
        if let Some(odd) = odd_date(headers) {
            // An impossible date says nothing about the service's clock.
            let mut known = self.lock();
            known.told.clear();
            known.odd = Some(odd);
        } else if let Some(difference) = measure(headers, times.sent, times.received) {
            self.lock().tell(difference, times);
        }
    }

    /// Records the date of the newest list, if any: evidence of which clock is right.
    pub fn list_of(&self, snapshot_at: Option<Timestamp>) {
        let mut known = self.lock();
        known.list = snapshot_at.or(known.list);
    }

    /// The date of the newest answer, if it is impossible.
    pub fn odd(&self) -> Option<RemoteText> {
        self.lock().odd.clone()
    }

    /// The difference for measuring ages, exact to about a second; `None` if it is unknown or not credible.
    pub fn measured(&self) -> Option<SignedDuration> {
        self.lock().measured()
    }

    /// The difference that is not credible, if there is one.
    pub fn doubt(&self) -> Option<ClockDoubt> {
        let judged = self.lock().judged();
        judged.filter(|judged| judged.wrong != LikelyWrong::Ours)
    }

    /// Uses the difference of the newest answer as the correction of later signatures; returns whether that
    /// change is worth another call. It is not judged: a service that refuses a date compares it with the
    /// clock that its answer shows.
    pub fn correct(&self) -> bool {
        let mut known = self.lock();
        let Some(newest) = known.told.back().copied() else {
            return false;
        };
        let changes = (newest - known.correction).abs() > WORTH_CORRECTING;
        if changes {
            known.correction = newest;
        }
        changes
    }

    /// The time by the service's clock if a correction is in use, else `now`.
    pub fn corrected(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.lock().correction).unwrap_or(now)
    }

    /// The time by the service's clock as last measured, whether or not signatures are dated by it.
    pub fn service_time(&self, now: Timestamp) -> Timestamp {
        let known = self.lock();
        let difference = known.measured().unwrap_or(known.correction);
        now.checked_add(difference).unwrap_or(now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, KnownSkew> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The date of an answer if it is impossible, as from a proxy with a wrong clock.
fn odd_date(headers: &HeaderMap) -> Option<RemoteText> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let is_odd = http_date(text).is_some_and(|at| !ANSWERED.contains(&at.as_second()));
    is_odd.then(|| RemoteText::name(text.trim()))
}

/// The service's clock minus ours; `None` if the answer comes from a cache, has no date or took too long.
fn measure(headers: &HeaderMap, sent: Timestamp, received: Timestamp) -> Option<SignedDuration> {
    let round_trip = received.duration_since(sent);
    if headers.contains_key(AGE) || round_trip > LONGEST_ROUND_TRIP || round_trip.is_negative() {
        return None;
    }
    let date = http_date(headers.get(DATE)?.to_str().ok()?)?;
    Some(date.duration_since(sent) - round_trip / 2)
}

/// Parses an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the two obsolete forms, which must be
/// accepted too (RFC 9110, 5.6.7).
pub fn http_date(text: &str) -> Option<Timestamp> {
    const OLD_FORMS: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let text = text.trim();
    let old = || {
        OLD_FORMS
            .iter()
            .find_map(|form| DateTime::strptime(form, text).ok())
    };
    let old = || TimeZone::UTC.to_timestamp(old()?).ok();
    DateTimeParser::new().parse_timestamp(text).ok().or_else(old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::OnceLock;
    use std::time::Duration;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_755_250_215 + seconds).unwrap()
    }

    /// A call that was sent and answered at this second by both clocks.
    fn at_once(seconds: i64) -> CallTimes {
        CallTimes {
            sent: at(seconds),
            received: at(seconds),
            steady: began() + Duration::from_secs(u64::try_from(seconds + 1_000_000).unwrap()),
        }
    }

    fn began() -> Instant {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        *BEGAN.get_or_init(Instant::now)
    }

    fn headers(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, date.parse().unwrap())])
    }

    /// This is `at(0)`.
    const DATE_OF_ANSWER: &str = "Fri, 15 Aug 2025 09:30:15 GMT";

    #[test]
    fn an_impossible_date_says_nothing_about_the_clock() {
        let skew = Skew::default();
        skew.observe(&headers(DATE_OF_ANSWER), at_once(1200));
        for odd in ["Thu, 01 Jan 1970 00:00:07 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"] {
            skew.observe(&headers(odd), at_once(0));
            assert_eq!(skew.odd().unwrap().shown(), odd);
            assert_eq!((skew.measured(), skew.correct()), (None, false));
        }
        skew.observe(&headers(DATE_OF_ANSWER), at_once(0));
        assert_eq!((skew.odd(), skew.measured()), (None, Some(SignedDuration::ZERO)));
    }

    #[test]
    fn the_midpoint_of_the_call_is_compared_with_the_date() {
        let seconds = |sent, received| {
            measure(&headers(DATE_OF_ANSWER), at(sent), at(received)).map(|skew| skew.as_secs())
        };
        assert_eq!(seconds(0, 0), Some(0));
        assert_eq!(seconds(-10, 10), Some(0));
        assert_eq!(seconds(1190, 1210), Some(-1200));
        assert_eq!(seconds(-1210, -1190), Some(1200));
        assert_eq!(seconds(0, 901), None, "the round trip took too long");
        assert_eq!(seconds(5, 0), None, "the clock was set in between");
        assert_eq!(measure(&headers("tomorrow"), at(0), at(0)), None);
        let mut cached = headers(DATE_OF_ANSWER);
        cached.insert(AGE, "3".parse().unwrap());
        assert_eq!(measure(&cached, at(0), at(0)), None);
    }

    #[test]
    fn only_a_large_difference_is_corrected_and_only_once() {
        let skew = Skew::default();
        assert!(!skew.correct(), "nothing is known");
        skew.observe(&headers(DATE_OF_ANSWER), at_once(240));
        assert!(!skew.correct(), "four minutes are no reason");
        skew.observe(&headers(DATE_OF_ANSWER), at_once(1200));
        assert_eq!(
            skew.corrected(at(1200)),
            at(1200),
            "not before the service refuses"
        );
        assert!(skew.correct());
        assert_eq!(skew.corrected(at(1200)), at(0));
        assert!(!skew.correct(), "the same again would change nothing");
    }

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        let expected = "1994-11-06T08:49:37Z".parse().ok();
        for form in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            " Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(http_date(form), expected, "{form}");
        }
        for junk in [
            "",
            "0",
            "Sunday, 06-Nov-94 08:49:37 CET",
            "Sun Nov  6 08:49:37",
            "Sun Nov 31 25:49:37 1994",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(http_date(junk), None, "{junk}");
        }
    }

    /// What `skew` measured after answers that were ahead by these seconds, one per second.
    fn after(skew: &Skew, ahead: &[i64]) -> Option<i64> {
        for (second, ahead) in (0..).zip(ahead) {
            let date = at(second + ahead);
            skew.lock().tell(date.duration_since(at(second)), at_once(second));
        }
        skew.measured().map(|measured| measured.as_secs())
    }

    #[test]
    fn one_wrong_answer_does_not_outvote_the_others() {
        const HOUR: i64 = 3600;
        for (ahead, agreed) in [
            (&[HOUR][..], HOUR),
            (&[0, HOUR], 0),
            (&[HOUR, 0], 0),
            (&[0, HOUR, 0], 0),
            (&[1, 0, HOUR], 1),
            (&[0, HOUR, HOUR], HOUR),
            (&[0, 0, HOUR, HOUR], HOUR),
            (&[-HOUR, HOUR, 1], 1),
            // Of two, the one nearer to our clock, whichever side the other is on.
            (&[0, -HOUR], 0),
            (&[-HOUR, 0], 0),
            // Only the last three count.
            (&[0, 0, 0, HOUR, HOUR], HOUR),
        ] {
            assert_eq!(after(&Skew::default(), ahead), Some(agreed), "{ahead:?}");
        }
    }

    #[test]
    fn a_date_without_support_by_our_clock_or_the_list_is_reported_and_not_used() {
        const YEARS: i64 = 74 * 366 * 24 * 3600;
        let skew = Skew::default();
        assert_eq!(after(&skew, &[YEARS]), None);
        assert_eq!(
            skew.doubt().unwrap().wrong,
            LikelyWrong::Unknown,
            "no list came yet"
        );
        skew.list_of(Some(at(-5 * 3600)));
        skew.list_of(None);
        assert_eq!(after(&skew, &[YEARS]), None);
        let doubt = skew.doubt().unwrap();
        assert_eq!(
            (doubt.difference.as_secs(), doubt.wrong),
            (YEARS, LikelyWrong::Theirs)
        );
        assert_eq!(skew.service_time(at(0)), at(0), "ages are by our clock");
        // Unless the service refused a signature for its date: then tokens expire by that clock.
        assert!(skew.correct());
        assert_eq!(skew.service_time(at(0)), at(YEARS));
        // A list whose date fits the service's clock.
        skew.list_of(Some(at(YEARS - 3600)));
        assert_eq!((skew.measured().is_some(), skew.doubt()), (true, None));
    }

    #[test]
    fn measurements_from_before_our_clock_was_set_no_longer_count() {
        let skew = Skew::default();
        assert_eq!(after(&skew, &[0, 0, 0]), Some(0));
        // The clock goes back an hour within a second.
        let times = CallTimes {
            steady: at_once(3).steady,
            ..at_once(3 - 3600)
        };
        skew.lock().tell(SignedDuration::from_hours(1), times);
        assert_eq!(skew.measured(), Some(SignedDuration::from_hours(1)));
    }
}
