//! Moments of the past on the command line: `12h`, `friday`, `yesterday 18:00`, `2026-11-28`.
//!
//! They are read with the clock and the zone of the run, by the same rules as in the dashboard. Must not: read a clock.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::local_zone;
use crate::fleet::past::when::{WhenFault, when};
use crate::settings::Unready;

/// A moment as it was typed. It has a form that can be understood; whether it lies in the past is told later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinceText(String);

impl FromStr for SinceText {
    type Err = WhenFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Of the forms none depends on the day, but what lies ahead does.
        match when(text, Timestamp::UNIX_EPOCH, &TimeZone::UTC) {
            Err(WhenFault::NoMoment) => Err(WhenFault::NoMoment),
            Ok(_) | Err(_) => Ok(Self(text.to_owned())),
        }
    }
}

/// The moment that a flag means.
///
/// # Errors
/// That it lies ahead, or too far back.
pub fn moment(flag: &str, typed: Option<&SinceText>, now: Timestamp) -> Result<Option<Timestamp>, Unready> {
    let Some(SinceText(text)) = typed else {
        return Ok(None);
    };
    let found = when(text, now, &local_zone().0);
    found
        .map(Some)
        .map_err(|fault| Unready::Wrong(format!("{flag} {text}: {fault}")))
}
