//! How far this machine's clock is from the service's.
//!
//! The gateway refuses a signature whose date differs from its own clock by more than 15 minutes. So each answer's
//! `Date` is compared with the middle between sending and receiving; where the gateway refuses a call for its date,
//! and the difference is beyond [`WORTH_CORRECTING`], later signatures are dated by its clock. The machine's clock
//! itself is never touched. Time is an argument.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, DATE, HeaderMap};

use crate::fleet::RemoteText;

/// Smaller differences are never why a signature is refused.
pub const WORTH_CORRECTING: SignedDuration = SignedDuration::from_mins(4);
/// The seconds since 1970 in which answers are made: since this API is there, from 2020 to 2100.
const ANSWERED: Range<i64> = 1_577_836_800..4_102_444_800;
/// An answer that took longer says nothing about the clock.
const LONGEST_ROUND_TRIP: SignedDuration = SignedDuration::from_mins(15);

/// What is known of the difference. Positive: this machine is behind.
#[derive(Debug, Default)]
pub struct Skew(Mutex<KnownSkew>);

#[derive(Debug, Default)]
struct KnownSkew {
    measured: Option<SignedDuration>,
    /// A date that cannot be so, as the newest answer told it.
    odd: Option<RemoteText>,
    correction: SignedDuration,
}

impl Skew {
    /// Looks at the headers of an answer to a call sent and received at these times of this machine.
    pub fn observe(&self, headers: &HeaderMap, sent: Timestamp, received: Timestamp) {
        if let Some(odd) = odd_date(headers) {
            // Whoever tells such a date tells nothing of the clock of the service.
            let mut known = self.lock();
            (known.measured, known.odd) = (None, Some(odd));
        } else if let Some(skew) = measure(headers, sent, received) {
            let mut known = self.lock();
            (known.measured, known.odd) = (Some(skew), None);
        }
    }

    /// The date that the newest answer told, where it cannot be so.
    pub fn odd(&self) -> Option<RemoteText> {
        self.lock().odd.clone()
    }

    /// The difference as last measured, to a second or so.
    pub fn measured(&self) -> Option<SignedDuration> {
        self.lock().measured
    }

    /// Takes the measured difference as the correction of later signatures; answers whether that changes anything
    /// worth another call.
    pub fn correct(&self) -> bool {
        let mut known = self.lock();
        let Some(measured) = known.measured else {
            return false;
        };
        let changes = (measured - known.correction).abs() > WORTH_CORRECTING;
        if changes {
            known.correction = measured;
        }
        changes
    }

    /// The time by the service's clock, where a correction was taken.
    pub fn corrected(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.lock().correction).unwrap_or(now)
    }

    /// The time by the service's clock as last measured, whether or not signatures are dated by it.
    pub fn service_time(&self, now: Timestamp) -> Timestamp {
        let known = self.lock();
        let difference = known.measured.unwrap_or(known.correction);
        now.checked_add(difference).unwrap_or(now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, KnownSkew> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The date of an answer, where no answer can have been made then: of a proxy that lost its clock.
fn odd_date(headers: &HeaderMap) -> Option<RemoteText> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let is_odd = http_date(text).is_some_and(|at| !ANSWERED.contains(&at.as_second()));
    is_odd.then(|| RemoteText::name(text.trim()))
}

/// The service's clock less ours; `None` where the answer comes from a cache, has no date or took too long.
fn measure(headers: &HeaderMap, sent: Timestamp, received: Timestamp) -> Option<SignedDuration> {
    let round_trip = received.duration_since(sent);
    if headers.contains_key(AGE) || round_trip > LONGEST_ROUND_TRIP || round_trip.is_negative() {
        return None;
    }
    let date = http_date(headers.get(DATE)?.to_str().ok()?)?;
    Some(date.duration_since(sent) - round_trip / 2)
}

/// Reads a date as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT`, or wrote it once: all three forms are to be read (RFC
/// 9110, 5.6.7).
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

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_755_250_215 + seconds).unwrap()
    }

    fn headers(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, date.parse().unwrap())])
    }

    /// This is `at(0)`.
    const DATE_OF_ANSWER: &str = "Fri, 15 Aug 2025 09:30:15 GMT";

    #[test]
    fn a_date_that_cannot_be_so_says_nothing_of_the_clock() {
        let skew = Skew::default();
        skew.observe(&headers(DATE_OF_ANSWER), at(1200), at(1200));
        for odd in ["Thu, 01 Jan 1970 00:00:07 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"] {
            skew.observe(&headers(odd), at(0), at(0));
            assert_eq!(skew.odd().unwrap().shown(), odd);
            assert_eq!((skew.measured(), skew.correct()), (None, false));
        }
        skew.observe(&headers(DATE_OF_ANSWER), at(0), at(0));
        assert_eq!((skew.odd(), skew.measured()), (None, Some(SignedDuration::ZERO)));
    }

    #[test]
    fn the_middle_of_the_call_is_compared_with_the_date() {
        let seconds = |sent, received| {
            measure(&headers(DATE_OF_ANSWER), at(sent), at(received)).map(|skew| skew.as_secs())
        };
        assert_eq!(seconds(0, 0), Some(0));
        assert_eq!(seconds(-10, 10), Some(0));
        assert_eq!(seconds(1190, 1210), Some(-1200));
        assert_eq!(seconds(-1210, -1190), Some(1200));
        assert_eq!(seconds(0, 901), None, "too long a round trip");
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
        skew.observe(&headers(DATE_OF_ANSWER), at(240), at(240));
        assert!(!skew.correct(), "four minutes are no reason");
        skew.observe(&headers(DATE_OF_ANSWER), at(1200), at(1200));
        assert_eq!(
            skew.corrected(at(1200)),
            at(1200),
            "not before the service refuses"
        );
        assert!(skew.correct());
        assert_eq!(skew.corrected(at(1200)), at(0));
        assert!(!skew.correct(), "the same again would change nothing");
    }
}
