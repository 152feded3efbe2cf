//! One field, read leniently: any JSON value is consumed, and becomes a value, absent, or unreadable.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use serde_json::Value;

use crate::fleet::Field;
use crate::fleet::raw::{Filler, RawPod, TextField};

/// In a visitor: every JSON value that is neither a list nor an object is `$value`.
macro_rules! anything_else_is {
    ($value:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
        $crate::hss::wire::field::any_other_scalar_is!($value);
    };
}

/// In a visitor: every JSON value that is neither a list nor an object nor null is `$value`.
macro_rules! any_other_scalar_is {
    ($value:expr) => {
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

pub(super) use {any_list_is, any_object_is, any_other_scalar_is, anything_else_is};

/// An integer, read leniently: also from a string, like the official SDK.
#[derive(Default)]
pub(super) struct Lenient {
    pub(super) number: Field<i64>,
    /// The text of an unreadable value.
    pub(super) raw: Option<String>,
}

impl Lenient {
    fn of(number: i64) -> Self {
        Self {
            number: Field::Value(number),
            raw: None,
        }
    }

    fn unreadable(raw: impl Into<String>) -> Self {
        Self {
            number: Field::Unreadable,
            raw: Some(raw.into()),
        }
    }
}

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = Lenient;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Lenient, E> {
                Ok(Lenient::default())
            }

            fn visit_str<E>(self, text: &str) -> Result<Lenient, E> {
                let text = text.trim();
                Ok(match text.parse() {
                    Ok(number) => Lenient::of(number),
                    Err(_) if text.is_empty() => Lenient::default(),
                    Err(_) => Lenient::unreadable(text),
                })
            }

            fn visit_i64<E>(self, number: i64) -> Result<Lenient, E> {
                Ok(Lenient::of(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Lenient, E> {
                let small = i64::try_from(number).map(Lenient::of);
                Ok(small.unwrap_or_else(|_| Lenient::unreadable(number.to_string())))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Lenient, E> {
                let whole = whole(number).map(Lenient::of);
                Ok(whole.unwrap_or_else(|| Lenient::unreadable(number.to_string())))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Lenient, E> {
                Ok(Lenient::unreadable(value.to_string()))
            }

            any_list_is!(Lenient::unreadable("[…]"));
            any_object_is!(Lenient::unreadable("{…}"));
        }

        deserializer.deserialize_any(NumberVisitor)
    }
}

/// The integer value of a number with a point or an exponent, if it is one.
fn whole(number: f64) -> Option<i64> {
    /// Up to this value every whole `f64` is an exact integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// A text field of an entry, which is set as soon as it is read. A number becomes its text, like in the
/// official SDK: an id or a quantity may arrive as one. A status may be anything (the API page says so for
/// serverless pods) and then becomes its JSON.
pub(super) struct Text<'f, 'a> {
    pub(super) filler: &'f mut Filler<'a>,
    pub(super) pod: &'f mut RawPod,
    pub(super) field: TextField,
}

impl Text<'_, '_> {
    fn set(self, text: Field<&str>) {
        self.filler.set(self.pod, self.field, text);
    }

    fn text(self, text: &str) {
        self.set(if text.is_empty() {
            Field::Absent
        } else {
            Field::Value(text)
        });
    }

    fn written(self, value: &dyn fmt::Display) {
        self.text(&value.to_string());
    }

    fn may_be_anything(&self) -> bool {
        self.field == TextField::Status
    }
}

impl<'de> DeserializeSeed<'de> for Text<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.set(Field::Absent);
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.text(text);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.text(text);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.written(&number);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.written(&number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.written(&number);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        if self.may_be_anything() {
            self.written(&value);
        } else {
            self.set(Field::Unreadable);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.may_be_anything() {
            let value = Value::deserialize(SeqAccessDeserializer::new(seq))?;
            self.written(&value);
            return Ok(());
        }
        self.set(Field::Unreadable);
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.may_be_anything() {
            let value = Value::deserialize(MapAccessDeserializer::new(map))?;
            self.written(&value);
            return Ok(());
        }
        self.set(Field::Unreadable);
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// The name of a field, borrowed from the answer if it has no escapes.
pub(super) struct FieldName<'de>(Cow<'de, str>);

impl FieldName<'_> {
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for FieldName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = FieldName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}
