//! One field of an answer: absent, unreadable, or a value.
//!
//! Every field of the HSS answer is optional, and some come in a type that nobody announced. The three cases stay
//! apart all the way to the screen, where absent is `–` and unreadable is `?`. Must not: know what the fields are.

/// What an answer said of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Field<T> {
    /// Not in the answer, `null`, or an empty text.
    #[default]
    Absent,
    /// In the answer, but not as anything that this field can be.
    Unreadable,
    /// A value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// Whether the answer left the field out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The field of a part of its value.
    pub fn part<'a, U>(&'a self, of: impl FnOnce(&'a T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Unreadable => Field::Unreadable,
            Self::Value(value) => Field::Value(of(value)),
        }
    }

    /// This field, or `other` where this one is absent.
    pub fn or<'a>(&'a self, other: &'a Self) -> &'a Self {
        if self.is_absent() { other } else { self }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
