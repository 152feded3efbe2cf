//! From a pod to numbers and back.
//!
//! Owns what the number in each column means, and that nothing is lost on the way: a pod that is encoded and decoded
//! is the same pod, to the letter. What has no short form is kept as a word. Must not: know where a row stands.

mod both_lists;
mod decode;
mod encode;

use std::net::Ipv4Addr;

use super::chunk::Col;
use super::dictionary::{ABSENT, Dictionary, FIRST, UNREADABLE};
use crate::fleet::Field;
use crate::fleet::quantity::{Measure, Parts, Quantity};
use crate::fleet::raw::TextField;
use crate::fleet::usage::Usage;

pub use both_lists::twin;
pub use decode::{Interner, uuid_text};
pub use encode::{Dictionaries, NOTHING};

/// The columns whose numbers are words of a dictionary of their own, and the fields that they are of. Those that identify a
/// pod come first.
const WORDS: [(Col, TextField); 10] = [
    (Col::Namespace, TextField::Namespace),
    (Col::Cluster, TextField::Cluster),
    (Col::Node, TextField::Node),
    (Col::NodeIp, TextField::NodeIp),
    (Col::ClusterId, TextField::ClusterId),
    (Col::ClusterType, TextField::ClusterType),
    (Col::Region, TextField::Region),
    (Col::Status, TextField::Status),
    (Col::Protection, TextField::Protection),
    (Col::Detection, TextField::Detection),
];
/// One dictionary for each of them, and one for what has no short form.
const LEXICONS: usize = WORDS.len() + 1;
const ODD: usize = LEXICONS - 1;

/// In [`Col::Id`]: the id is a UUID.
pub const IS_UUID: u64 = FIRST;
/// In [`Col::PodIp`], from here on: the odd word of this code.
const ODD_IP: u64 = 1 << 32;
/// In [`Col::Created`], from here on: the odd word of this code.
const ODD_DATE: u64 = 1 << 62;
/// In a column of quantities: bits of the number that say how to read the others.
const QUANTITY_TAG_BITS: u32 = 8;
const ODD_QUANTITY: u64 = 2;
const FIRST_PARTS: u64 = 3;
/// In a column of usages, from here on: percent.
pub const FIRST_PERCENT: u64 = 3;

fn dictionary_of(col: Col) -> usize {
    WORDS.iter().position(|(known, _)| *known == col).unwrap_or(ODD)
}

/// The column of words that a field is in, if it is in one.
fn column_of(field: TextField) -> Option<Col> {
    let known = WORDS.iter().find(|(_, known)| *known == field);
    known.map(|(col, _)| *col)
}

/// By byte, the hexadecimal digit that it is; no upper-case letter is one.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        digits[b"0123456789abcdef"[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};
const NO_DIGIT: u8 = 16;

/// A UUID in its one usual spelling.
fn uuid(text: &str) -> Option<u128> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut all = 0;
    let mut number = |range: std::ops::Range<usize>| {
        let digits = text.get(range).unwrap_or_default();
        digits.iter().fold(0_u64, |number, byte| {
            let digit = DIGITS[usize::from(*byte)];
            all |= digit;
            number << 4 | u64::from(digit)
        })
    };
    let parts = [
        number(0..8),
        number(9..13),
        number(14..18),
        number(19..23),
        number(24..36),
    ];
    let is_one = all < NO_DIGIT && [8, 13, 18, 23].iter().all(|at| text[*at] == b'-');
    // Each part after the first is appended; the last has 48 bits.
    let widths = [32, 16, 16, 16, 48];
    let whole = parts.iter().zip(widths);
    let value = whole.fold(0, |value, (part, width)| value << width | u128::from(*part));
    is_one.then_some(value)
}

/// An IPv4 address in its one usual spelling, as the standard library reads it.
fn address_bits(text: &str) -> Option<u32> {
    let (mut bits, mut octet, mut digits, mut points) = (0, 0, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits == 0 || octet > 0 => {
                octet = octet * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && points < 3 => {
                bits = bits << 8 | octet;
                (octet, digits) = (0, 0);
                points += 1;
            }
            _ => return None,
        }
        if octet > 255 {
            return None;
        }
    }
    (points == 3 && digits > 0).then_some(bits << 8 | octet)
}

