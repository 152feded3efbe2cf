//! Values that are written at once into a JSON record.
//!
//! A text for each value, made only to be copied, takes longer than all the rest of a long list. So the usual values are written
//! digit by digit into the record. Must not: write anything that [`json::member`](super::json::member) would write otherwise; an
//! unusual value is left to it.

use jiff::Timestamp;

use crate::fleet::Field;
use crate::fleet::fields::{PodNumber, PodText, PodValues as _};
use crate::fleet::piece_writer::{PieceWriter, WINDOW, put_digits, put_number};
use crate::fleet::pod::created_at;
use crate::fleet::row_facts::RowFacts;
use crate::secrets::HeldSearch;

/// A value that may be written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum DirectValue {
    /// A text.
    Text(PodText),
    /// A quantity as it was sent.
    Quantity(PodNumber),
    /// An amount of CPU in cores.
    Cores(PodNumber),
    /// An amount of memory in bytes.
    Bytes(PodNumber),
    /// A creation time in milliseconds since 1970.
    Milliseconds,
    /// The same as a date.
    Date,
}

impl DirectValue {
    /// Whether neighbours seldom have the same, and there are too many of them to be remembered.
    pub(super) fn differs_often(self) -> bool {
        let is_used = |number| matches!(number, PodNumber::Cpu | PodNumber::Memory);
        match self {
            Self::Text(_) => false,
            Self::Quantity(number) | Self::Cores(number) | Self::Bytes(number) => is_used(number),
            Self::Milliseconds | Self::Date => true,
        }
    }
}

/// The amounts in billionths of a core that have at most fifteen digits and no exponent: they are the same as a number and in
/// digits.
const PLAIN_CORES: std::ops::Range<u64> = 10_000..1_000_000_000_000_000;
/// The seconds of a day.
const DAY: i64 = 86_400;

/// How many dates are remembered.
const DAYS: usize = 64;

/// The dates of times that were written: many pods were created on the same few days. Two whose days have the same place replace
/// each other.
#[derive(Debug, Default)]
pub(super) struct KnownDays(Vec<Option<(i64, String)>>);

/// Writes a value. Returns whether it did; if not, nothing is written. `search` is current.
#[inline]
pub(super) fn put(
    value: DirectValue,
    facts: &RowFacts<'_>,
    search: &HeldSearch,
    days: &mut KnownDays,
    out: &mut PieceWriter,
) -> bool {
    let begin = out.len();
    let is_put = match value {
        DirectValue::Text(text) => {
            out.put(b"\"");
            let is_put = facts.put_text(text, search, out);
            out.put(b"\"");
            is_put
        }
        DirectValue::Quantity(number) => {
            out.put(b"\"");
            let is_put = facts.put_quantity(number, search, out);
            out.put(b"\"");
            is_put
        }
        DirectValue::Cores(number) => match facts.exact_amount(number) {
            Some(billionths) if billionths == 0 || PLAIN_CORES.contains(&billionths) => {
                out.put_with(|room| put_cores(room, billionths));
                true
            }
            _ => false,
        },
        DirectValue::Bytes(number) => put_some(facts.exact_amount(number), out),
        DirectValue::Milliseconds => {
            let ms = facts.creation_ms().value().copied();
            put_some(ms.and_then(|ms| u64::try_from(ms).ok()), out)
        }
        DirectValue::Date => match created_at(facts.creation_ms()) {
            Field::Value(at) => days.put(at.as_second(), out),
            Field::Absent | Field::Unreadable => false,
        },
    };
    if !is_put {
        out.truncate(begin);
    }
    is_put
}

#[inline]
fn put_some(number: Option<u64>, out: &mut PieceWriter) -> bool {
    if let Some(number) = number {
        out.put_with(|room| put_number(room, number, 0, b""));
    }
    number.is_some()
}

/// Writes an amount of [`PLAIN_CORES`], or 0, as a number of cores; returns its length.
#[inline]
fn put_cores(room: &mut [u8; WINDOW], billionths: u64) -> usize {
    /// The digits behind the point.
    const FRACTION: usize = 9;
    let len = put_number(room, billionths, FRACTION, b"");
    let point = len.saturating_sub(FRACTION + 1);
    let behind = room.get(point + 2..len).unwrap_or_default();
    // One digit stays behind the point, even if it is a zero.
    let zeros = behind.iter().rev().take_while(|digit| **digit == b'0').count();
    len - zeros
}

impl KnownDays {
    /// Writes a time of whole seconds since 1970, as a text.
    fn put(&mut self, second: i64, out: &mut PieceWriter) -> bool {
        let (day, rest) = (second.div_euclid(DAY), second.rem_euclid(DAY));
        if self.0.is_empty() {
            self.0.resize(DAYS, None);
        }
        let known = usize::try_from(day)
            .ok()
            .and_then(|day| self.0.get_mut(day % DAYS));
        let Some(known) = known else {
            return false;
        };
        if known.as_ref().is_none_or(|(known, _)| *known != day) {
            let midnight = Timestamp::from_second(day * DAY).map(|at| at.to_string());
            let date = midnight
                .ok()
                .and_then(|text| Some(text.split_once('T')?.0.to_owned()));
            *known = date.map(|date| (day, date));
        }
        let Some((_, date)) = known else {
            return false;
        };
        out.put(b"\"");
        out.put(date.as_bytes());
        out.put_with(|room| {
            let mut time = *b"T00:00:00Z\"";
            for (at, number) in [(1, rest / 3600), (4, rest / 60 % 60), (7, rest % 60)] {
                put_digits(&mut time[at..at + 2], number.unsigned_abs());
            }
            room[..time.len()].copy_from_slice(&time);
            time.len()
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::columns::ExportValue;
    use crate::report::json;
    use proptest::prelude::*;

    fn written(value: &ExportValue) -> String {
        let mut out = Vec::new();
        json::value(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn cores_are_written_as_the_library_writes_them(amount in PLAIN_CORES, zeros in 0_u32..9) {
            for amount in [0, amount, amount / 10_u64.pow(zeros) * 10_u64.pow(zeros)] {
                if amount != 0 && !PLAIN_CORES.contains(&amount) {
                    continue;
                }
                let mut out = PieceWriter::default();
                out.put_with(|room| put_cores(room, amount));
                let expected = written(&ExportValue::Billionths(amount));
                prop_assert_eq!(out.written(), expected.as_bytes());
            }
        }

        #[test]
        fn times_are_written_as_the_library_writes_them(
            days in prop::collection::vec((0_i64..3, 0_i64..600), 1..6),
            second in 0..DAY,
        ) {
            let mut known = KnownDays::default();
            // Some have the same place.
            let places = i64::try_from(DAYS).unwrap();
            for number in days.iter().map(|(first, more)| first + more * places) {
                for second in [second, 0, DAY - 1] {
                    let second = number * DAY + second;
                    let mut out = PieceWriter::default();
                    prop_assert!(known.put(second, &mut out));
                    let time = ExportValue::time(Timestamp::from_second(second).unwrap());
                    let expected = written(&time);
                    prop_assert_eq!(out.written(), expected.as_bytes());
                }
            }
        }
    }
}
