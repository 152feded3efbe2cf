//! Values that are written at once into a JSON record.
//!
//! A text for each value, made only to be copied, takes longer than all the rest of a long list. So the usual values are written
//! digit by digit into the record. Must not: write anything that [`json::member`](super::json::member) would write otherwise; an
//! unusual value is left to it.

use jiff::Timestamp;

use crate::fleet::Field;
use crate::fleet::fields::{PodNumber, PodText, PodValues as _};
use crate::fleet::piece_writer::{PieceWriter, put_billionths, put_number, two_digits};
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
const DAYS: usize = 512;
/// The bytes of a date, and of a time.
const DATE: usize = "2026-01-31".len();
pub(super) const TIME: usize = "2026-01-31T00:00:00Z".len();

/// The dates of times that were written: many pods were created on the same few days. Two whose days have the same place replace
/// each other.
#[derive(Debug, Default)]
pub(super) struct KnownDays(Vec<KnownDay>);

/// A day since 1970, and its date.
#[derive(Debug, Clone, Copy)]
struct KnownDay {
    day: i64,
    date: [u8; DATE],
}

impl KnownDay {
    /// No day has this date.
    const NONE: Self = Self {
        day: i64::MIN,
        date: [0; DATE],
    };
}

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
            Some(billionths) if is_plain_cores(billionths) => {
                out.put_with(|room| put_billionths(room, billionths));
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

/// Whether an amount is the same as a number and in digits.
#[inline]
pub(super) fn is_plain_cores(billionths: u64) -> bool {
    billionths == 0 || PLAIN_CORES.contains(&billionths)
}

impl KnownDays {
    /// Writes a time of whole seconds since 1970, as a text.
    fn put(&mut self, second: i64, out: &mut PieceWriter) -> bool {
        let Some(time) = self.time(second) else {
            return false;
        };
        for piece in [&b"\""[..], &time, b"\""] {
            out.put(piece);
        }
        true
    }

    /// A time of whole seconds since 1970.
    #[inline]
    pub(super) fn time(&mut self, second: i64) -> Option<[u8; TIME]> {
        let (day, rest) = (second.div_euclid(DAY), second.rem_euclid(DAY).unsigned_abs());
        let place = usize::try_from(day).ok()? % DAYS;
        let known = self.0.get(place).filter(|known| known.day == day);
        let date = match known {
            Some(known) => known.date,
            None => self.learn(day, place)?,
        };
        let mut time = *b"2026-01-31T00:00:00Z";
        *time.first_chunk_mut()? = date;
        for (at, number) in [(11, rest / 3600), (14, rest / 60 % 60), (17, rest % 60)] {
            *time.get_mut(at..)?.first_chunk_mut()? = two_digits(number);
        }
        Some(time)
    }

    #[cold]
    fn learn(&mut self, day: i64, place: usize) -> Option<[u8; DATE]> {
        let midnight = Timestamp::from_second(day * DAY).ok()?.to_string();
        let (date, _) = midnight.split_once('T')?;
        let date = date.as_bytes().try_into().ok()?;
        self.0.resize(DAYS, KnownDay::NONE);
        *self.0.get_mut(place)? = KnownDay { day, date };
        Some(date)
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
                out.put_with(|room| put_billionths(room, amount));
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
