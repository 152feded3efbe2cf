//! Values that do not depend on the dictionaries of one fleet.
//!
//! Owns the way from a number of a column to a number or a word that means the same in every fleet, and back. Both ways
//! are exact. What comes from a file may be anything: a number that only a dictionary could explain reads as unreadable.

use super::{
    Dictionaries, IS_UUID, Interner, ODD, ODD_DATE, ODD_IP, ODD_QUANTITY, QUANTITY_TAG_BITS, dictionary_of,
};
use crate::fleet::Field;
use crate::fleet::store::chunk::{Col, flag};
use crate::fleet::store::dictionary::{ABSENT, FIRST, UNREADABLE};

/// What a row has in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortableValue<'a> {
    /// A number that means the same everywhere, or that there is no readable value.
    Number(u64),
    /// A word.
    Word(&'a str),
}

/// The flags that belong to a pod, and not to its row.
const OF_POD: u64 = flag::NODE | flag::SERVERLESS | flag::NAMELESS;

/// Whether the numbers of a column are places in a dictionary of its own.
fn has_words(col: Col) -> bool {
    dictionary_of(col) != ODD
}

/// The code of the odd word that a number of a column stands for.
fn odd_code(col: Col, code: u64) -> Option<u64> {
    match col {
        Col::PodIp => code.checked_sub(ODD_IP),
        Col::Created => code.checked_sub(ODD_DATE),
        Col::Id => code.checked_sub(IS_UUID).filter(|code| *code > 0),
        Col::Cpu | Col::Memory | Col::CpuLimit | Col::MemoryLimit => {
            let tag = code & ((1 << QUANTITY_TAG_BITS) - 1);
            (tag == ODD_QUANTITY).then_some(code >> QUANTITY_TAG_BITS)
        }
        _ => None,
    }
}

impl Interner {
    /// What a number of a column means.
    pub fn portable(&self, col: Col, code: u64) -> PortableValue<'_> {
        let (dictionary, code) = if has_words(col) {
            (self.of(col), code)
        } else if let Some(odd) = odd_code(col, code) {
            (self.odd(), odd)
        } else if col == Col::Flags {
            return PortableValue::Number(code & OF_POD);
        } else {
            return PortableValue::Number(code);
        };
        match dictionary.get(code) {
            Field::Value(text) => PortableValue::Word(text),
            Field::Absent => PortableValue::Number(ABSENT),
            Field::Unreadable => PortableValue::Number(UNREADABLE),
        }
    }
}

impl Dictionaries {
    /// The number of a value in a column.
    pub fn code_of(&mut self, col: Col, value: PortableValue<'_>) -> u64 {
        match value {
            PortableValue::Number(number) if col == Col::Flags => number & OF_POD,
            PortableValue::Number(number) => {
                let is_known = if has_words(col) {
                    number < FIRST
                } else {
                    odd_code(col, number).is_none()
                };
                if is_known { number } else { UNREADABLE }
            }
            PortableValue::Word(word) if has_words(col) => self.0[dictionary_of(col)].code(word),
            PortableValue::Word(word) => match col {
                Col::PodIp => ODD_IP + self.odd(word),
                Col::Created => ODD_DATE + self.odd(word),
                Col::Id => IS_UUID + self.odd(word),
                Col::Cpu | Col::Memory | Col::CpuLimit | Col::MemoryLimit => {
                    self.odd(word) << QUANTITY_TAG_BITS | ODD_QUANTITY
                }
                _ => UNREADABLE,
            },
        }
    }
}