/// The usage that a number of [`Col::CpuUsage`] or [`Col::MemoryUsage`] means.
pub fn usage(code: u64) -> Usage {
    match code {
        0 => Usage::NotReported,
        1 => Usage::NoLimit,
        2 => Usage::Unreadable,
        percent => Usage::Percent(u32::try_from(percent - FIRST_PERCENT).unwrap_or(u32::MAX)),
    }
}

/// The address that a number of [`Col::PodIp`] is, if it is one.
pub fn address(code: u64) -> Option<Ipv4Addr> {
    let bits = u32::try_from(code).ok().filter(|_| code >= FIRST)?;
    Some(Ipv4Addr::from_bits(bits))
}

/// The code of the word that a number of [`Col::PodIp`] is, if it is no IPv4 address.
pub fn odd_ip(code: u64) -> Option<u64> {
    code.checked_sub(ODD_IP)
}

/// The parts of a quantity that a number means, if it has any.
pub(in crate::fleet) fn parts(code: u64) -> Option<Parts> {
    let tag = (code & ((1 << QUANTITY_TAG_BITS) - 1)).checked_sub(FIRST_PARTS)?;
    Some(Parts {
        mantissa: code >> QUANTITY_TAG_BITS,
        fraction: u8::try_from(tag / 16).ok()?,
        suffix: u8::try_from(tag % 16).ok()?,
    })
}

/// The creation time that a number means, in milliseconds, if it has a short form.
pub fn created_ms(code: u64) -> Option<i64> {
    let ms = code.checked_sub(FIRST).filter(|_| code < ODD_DATE)?;
    i64::try_from(ms).ok()
}

/// The number that a creation time in milliseconds is, if it has a short form.
pub fn of_created_ms(ms: i64) -> Option<u64> {
    let code = u64::try_from(ms).ok()?.saturating_add(FIRST);
    (code < ODD_DATE).then_some(code)
}

/// The amount that a number of a column of quantities means; one that is no quantity has none.
fn amount(odd: &Dictionary, code: u64, measure: Measure) -> Field<Option<u64>> {
    match (code, parts(code)) {
        (ABSENT, _) => Field::Absent,
        (UNREADABLE, _) => Field::Unreadable,
        (_, Some(parts)) => Field::Value(parts.amount(measure)),
        (_, None) => valued(odd.get(code >> QUANTITY_TAG_BITS), |text| {
            Quantity::read(text, measure).amount
        }),
    }
}

fn valued<T, U>(field: Field<T>, of: impl FnOnce(T) -> U) -> Field<U> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(value) => Field::Value(of(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_is_what_the_standard_library_takes_for_one(
            text in prop_oneof!["[0-9]{1,3}(\\.[0-9]{1,3}){2,4}", "[0-2]?[0-9]?[0-9](\\.[0-2]?[0-9]?[0-9]){3}", "[0-9.a]{0,12}"],
        ) {
            prop_assert_eq!(address_bits(&text), text.parse::<Ipv4Addr>().ok().map(Ipv4Addr::to_bits));
        }

        #[test]
        fn a_uuid_is_given_back_to_the_letter(value in any::<u128>(), at in 0_usize..36, odd in "[0-9A-Fa-g-]") {
            let text = decode::uuid_text(value);
            prop_assert_eq!(uuid(&text), Some(value));
            let mut other = text.clone();
            other.replace_range(at..=at, &odd);
            prop_assert_eq!(uuid(&other).map(decode::uuid_text), uuid(&other).map(|_| other));
        }
    }

    #[test]
    fn what_is_nearly_a_uuid_is_none() {
        for text in [
            "",
            "-",
            "0123456789abcdef0123456789abcdef",
            "01234567-89ab-cdef-0123-456789ABCDEF",
            "01234567-89ab-cdef-0123+456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdeg",
        ] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
