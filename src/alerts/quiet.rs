//! Quiet hours: a daily span of local time in which a rule tells nobody.
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

    /// When the quiet that holds at `now` is over.
    pub fn ends_after(&self, now: Timestamp) -> Timestamp {
        let local = now.to_zoned_datetime(self.zone.clone());
        let of_day = |date: Date| self.zone.to_timestamp(date.to_datetime(self.to)).ok();
        let days = [Some(local.date()), local.date().tomorrow().ok()];
        let ends = days.into_iter().flatten().filter_map(of_day);
        let mut later = ends.filter(|end| *end > now);
        later.next().unwrap_or(now)
    }

    /// Whether it is quiet at `now`. The end is not part of it.
    pub fn contains(&self, now: Timestamp) -> bool {
        let time = now.to_zoned_datetime(self.zone.clone()).time();
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
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
