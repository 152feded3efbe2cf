//! One field, read leniently: whatever JSON value stands there is consumed, and becomes a value, absent, or
//! unreadable.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, RemoteText};

/// In a visitor: every JSON value that is neither a list nor an object is `$value`.
macro_rules! anything_else_is {
    ($value:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

/// In a visitor: every object is consumed and is `$value`.
macro_rules! any_object_is {
    ($value:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
}

/// In a visitor: every list is consumed and is `$value`.
macro_rules! any_list_is {
    ($value:expr) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
}

pub(super) use {any_list_is, any_object_is, anything_else_is};

/// A scalar as JSON has them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scalar<'a> {
    Text(&'a str),
    Integer(i64),
    /// A number that is no `i64`.
    Number(f64),
}

/// What a field can be made of.
pub(super) trait FromScalar: Sized {
    /// Reads a scalar; `None` if this field cannot be that.
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self>;
}

/// A [`Field`] as it is read.
pub(super) struct Lenient<T>(pub(super) Field<T>);

impl<'de, T: FromScalar> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor<T>(std::marker::PhantomData<T>);

        impl<'de, T: FromScalar> Visitor<'de> for ScalarVisitor<T> {
            type Value = Lenient<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Lenient<T>, E> {
                Ok(Lenient(Field::Absent))
            }

            fn visit_str<E>(self, text: &str) -> Result<Lenient<T>, E> {
                Ok(if text.is_empty() {
                    Lenient(Field::Absent)
                } else {
                    read(Scalar::Text(text))
                })
            }

            fn visit_i64<E>(self, number: i64) -> Result<Lenient<T>, E> {
                Ok(read(Scalar::Integer(number)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Lenient<T>, E> {
                Ok(i64::try_from(number).map_or(Lenient(Field::Unreadable), |it| read(Scalar::Integer(it))))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Lenient<T>, E> {
                Ok(read(Scalar::Number(number)))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Lenient<T>, E> {
                Ok(Lenient(Field::Unreadable))
            }

            any_list_is!(Lenient(Field::Unreadable));
            any_object_is!(Lenient(Field::Unreadable));
        }

        deserializer.deserialize_any(ScalarVisitor(std::marker::PhantomData))
    }
}

fn read<T: FromScalar>(scalar: Scalar<'_>) -> Lenient<T> {
    Lenient(T::from_scalar(scalar).map_or(Field::Unreadable, Field::Value))
}

impl FromScalar for i64 {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        /// Up to here every whole `f64` is an exact integer.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match scalar {
            Scalar::Integer(number) => Some(number),
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
            Scalar::Number(number) if number.fract() == 0.0 && number.abs() <= EXACT => Some(number as Self),
            Scalar::Number(_) | Scalar::Text(_) => None,
        }
    }
}

impl FromScalar for RemoteText {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(Self::name(text)),
            Scalar::Integer(_) | Scalar::Number(_) => None,
        }
    }
}

macro_rules! word_from_scalar {
    ($($word:ty),+) => {
        $(impl FromScalar for $word {
            fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
                match scalar {
                    Scalar::Text(text) => Some(Self::read(text)),
                    Scalar::Integer(_) | Scalar::Number(_) => None,
                }
            }
        })+
    };
}

word_from_scalar!(Status, Protection, Detection);

/// CPU: a quantity whose amount is in nanocores.
pub(super) struct Cpu(pub(super) Quantity);
/// Memory: a quantity whose amount is in bytes.
pub(super) struct Memory(pub(super) Quantity);

impl FromScalar for Cpu {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        Some(Self(quantity(scalar, Measure::Cpu)))
    }
}

impl FromScalar for Memory {
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        Some(Self(quantity(scalar, Measure::Memory)))
    }
}

fn quantity(scalar: Scalar<'_>, measure: Measure) -> Quantity {
    match scalar {
        Scalar::Text(text) => Quantity::read(text, measure),
        Scalar::Integer(number) => Quantity::read(&number.to_string(), measure),
        Scalar::Number(number) => Quantity::read(&number.to_string(), measure),
    }
}

/// The name of a field, borrowed from the answer where it has no escapes.
pub(super) struct Key<'de>(Cow<'de, str>);

impl Key<'_> {
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}
