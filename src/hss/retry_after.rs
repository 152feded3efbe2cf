//! `Retry-After`: how long a service asks its callers to wait, whatever its status (RFC 9110, 10.2.3).
//!
//! Owns the parsing of the header and the bounds of a wait. Must not: know what else the answer means.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AGE, DATE, HeaderMap, RETRY_AFTER};

use super::skew::http_date;

/// The shortest wait, even if a service names a shorter one.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait, even if a service names a longer one.
pub const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Limits a wait to its bounds.
pub(super) fn bounded(wait: Duration) -> Duration {
    wait.clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

/// The wait that an answer names, without bounds; `None` if it is missing or invalid. `received_at` is when
/// the answer arrived, by the service's clock as far as known.
pub(super) fn read(headers: &HeaderMap, received_at: Timestamp) -> Option<Duration> {
    // If a proxy added its own header, the longer wait applies.
    let values = headers.get_all(RETRY_AFTER).into_iter();
    values
        .filter_map(|value| one(value.to_str().ok()?.trim(), headers, received_at))
        .max()
}

fn one(text: &str, headers: &HeaderMap, received_at: Timestamp) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many seconds for the number type mean the longest wait, not a missing one.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let now = now_of_sender(headers).unwrap_or(received_at);
    let wait = http_date(text)?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// The time by the clock of the answer's sender, by which the sender's date must be read. A cache adds the
/// age of the date.
fn now_of_sender(headers: &HeaderMap) -> Option<Timestamp> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let age = text(AGE).map_or(Some(0), |age| age.trim().parse().ok())?;
    http_date(text(DATE)?)?.checked_add(Duration::from_secs(age)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn received() -> Timestamp {
        "1994-11-06T08:49:30Z".parse().unwrap()
    }

    fn wait(headers: &[(reqwest::header::HeaderName, &str)]) -> Option<u64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        read(&map, received()).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_in_each_form_of_http() {
        for (value, seconds) in [
            ("7", Some(7)),
            ("0", Some(0)),
            (" 99999999 ", Some(99_999_999)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:44 GMT", Some(7)),
            ("Sunday, 06-Nov-94 08:49:44 GMT", Some(7)),
            ("Sun Nov  6 08:49:44 1994", Some(7)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("+7", None),
            ("soon", None),
            ("", None),
            ("1.5", None),
            ("7 s", None),
        ] {
            assert_eq!(
                wait(&[(DATE, ANSWERED), (RETRY_AFTER, value)]),
                seconds,
                "{value}"
            );
        }
        assert_eq!(wait(&[(DATE, ANSWERED)]), None);
    }

    #[test]
    fn a_date_is_read_by_the_senders_clock_or_else_by_the_measured_one() {
        let date = (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(wait(&[(DATE, ANSWERED), date.clone()]), Some(60));
        assert_eq!(wait(&[(DATE, ANSWERED), (AGE, "50"), date.clone()]), Some(10));
        for undated in [vec![date.clone()], vec![(DATE, "today"), date.clone()]] {
            assert_eq!(wait(&undated), Some(67));
        }
        assert_eq!(wait(&[(DATE, ANSWERED), (AGE, "old"), date]), Some(67));
    }

    #[test]
    fn the_longest_of_several_waits_applies() {
        let waits = ["5", "soon", "40", "7"].map(|value| (RETRY_AFTER, value));
        assert_eq!(wait(&waits), Some(40));
    }

    #[test]
    fn a_wait_has_a_floor_and_a_cap() {
        for (named, kept) in [(0, 1), (1, 1), (7, 7), (300, 300), (u64::MAX, 300)] {
            assert_eq!(bounded(Duration::from_secs(named)), Duration::from_secs(kept));
        }
    }
}
