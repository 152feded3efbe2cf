//! A moment as somebody types it: `03:10`, `yesterday`, `friday 18:00`, `2h`, `2026-11-28 03:10`.
//!
//! Pure: the time and the zone are arguments. What is meant always lies in the past: `03:10` is the last time that a clock
//! showed that. A day alone means this time of day.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::fleet::query::Unit;

/// The furthest back that is understood.
pub const FURTHEST: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The form of a date.
const DATE: &str = "2026-11-28";

/// Why a text is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFault {
    /// It has none of the forms.
    NoMoment,
    /// It has not come yet.
    Ahead,
    /// It is too long ago.
    TooOld,
}

impl fmt::Display for WhenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMoment => "expected a time such as 03:10, 2h, yesterday, friday 18:00, 2026-11-28 03:10",
            Self::Ahead => "this time is in the future",
            Self::TooOld => "this is more than 400 days ago",
        })
    }
}

impl std::error::Error for WhenFault {}

/// The moment that `text` means at `now`, for somebody in `zone`.
///
/// # Errors
/// Why it means none.
pub fn when(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, WhenFault> {
    let text = text.trim().to_ascii_lowercase();
    let ago = text.strip_suffix(" ago").unwrap_or(&text);
    if let Some(seconds) = Unit::Age.read(ago) {
        let back = i64::try_from(seconds).map_err(|_| WhenFault::TooOld)?;
        let at = now.checked_sub(SignedDuration::from_secs(back));
        return past(at.map_err(|_| WhenFault::TooOld)?, now);
    }
    if let Ok(at) = text.to_ascii_uppercase().parse::<Timestamp>() {
        return past(at, now);
    }
    let local = now.to_zoned_datetime(zone.clone()).datetime();
    let instant = |at: DateTime| zone.to_timestamp(at).map_err(|_| WhenFault::TooOld);
    let of_iso = || text.split_once('t').filter(|(day, _)| day.len() == DATE.len());
    let (first, second) = text.split_once(' ').or_else(of_iso).unwrap_or((&text, ""));
    let (day, time) = match (day(&text, local), day(first, local), time(second.trim())) {
        (Some(day), _, _) => (day, local.time()),
        (None, Some(day), Some(time)) => (day, time),
        _ => {
            // The last time that a clock showed this.
            let time = time(&text).ok_or(WhenFault::NoMoment)?;
            let today = instant(local.date().to_datetime(time))?;
            if today <= now {
                return Ok(today);
            }
            (before(local.date(), 1)?, time)
        }
    };
    past(instant(day.to_datetime(time))?, now)
}

/// The moment with which `text` begins, of one word or two, and the rest of the text.
///
/// # Errors
/// Why it begins with none.
pub fn leading<'a>(
    text: &'a str,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(Timestamp, &'a str), WhenFault> {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim_start();
    let (second, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match when(&format!("{first} {second}"), now, zone) {
        Err(WhenFault::NoMoment) => Ok((when(first, now, zone)?, rest)),
        result => Ok((result?, after.trim_start())),
    }
}

fn past(at: Timestamp, now: Timestamp) -> Result<Timestamp, WhenFault> {
    match now.duration_since(at) {
        ago if ago < SignedDuration::ZERO => Err(WhenFault::Ahead),
        ago if ago > FURTHEST => Err(WhenFault::TooOld),
        _ => Ok(at),
    }
}

fn before(day: Date, days: i64) -> Result<Date, WhenFault> {
    day.checked_sub(Span::new().days(days))
        .map_err(|_| WhenFault::TooOld)
}

/// A day: its name or its date. Today's weekday is a week ago.
fn day(text: &str, now: DateTime) -> Option<Date> {
    match text {
        "today" => return Some(now.date()),
        "yesterday" => return before(now.date(), 1).ok(),
        _ => {}
    }
    if let Some(weekday) = weekday(text) {
        let back = now.weekday().since(weekday);
        return before(now.date(), if back == 0 { 7 } else { i64::from(back) }).ok();
    }
    let is_date = text.len() == DATE.len() && !text.contains(':');
    text.parse().ok().filter(|_| is_date)
}

/// A weekday by its name or the beginning of it, from three letters on.
pub(super) fn weekday(text: &str) -> Option<Weekday> {
    let named = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let mut named = named.into_iter();
    let (_, weekday) = named.find(|(name, _)| text.len() >= 3 && name.starts_with(text))?;
    Some(weekday)
}

/// A time of day: `3:10`, `03:10` or `03:10:05`.
pub(super) fn time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let mut part = || -> Option<Option<i8>> {
        parts.next().map(|part| {
            let is_short = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_short)
        })
    };
    let (hour, minute) = (part()??, part()??);
    let second = match part() {
        None => 0,
        Some(second) => second?,
    };
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A Sunday, 13:30 in Shanghai.
    fn now() -> Timestamp {
        "2026-11-29T05:30:00Z".parse().unwrap()
    }

    fn told(text: &str) -> Result<String, WhenFault> {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let at = when(text, now(), &zone)?;
        Ok(at
            .to_zoned_datetime(zone)
            .strftime("%a %m-%d %H:%M:%S")
            .to_string())
    }

    #[test]
    fn every_form_means_a_moment_of_the_past() {
        for (text, meant) in [
            ("03:10", "Sun 11-29 03:10:00"),
            (" 3:10 ", "Sun 11-29 03:10:00"),
            ("13:30", "Sun 11-29 13:30:00"),
            ("13:31", "Sat 11-28 13:31:00"),
            ("03:10:05", "Sun 11-29 03:10:05"),
            ("2h", "Sun 11-29 11:30:00"),
            ("1d12h ago", "Sat 11-28 01:30:00"),
            ("today", "Sun 11-29 13:30:00"),
            ("today 03:10", "Sun 11-29 03:10:00"),
            ("Yesterday", "Sat 11-28 13:30:00"),
            ("yesterday 18:00", "Sat 11-28 18:00:00"),
            ("friday", "Fri 11-27 13:30:00"),
            ("Fri 18:00", "Fri 11-27 18:00:00"),
            ("thursday 18:00", "Thu 11-26 18:00:00"),
            ("sunday", "Sun 11-22 13:30:00"),
            ("2026-11-28", "Sat 11-28 13:30:00"),
            ("2026-11-28 03:10", "Sat 11-28 03:10:00"),
            ("2026-11-28T03:10", "Sat 11-28 03:10:00"),
            ("2026-11-28T03:10:00Z", "Sat 11-28 11:10:00"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(meant), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_says_what_was_expected() {
        for text in [
            "",
            "soon",
            "25:00",
            "3",
            "03:1x",
            "03:10:05:1",
            "2026-13-01",
            "fr",
            "2026-11-28 soon",
            "yesterday soon",
        ] {
            assert_eq!(told(text), Err(WhenFault::NoMoment), "{text}");
        }
        for text in ["2026-11-30", "today 14:00", "2026-11-29T06:00:00Z"] {
            assert_eq!(told(text), Err(WhenFault::Ahead), "{text}");
        }
        for text in ["401d", "2020-01-01", "99999y"] {
            assert_eq!(told(text), Err(WhenFault::TooOld), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "\\PC{0,24}|[0-9:. tT+-]{0,24}") {
            if let Ok(at) = when(&text, now(), &TimeZone::UTC) {
                prop_assert!(at <= now());
            }
        }
    }

    #[test]
    fn a_moment_may_be_followed_by_something_else() {
        let zone = TimeZone::UTC;
        let read = |text| leading(text, now(), &zone);
        let alone = |text| when(text, now(), &zone).unwrap();
        for (text, moment, rest) in [
            ("12h", "12h", ""),
            ("2h ago a.md", "2h", "a.md"),
            ("2d a b.md", "2d", "a b.md"),
            ("friday 18:00  report.md", "friday 18:00", "report.md"),
            ("friday report.md", "friday", "report.md"),
            ("yesterday", "yesterday", ""),
        ] {
            assert_eq!(read(text), Ok((alone(moment), rest)), "{text}");
        }
        assert_eq!(read("report.md"), Err(WhenFault::NoMoment));
        assert_eq!(read(""), Err(WhenFault::NoMoment));
    }
}
