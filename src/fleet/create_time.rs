//! `create_time` as HSS sends it.
//!
//! It should be milliseconds since 1970 UTC. A text that is no number (`2025-07-22`, `soon`) is never guessed
//! to be a date, because its zone and its order of day and month are unknown; it is retained, so that the
//! operator sees what HSS sent. Must not: decide which numbers are dates ([`super::pod::Pod::created`] does).

use super::field::Field;
use super::text::RemoteText;

/// What HSS sent as `create_time`; `T` is the type of its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateTime<T = RemoteText> {
    /// Milliseconds since 1970 UTC, unchecked.
    Milliseconds(i64),
    /// What is not a number, as it was sent.
    Word(T),
}

impl<'a> CreateTime<&'a str> {
    /// Reads a text: a number counts, as for the official SDK.
    pub fn read(text: &'a str) -> Self {
        text.parse().map_or(Self::Word(text), Self::Milliseconds)
    }

    /// The same with its word made safe to show.
    pub fn safe(self) -> CreateTime {
        match self {
            Self::Milliseconds(ms) => CreateTime::Milliseconds(ms),
            Self::Word(word) => CreateTime::Word(RemoteText::name(word)),
        }
    }
}

impl CreateTime {
    /// The same with its word as it was sent.
    pub fn sent(&self) -> CreateTime<&str> {
        match self {
            Self::Milliseconds(ms) => CreateTime::Milliseconds(*ms),
            Self::Word(word) => CreateTime::Word(word.raw()),
        }
    }

    /// What was sent, safe to show.
    pub fn shown(&self) -> String {
        match self {
            Self::Milliseconds(ms) => ms.to_string(),
            Self::Word(word) => word.shown().to_owned(),
        }
    }
}

impl<T> CreateTime<T> {
    /// The number of a field in milliseconds since 1970 UTC, unchecked; a word is unreadable.
    pub fn ms_of(field: &Field<Self>) -> Field<i64> {
        match field {
            Field::Absent => Field::Absent,
            Field::Value(Self::Milliseconds(ms)) => Field::Value(*ms),
            Field::Value(Self::Word(_)) | Field::Unreadable => Field::Unreadable,
        }
    }
}

impl<T> From<i64> for CreateTime<T> {
    fn from(ms: i64) -> Self {
        Self::Milliseconds(ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_is_read_as_one() {
        assert_eq!(
            CreateTime::read("1753227292000"),
            CreateTime::Milliseconds(1_753_227_292_000)
        );
        assert_eq!(CreateTime::read("-5"), CreateTime::Milliseconds(-5));
        for word in [
            "2025-07-22",
            "20250722T23",
            "1.5",
            "1e12",
            "18446744073709551616",
            "soon",
            "",
        ] {
            assert_eq!(CreateTime::read(word), CreateTime::Word(word));
        }
    }

    #[test]
    fn a_word_is_shown_safely_and_keeps_its_letters() {
        let odd = CreateTime::Word("a\u{1b}[31m").safe();
        assert_eq!(odd.shown(), "a\\u{1b}[31m");
        assert_eq!(odd.sent(), CreateTime::Word("a\u{1b}[31m"));
        assert_eq!(CreateTime::read("7").safe().shown(), "7");
    }
}
