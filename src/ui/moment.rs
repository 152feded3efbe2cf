//! A time as the screen writes it: as short as it can be without being ambiguous.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The time of day in `zone`, or the day if it differs from that of `now`.
pub fn day_or_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let moment = moment(at, now, zone);
    match moment.rsplit_once(' ') {
        Some((day, _)) => day.to_owned(),
        None => moment,
    }
}

/// The same as [`moment`], to the second.
pub fn exact_moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let seconds = at.to_zoned_datetime(zone.clone()).strftime(":%S").to_string();
    format!("{}{seconds}", moment(at, now, zone))
}

/// The time of day in `zone`, with the day where that is another one than `now`'s.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (
        at.to_zoned_datetime(zone.clone()),
        now.to_zoned_datetime(zone.clone()),
    );
    let form = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        "%b %-d %H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_another_day_has_the_day() {
        let now: Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
        let told = |at: &str| moment(at.parse().unwrap(), now, &TimeZone::UTC);
        assert_eq!(told("2025-08-15T00:01:00Z"), "00:01");
        let exact = exact_moment("2025-08-14T23:59:09Z".parse().unwrap(), now, &TimeZone::UTC);
        assert_eq!(exact, "Aug 14 23:59:09");
        assert_eq!(told("2025-08-14T23:59:00Z"), "Aug 14 23:59");
        assert_eq!(told("2024-12-31T23:59:00Z"), "2024-12-31 23:59");
        let short = |at: &str| day_or_time(at.parse().unwrap(), now, &TimeZone::UTC);
        assert_eq!(short("2025-08-15T00:01:00Z"), "00:01");
        assert_eq!(short("2025-08-14T23:59:00Z"), "Aug 14");
    }
}
