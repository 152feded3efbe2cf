//! Values that are written at once into a JSON record.
//!
//! A text for each value, made only to be copied, takes longer than all the rest of a long list. So the usual values are written
//! digit by digit into the record. Must not: write anything that [`json::member`](super::json::member) would write otherwise; an
//! unusual value is left to it.

use jiff::Timestamp;

use crate::fleet::Field;
use crate::fleet::fields::{PodNumber, PodText, PodValues as _};
use crate::fleet::pod::created_at;
use crate::fleet::row_facts::{RowFacts, put_decimal};

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

/// One core in billionths.
const CORE: u64 = 1_000_000_000;
/// The amounts in billionths of a core that have at most fifteen digits and no exponent: they are the same as a number and in
/// digits.
const PLAIN_CORES: std::ops::Range<u64> = 10_000..1_000_000_000_000_000;
/// The seconds of a day.
const DAY: i64 = 86_400;

/// The date of the last time that was written: many pods were created on the same day.
#[derive(Debug, Default)]
pub(super) struct LastDay(Option<(i64, String)>);

/// Appends a value. Returns whether it did; if not, nothing is appended.
pub(super) fn put(value: DirectValue, facts: &RowFacts<'_>, day: &mut LastDay, out: &mut Vec<u8>) -> bool {
    let begin = out.len();
    let is_put = match value {
        DirectValue::Text(text) => {
            out.push(b'"');
            let is_put = facts.put_text(text, out);
            let written = out.get(begin + 1..).unwrap_or_default();
            let is_plain = !written.iter().any(|byte| matches!(byte, b'"' | b'\\'));
            out.push(b'"');
            is_put && is_plain
        }
        DirectValue::Quantity(number) => {
            out.push(b'"');
            let is_put = facts.put_quantity(number, out);
            out.push(b'"');
            is_put
        }
        DirectValue::Cores(number) => match facts.exact_amount(number) {
            Some(billionths) if billionths == 0 || PLAIN_CORES.contains(&billionths) => {
                put_cores(billionths, out);
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
            Field::Value(at) => day.put(at.as_second(), out),
            Field::Absent | Field::Unreadable => false,
        },
    };
    if !is_put {
        out.truncate(begin);
    }
    is_put
}

fn put_some(number: Option<u64>, out: &mut Vec<u8>) -> bool {
    if let Some(number) = number {
        put_decimal(number, out);
    }
    number.is_some()
}

/// Appends an amount of [`PLAIN_CORES`], or 0, as a number of cores.
fn put_cores(billionths: u64, out: &mut Vec<u8>) {
    put_decimal(billionths / CORE, out);
    out.push(b'.');
    let begin = out.len();
    // Nine digits: a one in front keeps the zeros behind it.
    put_decimal(CORE + billionths % CORE, out);
    out.remove(begin);
    while out.len() > begin + 1 && out.last() == Some(&b'0') {
        out.pop();
    }
}

impl LastDay {
    /// Appends a time of whole seconds since 1970, as a text.
    fn put(&mut self, second: i64, out: &mut Vec<u8>) -> bool {
        let (day, rest) = (second.div_euclid(DAY), second.rem_euclid(DAY));
        if self.0.as_ref().is_none_or(|(known, _)| *known != day) {
            let midnight = Timestamp::from_second(day * DAY).map(|at| at.to_string());
            let Some(date) = midnight
                .ok()
                .and_then(|text| Some(text.split_once('T')?.0.to_owned()))
            else {
                return false;
            };
            self.0 = Some((day, date));
        }
        let Some((_, date)) = &self.0 else {
            return false;
        };
        out.push(b'"');
        out.extend_from_slice(date.as_bytes());
        for (mark, number) in [(b'T', rest / 3600), (b':', rest / 60 % 60), (b':', rest % 60)] {
            out.push(mark);
            let number = u8::try_from(number).unwrap_or(0);
            out.extend([b'0' + number / 10, b'0' + number % 10]);
        }
        out.extend_from_slice(b"Z\"");
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
                let mut out = Vec::new();
                put_cores(amount, &mut out);
                prop_assert_eq!(String::from_utf8(out).unwrap(), written(&ExportValue::Billionths(amount)));
            }
        }

        #[test]
        fn times_are_written_as_the_library_writes_them(
            days in prop::collection::vec(0_i64..40_000, 1..4),
            second in 0..DAY,
        ) {
            let mut day = LastDay::default();
            for number in days {
                for second in [second, 0, DAY - 1] {
                    let second = number * DAY + second;
                    let mut out = Vec::new();
                    prop_assert!(day.put(second, &mut out));
                    let time = ExportValue::time(Timestamp::from_second(second).unwrap());
                    prop_assert_eq!(String::from_utf8(out).unwrap(), written(&time));
                }
            }
        }
    }
}
