//! One field of a response: absent, unreadable, or a value.
//!
//! Every field of an HSS response is optional, and some have an undocumented type. The three cases stay
//! separate up to the screen, where absent is `–` and unreadable is `?`. Must not: know what the fields mean.

/// The content of one field of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Field<T> {
    /// Not in the response, `null`, or an empty text.
    #[default]
    Absent,
    /// In the response, but with a value that this field cannot have.
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

    /// Whether the response lacks the field.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Applies `of` to the value; absent and unreadable stay as they are.
    pub fn part<'a, U>(&'a self, of: impl FnOnce(&'a T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Unreadable => Field::Unreadable,
            Self::Value(value) => Field::Value(of(value)),
        }
    }

    /// This field, or `other` if this one is absent.
    pub fn or<'a>(&'a self, other: &'a Self) -> &'a Self {
        if self.is_absent() { other } else { self }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
