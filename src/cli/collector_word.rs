//! What the word of a collector of hss-top means for a command that looks once.
//!
//! A collector keeps its list while it is in trouble, so a complete answer proves nothing by itself. Owns from which age on
//! that matters. Must not: print, or decide an exit code.

use std::time::Duration;

use jiff::Timestamp;

use crate::collector::SyncStatus;
use crate::ui::format::age;

/// The state word of the collector that answered; empty if HSS did.
pub(super) fn of(status: &SyncStatus) -> &'static str {
    status.through.map_or("", |state| state.word())
}

/// Why the collector's list does not show the present, in a sentence; `None` if it does, or if HSS itself answered.
///
/// HSS must have confirmed the list within `max_age`. Without such an age, one who is in trouble has the time after which a
/// screen without answers is stale: a call that fails once is no reason for an alarm. How old a list of HSS may be that a
/// collector in order has, is judged by its date, as everywhere.
pub(super) fn doubt(status: &SyncStatus, now: Timestamp, max_age: Option<Duration>) -> Option<String> {
    let state = status.through?;
    let trouble = state.trouble();
    let most = max_age.or_else(|| trouble.map(|_| status.patience()))?;
    let since = status.asked_at.map(|at| now.duration_since(at));
    // What lies ahead of the clock is not old.
    let since = since.map(|since| Duration::try_from(since).unwrap_or_default());
    if since.is_some_and(|since| since <= most) {
        return None;
    }
    let confirmed = since.map_or_else(
        || "HSS never confirmed its list".to_owned(),
        |since| {
            let since = age(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
            format!("HSS confirmed its list {since} ago")
        },
    );
    let why = trouble.map(|why| format!("{why}; ")).unwrap_or_default();
    Some(format!("the collector is {}: {why}{confirmed}", state.word()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hss::collector_mark::CollectorState;

    #[test]
    fn a_collector_in_trouble_is_believed_for_as_long_as_a_screen_would_and_every_one_up_to_the_age_that_was_asked_for()
     {
        let now = Timestamp::from_second(1_760_000_000).unwrap();
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        let told = |word: &str, since: Duration, max_age: Option<Duration>| {
            let status = SyncStatus {
                through: Some(CollectorState::of(word)),
                asked_at: Some(now - since),
                interval: minute,
                ..SyncStatus::default()
            };
            assert_eq!(of(&status), word);
            doubt(&status, now, max_age)
        };
        for (word, why) in [
            ("AUTH", "HSS refuses its credential"),
            ("DENIED", "its credential may not list the pods"),
            ("OFFLINE", "it cannot reach HSS"),
            ("PARTIAL", "HSS lists fewer pods for it than it counts"),
            ("STALE", "HSS does not answer it as it should"),
        ] {
            assert_eq!(told(word, 2 * minute, None), None, "{word}");
            let old = format!("the collector is {word}: {why}; HSS confirmed its list 10h ago");
            assert_eq!(told(word, 10 * hour, None), Some(old.clone()), "{word}");
            assert_eq!(told(word, 10 * hour, Some(hour)), Some(old), "{word}");
            assert_eq!(told(word, 10 * hour, Some(11 * hour)), None, "{word}");
        }
        for word in ["FRESH", "LOADING", "THROTTLED", "OLD"] {
            assert_eq!(told(word, 10 * hour, None), None, "{word}");
            let old = format!("the collector is {word}: HSS confirmed its list 10h ago");
            assert_eq!(told(word, 10 * hour, Some(hour)), Some(old), "{word}");
        }
        let of_hss = SyncStatus {
            asked_at: Some(now - 10 * hour),
            ..SyncStatus::default()
        };
        assert_eq!((doubt(&of_hss, now, Some(hour)), of(&of_hss)), (None, ""));
        let never = SyncStatus {
            through: Some(CollectorState::Auth),
            ..SyncStatus::default()
        };
        let why = "the collector is AUTH: HSS refuses its credential; HSS never confirmed its list";
        assert_eq!(doubt(&never, now, None).as_deref(), Some(why));
    }
}
