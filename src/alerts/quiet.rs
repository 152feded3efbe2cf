//! Quiet hours: a daily span of local time in which a rule sends nothing.
//!
//! Owns how they are written, `22:00-07:00` or `22:00-07:00 Europe/Berlin`, and that such a span may cross midnight. What
//! happens in it is told when it ends.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// A daily span of time in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    to: Time,
    zone: TimeZone,
}

impl QuietHours {
    /// Reads `HH:MM-HH:MM`, perhaps with a time zone behind it; without one it is `local`. `None` if it is no span.
    pub fn read(text: &str, local: &TimeZone) -> Option<Self> {
        let (span, zone) = match text.trim().split_once(' ') {
            Some((span, zone)) => (span, TimeZone::get(zone.trim()).ok()?),
            None => (text.trim(), local.clone()),
        };
        let (from, to) = span.split_once('-')?;
        let (from, to) = (time(from)?, time(to)?);
        (from != to).then_some(Self { from, to, zone })
    }

    /// What is wrong with a text that is no span, where its form alone does not show it; an end of a sentence.
    pub fn advice(text: &str) -> &'static str {
        let text = text.trim();
        if text.matches('-').count() > 1 && text.contains([',', ';']) {
            return "; there can be one span only";
        }
        let (span, zone) = text.split_once(' ').unwrap_or((text, "UTC"));
        let ends = span
            .split_once('-')
            .and_then(|(from, to)| time(from).zip(time(to)));
        match ends {
            Some((from, to)) if from == to => "; it ends when it begins",
            Some(_) if TimeZone::get(zone.trim()).is_err() => "; there is no such time zone",
            _ => "",
        }
    }

    /// When the quiet that holds at `now` is over; without one, the end of the next.
    pub fn ends_after(&self, now: Timestamp) -> Timestamp {
        let mut spans = self.spans_around(now);
        let ends = spans.find(|(_, end)| *end > now);
        ends.map_or(now, |(_, end)| end)
    }

    /// Whether it is quiet at `now`. The end is not part of it.
    pub fn contains(&self, now: Timestamp) -> bool {
        let mut spans = self.spans_around(now);
        spans.any(|(begin, end)| begin <= now && now < end)
    }

    /// The spans that begin yesterday, today and tomorrow. They have instants and not times of the clock as ends: a clock that
    /// is set back for the winter would show the same time twice, and it would be quiet twice, or not at all for a while.
    fn spans_around(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let today = now.to_zoned_datetime(self.zone.clone()).date();
        let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()];
        days.into_iter().flatten().filter_map(|day| {
            let last = if self.from < self.to {
                day
            } else {
                day.tomorrow().ok()?
            };
            Some((self.instant(day, self.from)?, self.instant(last, self.to)?))
        })
    }

    /// The first instant at which the clock shows this time; where it skips the time, as long after midnight as usual.
    fn instant(&self, day: Date, time: Time) -> Option<Timestamp> {
        self.zone.to_timestamp(day.to_datetime(time)).ok()
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_number = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_may_cross_midnight_and_is_that_of_its_zone() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let night = QuietHours::read("22:00-07:00 Asia/Shanghai", &TimeZone::UTC).unwrap();
        assert!(night.contains(at("2026-11-28T14:00:00Z")), "22:00 there");
        assert!(night.contains(at("2026-11-28T22:59:59Z")), "06:59:59 there");
        assert!(!night.contains(at("2026-11-28T23:00:00Z")), "07:00 there");
        assert!(!night.contains(at("2026-11-28T13:59:59Z")));
        let lunch = QuietHours::read("12:00 - 13:30", &TimeZone::UTC);
        assert_eq!(lunch, None, "no blanks");
        let lunch = QuietHours::read("12:00-13:30", &TimeZone::UTC).unwrap();
        assert!(lunch.contains(at("2026-11-28T13:29:00Z")) && !lunch.contains(at("2026-11-28T13:30:00Z")));
    }

    #[test]
    fn it_ends_at_the_next_end_in_its_zone() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let night = QuietHours::read("22:00-07:00 Asia/Shanghai", &TimeZone::UTC).unwrap();
        for (now, end) in [
            ("2026-11-28T14:00:00Z", "2026-11-28T23:00:00Z"),
            ("2026-11-28T22:59:59Z", "2026-11-28T23:00:00Z"),
            ("2026-11-28T23:00:00Z", "2026-11-29T23:00:00Z"),
        ] {
            assert_eq!(night.ends_after(at(now)), at(end), "{now}");
        }
    }

    #[test]
    fn on_the_days_when_the_clock_is_set_it_is_quiet_once_and_without_a_hole() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (span, quiet, loud) in [
            // The clock goes from 03:00 back to 02:00 at 01:00 UTC.
            (
                "22:00-02:30",
                vec!["2026-10-25T00:29:00Z"],
                vec![
                    "2026-10-25T00:31:00Z",
                    "2026-10-25T01:10:00Z",
                    "2026-10-25T01:31:00Z",
                ],
            ),
            (
                "02:30-03:30",
                vec![
                    "2026-10-25T00:31:00Z",
                    "2026-10-25T01:10:00Z",
                    "2026-10-25T02:29:00Z",
                ],
                vec!["2026-10-25T00:29:00Z", "2026-10-25T02:31:00Z"],
            ),
            // It goes from 02:00 to 03:00 at 01:00 UTC.
            (
                "22:00-07:00",
                vec![
                    "2026-03-29T00:59:00Z",
                    "2026-03-29T01:01:00Z",
                    "2026-03-29T04:59:00Z",
                ],
                vec!["2026-03-29T05:01:00Z"],
            ),
            (
                "22:00-02:30",
                vec!["2026-03-29T00:59:00Z", "2026-03-29T01:29:00Z"],
                vec!["2026-03-29T01:31:00Z"],
            ),
        ] {
            let hours = QuietHours::read(&format!("{span} Europe/Berlin"), &TimeZone::UTC).unwrap();
            for now in quiet {
                let now = at(now);
                assert!(hours.contains(now), "{span} {now}");
                let end = hours.ends_after(now);
                let second = jiff::SignedDuration::from_secs(1);
                assert!(
                    !hours.contains(end) && hours.contains(end - second),
                    "{span} {now}: {end}"
                );
            }
            assert!(loud.into_iter().all(|now| !hours.contains(at(now))), "{span}");
        }
    }

    #[test]
    fn it_is_said_what_is_wrong_with_a_span_that_looks_like_one() {
        for (text, advice) in [
            ("22:00-07:00 Mars/North", "; there is no such time zone"),
            ("07:00-07:00", "; it ends when it begins"),
            ("22:00-07:00,06:00-08:00", "; there can be one span only"),
            ("22:00", ""),
            ("25:00-07:00", ""),
            ("22:00-07:00 Asia/Shanghai", ""),
        ] {
            assert_eq!(QuietHours::advice(text), advice, "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "22:00",
            "22-7",
            "24:00-07:00",
            "22:60-07:00",
            "07:00-07:00",
            "22:00-07:00 Mars/North",
            "-1:00-2:00",
        ] {
            assert_eq!(QuietHours::read(text, &TimeZone::UTC), None, "{text}");
        }
    }
}
