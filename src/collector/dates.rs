//! Whether the date of a snapshot is possible.
//!
//! Owns that judgement. An impossible date counts as missing: it makes nothing fresh, old or gone.

use jiff::{SignedDuration, Timestamp};

use crate::fleet::RemoteText;

/// The allowed difference of two clocks that were compared.
const COMPARED: SignedDuration = SignedDuration::from_mins(5);
/// The allowed difference of two clocks that were not compared.
const UNKNOWN: SignedDuration = SignedDuration::from_hours(24);

/// The snapshot's date, if it is not in the future; else the date as HSS sent it. `skew` is how far the clock
/// that says `now` is behind the service's, if that is known.
pub fn believed(
    snapshot_at: Option<Timestamp>,
    odd: Option<RemoteText>,
    now: Timestamp,
    skew: Option<SignedDuration>,
) -> (Option<Timestamp>, Option<RemoteText>) {
    let service_now = now.checked_add(skew.unwrap_or_default()).unwrap_or(now);
    let tolerance = if skew.is_some() { COMPARED } else { UNKNOWN };
    match snapshot_at {
        Some(at) if at.duration_since(service_now) > tolerance => {
            let raw = at.as_millisecond().to_string();
            (None, Some(RemoteText::name(&raw)))
        }
        _ => (snapshot_at, odd),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_lies_ahead_has_no_date() {
        let now: Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
        let hours = |hours: i64| now.checked_add(SignedDuration::from_hours(hours)).unwrap();
        let raw = |ms: i64| Some(RemoteText::name(&ms.to_string()));
        let odd = |at: Timestamp| (None, raw(at.as_millisecond()));
        let compared = Some(SignedDuration::ZERO);
        assert_eq!(
            believed(Some(hours(-5)), None, now, compared),
            (Some(hours(-5)), None)
        );
        assert_eq!(believed(Some(hours(8)), None, now, compared), odd(hours(8)));
        assert_eq!(believed(Some(hours(8)), None, now, None), (Some(hours(8)), None));
        assert_eq!(believed(Some(hours(25)), None, now, None), odd(hours(25)));
        let behind = Some(SignedDuration::from_hours(24 * 365));
        assert_eq!(
            believed(Some(hours(8000)), None, now, behind),
            (Some(hours(8000)), None)
        );
        assert_eq!(
            believed(None, raw(1_755_000_000), now, None),
            (None, raw(1_755_000_000))
        );
    }
}
