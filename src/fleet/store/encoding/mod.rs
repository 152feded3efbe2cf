//! Encodes pods as numbers and decodes them.
//!
//! Owns the meaning of the numbers in each column, and the promise that nothing is lost: an encoded and
//! decoded pod is exactly the same pod. A value without a short form is stored as a word. Must not: know the
//! number of a row.

mod both_lists;
mod decode;
mod encode;
mod portable;
mod stored;

use std::net::Ipv4Addr;

use super::chunk::{COLS, Col};
use super::dictionary::{ABSENT, Dictionary, FIRST, UNREADABLE};
use crate::fleet::Field;
use crate::fleet::fields::orders::is_one_of;
use crate::fleet::quantity::{Measure, Parts, Quantity};
use crate::fleet::raw::TextField;
use crate::fleet::usage::Usage;

pub use both_lists::{FIRST_TEXT, twin};
pub use decode::{Interner, uuid_text};
pub use encode::{Dictionaries, NOTHING, RESCANNING, RISK, SCANNING};
pub use portable::PortableValue;

/// The texts that nearly every pod has for itself, whose columns hold no words.
const OWN: [TextField; 3] = [TextField::Name, TextField::PodIp, TextField::Id];

/// Whether the numbers of a field's column are words of a dictionary of its own.
const fn is_word(field: TextField) -> bool {
    !field.is_quantity() && !is_one_of(field, &OWN)
}

/// The columns whose numbers are words of a dictionary of their own, and their fields, in the order of the table. Those
/// that identify a pod come first.
const WORDS: [(Col, TextField); WORD_COLUMNS] = {
    let mut words = [(Col::Flags, TextField::Name); WORD_COLUMNS];
    let (mut count, mut at) = (0, 0);
    while at < TextField::ALL.len() {
        let field = TextField::ALL[at];
        if is_word(field) {
            words[count] = (field.col(), field);
            count += 1;
        }
        at += 1;
    }
    words
};
const WORD_COLUMNS: usize = {
    let (mut count, mut at) = (0, 0);
    while at < TextField::ALL.len() {
        count += is_word(TextField::ALL[at]) as usize;
        at += 1;
    }
    count
};
/// The columns of words of a pod's identity are encoded before the others.
const _: () = assert!(matches!(WORDS[0].0, Col::Namespace) && matches!(WORDS[1].0, Col::Cluster));
/// One dictionary for each of these columns, and one for values without a short form.
const DICTIONARIES: usize = WORDS.len() + 1;
const ODD: usize = DICTIONARIES - 1;

/// The number in [`Col::Id`] that means: the id is a UUID.
pub const IS_UUID: u64 = FIRST;
/// Numbers in [`Col::PodIp`] from here on stand for the odd word with the code `number - ODD_IP`.
const ODD_IP: u64 = 1 << 32;
/// Numbers in [`Col::Created`] from here on stand for odd words in the same manner.
const ODD_DATE: u64 = 1 << 62;
/// The number of low bits, in a column of quantities, that say how to read the other bits.
const QUANTITY_TAG_BITS: u32 = 8;
const ODD_QUANTITY: u64 = 2;
const FIRST_PARTS: u64 = 3;
/// Numbers in a column of usages from here on are percentages.
pub const FIRST_PERCENT: u64 = 3;

/// The dictionary of each column, by the column's number.
const DICTIONARY_OF: [usize; COLS] = {
    let mut dictionaries = [ODD; COLS];
    let mut at = 0;
    while at < WORDS.len() {
        dictionaries[WORDS[at].0 as usize] = at;
        at += 1;
    }
    dictionaries
};

#[inline]
const fn dictionary_of(col: Col) -> usize {
    DICTIONARY_OF[col as usize]
}

/// The column of words that holds a field, if one does.
#[inline]
pub const fn column_of(field: TextField) -> Option<Col> {
    if is_word(field) { Some(field.col()) } else { None }
}

/// The value of each byte as a hexadecimal digit; upper-case letters are not digits here.
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

/// Parses a UUID in its usual form only, so that decoding gives the same text.
pub(in crate::fleet) fn uuid(text: &str) -> Option<u128> {
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
    // Each part after the first is shifted in; the last has 48 bits.
    let widths = [32, 16, 16, 16, 48];
    let whole = parts.iter().zip(widths);
    let value = whole.fold(0, |value, (part, width)| value << width | u128::from(*part));
    is_one.then_some(value)
}

