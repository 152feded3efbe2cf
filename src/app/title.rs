//! The window's title: `hss-top prod: 7 risk, 96 failed, FRESH`.
//!
//! A tab or a window list shows it while the dashboard is hidden, and of two windows it says which is which. It only contains
//! fixed words, counts and the name of the profile, if that is a short one of plain letters, so nothing from outside can get into
//! it. It has no age, so it changes when something happens and not every
//! second.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::app::Model;
use crate::app::time_machine::ShownPicture;
use crate::fleet::summary::Summary;

/// The longest title in bytes, which every terminal accepts.
const LONGEST: usize = 80;
/// The longest name of a profile in it, in bytes.
const LONGEST_PROFILE: usize = 16;
/// A number with its word and its comma.
const LONGEST_NUMBER: usize = 11;

/// The title, in ASCII.
pub fn of(model: &Model) -> String {
    let picture = match model.time.viewed() {
        ShownPicture::Live => String::new(),
        ShownPicture::Held(held) => format!("FROZEN since {}, ", at(model, held.since)),
        ShownPicture::Past(past) => format!("AT {}, ", at(model, past.moment.at)),
    };
    text(
        &[profile(model), picture].join(": "),
        model.alerts.waiting.len(),
        &model.view.summary,
        model.state().word(),
    )
}

/// The name of the profile behind the program's, if it may be shown in a title.
fn profile(model: &Model) -> String {
    let name = model.shown_source().profile;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=LONGEST_PROFILE).contains(&name.len()) && name.bytes().all(is_plain) {
        format!(" {name}")
    } else {
        String::new()
    }
}

/// A date and a time in ASCII.
fn at(model: &Model, at: Timestamp) -> String {
    let at = at.to_zoned_datetime(model.zone.clone());
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `begin` follows the name of the program.
fn text(begin: &str, alerts: usize, summary: &Summary, state: &str) -> String {
    let mut title = format!("hss-top{begin}");
    for (number, word) in [
        (alerts, if alerts == 1 { "ALERT" } else { "ALERTS" }),
        (summary.risk, "risk"),
        (summary.exception, "protection broken"),
        (summary.failed, "failed"),
    ] {
        // The most urgent counts always have room.
        if number > 0 && title.len() + word.len() + state.len() + LONGEST_NUMBER <= LONGEST {
            // Writing to a String does not fail.
            let _ = write!(title, "{number} {word}, ");
        }
    }
    title + state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_words_and_counts_and_fits_into_eighty_bytes() {
        let mut summary = Summary::default();
        assert_eq!(text(": ", 0, &summary, "FRESH"), "hss-top: FRESH");
        (summary.failed, summary.exception) = (96, 3);
        assert_eq!(
            text(": ", 0, &summary, "STALE"),
            "hss-top: 3 protection broken, 96 failed, STALE"
        );
        let most = 10_000_000;
        (summary.failed, summary.risk, summary.exception) = (most, most, most);
        assert!(text(": ", 0, &summary, "THROTTLED").len() <= 80);
        assert_eq!(
            text(": ", 1, &summary, "THROTTLED"),
            "hss-top: 1 ALERT, 10000000 risk, 10000000 protection broken, THROTTLED"
        );
        assert_eq!(
            text(" prod: ", 0, &Summary::default(), "FRESH"),
            "hss-top prod: FRESH"
        );
        assert!(text(": ", 1000, &summary, "THROTTLED").starts_with("hss-top: 1000 ALERTS, "));
    }
}
