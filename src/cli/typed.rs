//! Forms of values on the command line that its library does not know, or reads in another way than is meant.
//!
//! Must not: read a file or a clock.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// Units of time whose length depends on the calendar; `M` would also be too near to `m`.
const OF_THE_CALENDAR: [&str; 6] = ["M", "month", "months", "y", "year", "years"];

/// The text is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeFault;

impl fmt::Display for TimeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it must be a time with its unit, such as 90s, 15m, 12h or 7d")
    }
}

impl std::error::Error for TimeFault {}

/// A length of time: `90s`, `15m`, `1h 30m`.
///
/// # Errors
/// The text has another form, or a unit of the calendar.
pub fn time(text: &str) -> Result<Duration, TimeFault> {
    let mut units = text.split(|character: char| !character.is_alphabetic());
    if units.any(|unit| OF_THE_CALENDAR.contains(&unit)) {
        return Err(TimeFault);
    }
    humantime::parse_duration(text).map_err(|_| TimeFault)
}

/// The text is no address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressFault;

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it must be an IP address and a port: 127.0.0.1:9464 for this machine alone, [::]:9464 or 0.0.0.0:9464 for all",
        )
    }
}

impl std::error::Error for AddressFault {}

/// An address to listen on: `127.0.0.1:9464`, `[::1]:9464`.
///
/// # Errors
/// The text is a name, or has no address or no port: which addresses are meant must be certain.
pub fn address(text: &str) -> Result<SocketAddr, AddressFault> {
    text.parse().map_err(|_| AddressFault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_and_none_of_the_calendar() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("1h 30m", 5400), ("2days", 172_800)] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["5", "1M", "2months", "1y", "1year 3days", "soon", ""] {
            assert_eq!(time(text), Err(TimeFault), "{text}");
        }
    }

    #[test]
    fn an_address_is_one_of_this_machine_with_its_port() {
        for text in ["127.0.0.1:9464", "[::1]:0", "0.0.0.0:80"] {
            assert_eq!(address(text).map(|it| it.to_string()).as_deref(), Ok(text));
        }
        for text in ["9464", ":9464", "localhost:9464", "127.0.0.1", "127.0.0.1:"] {
            assert_eq!(address(text), Err(AddressFault), "{text}");
        }
    }
}