/// Parses an IPv4 address in its usual form only, as the standard library writes it.
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

/// The usage that a number of [`Col::CpuUsage`] or [`Col::MemoryUsage`] stands for.
pub fn usage(code: u64) -> Usage {
    match code {
        0 => Usage::NotReported,
        1 => Usage::NoLimit,
        2 => Usage::Unreadable,
        percent => Usage::Percent(u32::try_from(percent - FIRST_PERCENT).unwrap_or(u32::MAX)),
    }
}

/// The address that a number of [`Col::PodIp`] stands for; `None` for an odd word.
#[inline]
pub fn address(code: u64) -> Option<Ipv4Addr> {
    let bits = u32::try_from(code).ok().filter(|_| code >= FIRST)?;
    Some(Ipv4Addr::from_bits(bits))
}

/// The code of the odd word that a number of [`Col::PodIp`] stands for; `None` for an IPv4 address.
#[inline]
pub fn odd_ip(code: u64) -> Option<u64> {
    code.checked_sub(ODD_IP)
}

/// The parts of the quantity that a number stands for, if it has any.
#[inline]
pub(in crate::fleet) fn parts(code: u64) -> Option<Parts> {
    let tag = (code & ((1 << QUANTITY_TAG_BITS) - 1)).checked_sub(FIRST_PARTS)?;
    Some(Parts {
        mantissa: code >> QUANTITY_TAG_BITS,
        fraction: u8::try_from(tag / 16).ok()?,
        suffix: u8::try_from(tag % 16).ok()?,
    })
}

/// The code of the odd word that a number of a column of quantities without parts stands for.
#[inline]
pub fn odd_quantity(code: u64) -> u64 {
    code >> QUANTITY_TAG_BITS
}

/// Whether the amount that a number of a column of quantities stands for is far below the largest one, for certain, or not
/// an amount.
pub fn is_surely_small(code: u64, measure: Measure) -> bool {
    /// Below this times 10^9, or 2^30, there is no largest amount.
    const SMALL: u64 = 1 << 30;
    match (parts(code), measure) {
        (None, _) => code < FIRST,
        (Some(parts), Measure::Cpu) => parts.mantissa < SMALL && matches!(parts.suffix, 0..=3),
        (Some(parts), Measure::Memory) => parts.mantissa < SMALL && matches!(parts.suffix, 0..=6 | 10..=12),
    }
}

/// The creation time in milliseconds that a number stands for, if it has a short form.
#[inline]
pub fn created_ms(code: u64) -> Option<i64> {
    let ms = code.checked_sub(FIRST).filter(|_| code < ODD_DATE)?;
    i64::try_from(ms).ok()
}

/// The number for a creation time in milliseconds, if it has a short form.
pub fn of_created_ms(ms: i64) -> Option<u64> {
    let code = u64::try_from(ms).ok()?.saturating_add(FIRST);
    (code < ODD_DATE).then_some(code)
}

/// The amount that a number of a column of quantities stands for; a value that is not a quantity has none.
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
        fn an_address_is_valid_if_the_standard_library_says_so(
            text in prop_oneof!["[0-9]{1,3}(\\.[0-9]{1,3}){2,4}", "[0-2]?[0-9]?[0-9](\\.[0-2]?[0-9]?[0-9]){3}", "[0-9.a]{0,12}"],
        ) {
            prop_assert_eq!(address_bits(&text), text.parse::<Ipv4Addr>().ok().map(Ipv4Addr::to_bits));
        }

        #[test]
        fn a_uuid_is_restored_exactly(value in any::<u128>(), at in 0_usize..36, odd in "[0-9A-Fa-g-]") {
            let text = decode::uuid_text(value);
            prop_assert_eq!(uuid(&text), Some(value));
            let mut other = text.clone();
            other.replace_range(at..=at, &odd);
            prop_assert_eq!(uuid(&other).map(decode::uuid_text), uuid(&other).map(|_| other));
        }
    }

    #[test]
    fn a_text_that_resembles_a_uuid_is_not_one() {
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
