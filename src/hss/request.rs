//! The values that requests are made of, and their documented ranges (HSS API reference and OpenAPI).
//!
//! A value out of its range is refused here, before anything is sent. Must not: know which call it is for.

use std::fmt;
use std::ops::RangeInclusive;

use crate::fleet::RemoteText;
use crate::secrets::values::shortened;

/// Enterprise projects: this word asks for all that the caller may see. Without the parameter, HSS answers for the
/// default enterprise project only.
pub const ALL_ENTERPRISE_PROJECTS: &str = "all_granted_eps";
/// Records that one answer may hold.
pub const LIMIT: RangeInclusive<u32> = 10..=200;
/// The place of the first record of an answer.
pub const OFFSET: RangeInclusive<u32> = 0..=2_000_000;
/// Characters of an id that becomes a part of the path. Real ones have 32.
const PATH_ID_CHARS: RangeInclusive<usize> = 1..=64;
/// The form of such an id.
pub const PATH_ID_FORM: &str = "1 to 64 letters, digits, - or _";
/// Characters of an enterprise project id.
pub(super) const ID_CHARS: RangeInclusive<usize> = 1..=256;
/// Characters of a name to filter by.
pub(super) const NAME_CHARS: RangeInclusive<usize> = 0..=256;

/// A parameter outside of its documented range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfRange {
    /// The parameter, as the API names it.
    pub parameter: &'static str,
    /// Its value, made safe to show; a long value is described, not repeated.
    pub value: String,
    /// The allowed values.
    pub range: String,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is {}, but must be {}",
            self.parameter, self.value, self.range
        )
    }
}

impl std::error::Error for OutOfRange {}

/// A project's id. It becomes a part of the path, so a text that could change the path is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectId(String);

impl ProjectId {
    /// Takes an id.
    pub fn new(id: &str) -> Result<Self, OutOfRange> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if PATH_ID_CHARS.contains(&id.len()) && id.bytes().all(is_plain) {
            return Ok(Self(id.to_owned()));
        }
        let value = match id {
            "" => "empty".to_owned(),
            id => RemoteText::name(&shortened(id)).shown().to_owned(),
        };
        Err(OutOfRange {
            parameter: "project_id",
            value,
            range: PATH_ID_FORM.to_owned(),
        })
    }

    /// The id as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(super) fn check_number(
    parameter: &'static str,
    value: u32,
    range: &RangeInclusive<u32>,
) -> Result<(), OutOfRange> {
    if range.contains(&value) {
        return Ok(());
    }
    let range = format!("{} to {}", range.start(), range.end());
    Err(OutOfRange {
        parameter,
        value: value.to_string(),
        range,
    })
}

pub(super) fn check_length(
    parameter: &'static str,
    value: &str,
    range: &RangeInclusive<usize>,
) -> Result<(), OutOfRange> {
    let length = value.chars().count();
    if range.contains(&length) {
        return Ok(());
    }
    let value = if length == 0 {
        "empty".to_owned()
    } else {
        RemoteText::name(&shortened(value)).shown().to_owned()
    };
    Err(OutOfRange {
        parameter,
        value,
        range: format!("{} to {} characters", range.start(), range.end()),
    })
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                encoded.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_would_move_the_call_is_refused() {
        for id in ["0", "p-1_A", "05b0d1c8a2800f3d2f2ac01d3c8a4e21", &"x".repeat(64)] {
            assert_eq!(ProjectId::new(id).unwrap().as_str(), id);
        }
        for id in [
            "..",
            ".",
            "a/b",
            "a b",
            "a?b",
            "a#b",
            "%2e%2e",
            "жжж",
            "a\n",
            "a.b",
            &"x".repeat(65),
        ] {
            let sentence = ProjectId::new(id).unwrap_err().to_string();
            assert!(
                sentence.starts_with("project_id is ")
                    && sentence.ends_with(", but must be 1 to 64 letters, digits, - or _"),
                "{sentence}"
            );
        }
        let long = ProjectId::new("MIIGcanary-canary/canary")
            .unwrap_err()
            .to_string();
        assert!(
            long.contains("MIIG… (24 characters)") && !long.contains("canary"),
            "{long}"
        );
    }
}
