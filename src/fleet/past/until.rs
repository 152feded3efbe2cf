//! A moment ahead as somebody types it: `18:00`, `friday`, `tomorrow 08:00`, `2026-12-31`.
//!
//! Pure: the time and the zone are arguments. The words are those of a moment of the past ([`super::when`]); here they mean the
//! next one. A day alone means its beginning.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::when::{time, weekday};

/// The moment after `now` that `text` means for somebody in `zone`; `None` if it means none.
pub fn until(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim().to_ascii_lowercase();
    let local = now.to_zoned_datetime(zone.clone()).datetime();
    let at = match text.split_once(' ') {
        Some((first, second)) => day(first, local)?.to_datetime(time(second.trim())?),
        None => match (day(&text, local), time(&text)) {
            (Some(day), _) => day.to_datetime(Time::midnight()),
            (None, Some(time)) if local.date().to_datetime(time) > local => local.date().to_datetime(time),
            (None, time) => after(local.date(), 1)?.to_datetime(time?),
        },
    };
    zone.to_timestamp(at).ok().filter(|at| *at > now)
}

fn after(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().days(days)).ok()
}

/// A day: its name or its date. Today's weekday is in a week.
fn day(text: &str, now: DateTime) -> Option<Date> {
    match text {
        "today" => return Some(now.date()),
        "tomorrow" => return after(now.date(), 1),
        _ => {}
    }
    if let Some(weekday) = weekday(text) {
        let ahead = now.weekday().until(weekday);
        return after(now.date(), if ahead == 0 { 7 } else { i64::from(ahead) });
    }
    text.parse().ok().filter(|_: &Date| !text.contains([':', 't']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_means_a_moment_ahead() {
        // A Sunday, 13:30 in Shanghai.
        let now: Timestamp = "2026-11-29T05:30:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let told = |text: &str| {
            let at = until(text, now, &zone)?.to_zoned_datetime(zone.clone());
            Some(at.strftime("%a %m-%d %H:%M").to_string())
        };
        for (text, meant) in [
            ("18:00", "Sun 11-29 18:00"),
            ("13:30", "Mon 11-30 13:30"),
            ("3:10", "Mon 11-30 03:10"),
            ("today 18:00", "Sun 11-29 18:00"),
            ("tomorrow", "Mon 11-30 00:00"),
            ("Tomorrow 08:00", "Mon 11-30 08:00"),
            ("friday", "Fri 12-04 00:00"),
            ("Fri 18:00", "Fri 12-04 18:00"),
            ("sunday", "Sun 12-06 00:00"),
            ("2026-12-31", "Thu 12-31 00:00"),
            ("2026-12-31 06:30", "Thu 12-31 06:30"),
        ] {
            assert_eq!(told(text).as_deref(), Some(meant), "{text}");
        }
        for text in [
            "today",
            "today 13:00",
            "2026-11-29",
            "2026-13-01",
            "25:00",
            "soon",
            "",
            "18",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
