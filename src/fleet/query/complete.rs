//! Completions of a filter.
//!
//! Owns completion of column names, and of the values of a text column from those in the fleet. Must not:
//! fail on an incomplete filter. Texts are not sanitized: whoever draws them has to do that.

use std::collections::BTreeSet;
use std::ops::Range;

use super::ast::Cmp;
use super::lex::{Cursor, Operator};
use super::pattern::{NONE, fold, quoted_where_needed};
use crate::fleet::fields::names::{beginning_with, named};
use crate::fleet::fields::{FieldKind, PodField, PodText, Wording};
use crate::fleet::words::ListedWord;

/// The most completions that are offered at once.
pub const MAX_COMPLETIONS: usize = 100;

/// The values in the fleet.
pub trait Values {
    /// Calls `visit` with each value of `column`, in any order; a value may occur more than once.
    fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str));
}

/// A text that may replace a part of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that it replaces.
    pub range: Range<usize>,
    /// The text.
    pub text: String,
}

/// The completions at `cursor`, a byte offset in `text`: first those that begin with the typed part, then
/// those that contain it. Values that a list already has are not offered.
pub fn complete(text: &str, cursor: usize, values: &impl Values) -> Vec<Completion> {
    let cursor = text.floor_char_boundary(cursor);
    let Some(place) = CursorPlace::find(text, cursor) else {
        return Vec::new();
    };
    let typed = |range: &Range<usize>| text.get(range.start..cursor).unwrap_or_default();
    match place {
        CursorPlace::Name(range) => names(typed(&range), &range),
        CursorPlace::Value(column, range, others) => match meant(typed(&range)) {
            Some(prefix) => {
                let listed = others.into_iter().filter_map(|other| value_of(text.get(other)?));
                let values = Unlisted {
                    values,
                    listed: listed.collect(),
                };
                let mut present = present(column, &prefix, &values);
                if present.is_empty() {
                    present = listed_as(column, &prefix);
                }
                let present = present.into_iter();
                let completion = |value: String| Completion {
                    range: range.clone(),
                    text: quoted_where_needed(&value),
                };
                present.map(completion).collect()
            }
            None => Vec::new(),
        },
    }
}

/// The thing at the cursor, and its position.
enum CursorPlace {
    Name(Range<usize>),
    /// A value of a list, and the other values of that list.
    Value(PodText, Range<usize>, Vec<Range<usize>>),
}

/// The values in the fleet without those that a list already has, [folded](fold).
struct Unlisted<'a, V> {
    values: &'a V,
    listed: BTreeSet<String>,
}

impl<V: Values> Values for Unlisted<'_, V> {
    fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str)) {
        self.values.visit(column, &mut |value| {
            if self.listed.is_empty() || !self.listed.contains(&fold(value)) {
                visit(value);
            }
        });
    }
}

/// The [folded](fold) value that an item of a list stands for, if it stands for a single one.
fn value_of(item: &str) -> Option<String> {
    let is_pattern = !item.starts_with('"') && (item.contains(['*', '?']) || item.eq_ignore_ascii_case(NONE));
    meant(item).filter(|_| !is_pattern).map(|value| fold(&value))
}

impl CursorPlace {
    /// The place that contains `target`, if something can be offered there.
    fn find(text: &str, target: usize) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        loop {
            cursor.skip_spaces();
            if target < cursor.at() || cursor.peek().is_none() {
                return Some(Self::Name(target..target));
            }
            cursor.eat("!");
            let start = cursor.at();
            if matches!(cursor.peek(), Some('"' | '/')) {
                skip_value(&mut cursor);
            } else {
                let name = cursor.head();
                let mut range = cursor.since(start);
                let operator = cursor.operator();
                if target <= range.end {
                    // An existing colon is part of what is replaced.
                    if operator == Some(Operator::Colon) {
                        range.end = cursor.at();
                    }
                    return (start <= target).then_some(Self::Name(range));
                }
                let has_value = matches!(
                    operator,
                    Some(Operator::Colon | Operator::Compare(Cmp::Equal | Cmp::NotEqual))
                );
                cursor.eat("=");
                if let (Some(FieldKind::Text(column)), true) = (named(name).map(PodField::kind), has_value)
                    && let Some((range, others)) = value_at(&mut cursor, target)
                {
                    return Some(Self::Value(column, range, others));
                }
            }
            cursor.take_until(char::is_whitespace);
            if target <= cursor.at() {
                return None;
            }
        }
    }
}

/// The value that contains `target` in the list at `cursor`, and the other values of the list.
fn value_at(cursor: &mut Cursor<'_>, target: usize) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let mut items = Vec::new();
    loop {
        let start = cursor.at();
        skip_value(cursor);
        items.push(cursor.since(start));
        if !cursor.eat(",") {
            break;
        }
    }
    let is_in = |item: &Range<usize>| (item.start..=item.end).contains(&target);
    let at = items.iter().position(is_in)?;
    Some((items.remove(at), items))
}

/// Skips a value, complete or not.
fn skip_value(cursor: &mut Cursor<'_>) {
    let finished = match cursor.peek() {
        Some('"') => cursor.quoted().is_ok(),
        Some('/') => cursor.regex().is_ok(),
        _ => {
            cursor.word();
            true
        }
    };
    if !finished {
        cursor.take_until(|_| false);
    }
}

/// The text that an incomplete value stands for; `None` for an expression.
fn meant(typed: &str) -> Option<String> {
    let quoted = |text: &str| Cursor::new(text).quoted().ok();
    match typed.chars().next() {
        Some('/') => None,
        Some('"') => quoted(typed).or_else(|| quoted(&format!("{typed}\""))),
        _ => Some(typed.to_owned()),
    }
}

fn names(typed: &str, range: &Range<usize>) -> Vec<Completion> {
    let completion = |(field, name): (PodField, &str)| Completion {
        range: range.clone(),
        text: match field.kind() {
            FieldKind::Text(_) => format!("{name}:"),
            FieldKind::Number(_) => name.to_owned(),
        },
    };
    beginning_with(typed).into_iter().map(completion).collect()
}

/// The filter's words whose HSS words begin with the typed text.
fn listed_as(column: PodText, typed: &str) -> Vec<String> {
    let Wording::Closed(words) = column.wording() else {
        return Vec::new();
    };
    let typed = fold(typed);
    let is_meant = |word: &&ListedWord| !typed.is_empty() && word.raw.starts_with(&typed);
    let meant = words.iter().filter(is_meant);
    meant.map(|word| word.typed.to_owned()).collect()
}

/// The existing values of `column`: first those that begin with the typed text, then those that contain it.
pub fn present(column: PodText, typed: &str, values: &impl Values) -> Vec<String> {
    let typed = fold(typed);
    // `false` sorts first: values that begin with `typed`.
    let mut best: BTreeSet<(bool, String)> = BTreeSet::new();
    values.visit(column, &mut |value| {
        let folded = fold(value);
        if !value.is_empty() && folded.contains(&typed) {
            best.insert((!folded.starts_with(&typed), value.to_owned()));
            if best.len() > MAX_COMPLETIONS {
                best.pop_last();
            }
        }
    });
    best.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests;
