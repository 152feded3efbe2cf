//! A parsed filter.
//!
//! Owns the structure of a query and how it is written. A query is a flat list of terms:
//! `status:Failed,Unknown` is two terms on one column, which has the same meaning. [`Query::clauses`] and
//! [`Query::exclusions`] return the same terms as logic, for evaluation. Must not: evaluate.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::complete::Values;
use super::error::ParseError;
use super::pattern::{NONE, Pattern};
use super::{habits, parse};
use crate::fleet::fields::{FieldKind, PodField, PodNumber, PodText};
use crate::fleet::pseudonym::NameKind;

/// A filter. Cheap to clone; equal to another with the same terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    terms: Arc<[Term]>,
}

/// A test, and whether the pods that pass it are shown or excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether `!` stands before it.
    pub excluded: bool,
    /// Whether `|` stands before it: it is another choice beside the term before. One that excludes is never another choice.
    pub joined: bool,
    /// The test.
    pub test: Test,
}

/// A test of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of the shown texts matches.
    Any(Pattern),
    /// A text of the column matches.
    Text(PodText, Pattern),
    /// The column's number is known and compares in this way with this number, which is in the column's
    /// [unit](PodNumber::unit).
    Number(PodNumber, Cmp, u64),
    /// The column has no value.
    Absent(FieldKind),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cmp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Query {
    /// Parses what the user typed.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::query(text, &|_, _| true)
    }

    /// The same, where the values that pods have are known: one that no pod can have, in a column of documented words, is an
    /// error.
    pub fn parse_among(text: &str, values: &impl Values) -> Result<Self, ParseError> {
        parse::query(text, &|column, pattern| habits::is_value(column, pattern, values))
    }

    /// Whether every pod passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether some term tests this field.
    pub fn asks_for(&self, field: PodField) -> bool {
        self.terms
            .iter()
            .any(|term| term.test.column() == Some(field.kind()))
    }

    /// The terms in the order in which they were typed.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The terms, each with those that `|` joins to it.
    pub fn groups(&self) -> impl Iterator<Item = &[Term]> {
        self.terms.chunk_by(|_, next| next.joined)
    }

    /// The tests that a pod must pass: at least one of each clause. The tests of a clause are joined by `|`, or are on one
    /// column; a test of any text has a clause of its own, and so has each bound of a number.
    pub fn clauses(&self) -> Vec<Vec<&Test>> {
        let mut joined: Vec<Vec<&Test>> = Vec::new();
        let mut clauses: Vec<Vec<&Test>> = Vec::new();
        for group in self.groups() {
            let [term] = group else {
                joined.push(group.iter().map(|term| &term.test).collect());
                continue;
            };
            if term.excluded {
                continue;
            }
            let same_column = |clause: &&mut Vec<&Test>| {
                let column = clause.first().and_then(|test| test.column_of_choices());
                column.is_some() && column == term.test.column_of_choices()
            };
            match clauses.iter_mut().find(same_column) {
                Some(clause) => clause.push(&term.test),
                None => clauses.push(vec![&term.test]),
            }
        }
        clauses.append(&mut joined);
        clauses
    }

    /// For each test that shows pods by a name, an address or an id: the test as it is typed, and the query for the pods that have
    /// exactly that text. `None` for a glob and an expression, which say no complete text. A test without a column is one too.
    pub fn typed_names(&self) -> impl Iterator<Item = (Self, Option<Self>)> {
        let alone = |test: Test| {
            Self::from_iter([Term {
                excluded: false,
                joined: false,
                test,
            }])
        };
        self.terms
            .iter()
            .filter(|term| !term.excluded)
            .filter_map(move |term| {
                let exact = match &term.test {
                    Test::Any(pattern) => pattern.clone().complete().map(Test::Any),
                    Test::Text(column, pattern) if NameKind::of(*column).is_some() => {
                        let complete = pattern.clone().complete();
                        complete.map(|pattern| Test::Text(*column, pattern))
                    }
                    Test::Text(..) | Test::Number(..) | Test::Absent(_) => return None,
                };
                Some((alone(term.test.clone()), exact.map(alone)))
            })
    }

    /// What is left without the choices that ask for a state, a number or a value that is absent: names, addresses and ids alone. A
    /// text without a column that is a word of the API is a state.
    #[must_use]
    pub fn of_names(&self) -> Self {
        let is_of_a_name = |test: &Test| match test {
            Test::Any(pattern) => !habits::is_word(pattern),
            Test::Text(column, _) => NameKind::of(*column).is_some(),
            Test::Number(..) | Test::Absent(_) => false,
        };
        let named = self
            .groups()
            .filter(|group| group.iter().all(|term| is_of_a_name(&term.test)));
        named.flatten().cloned().collect()
    }

    /// The tests that a pod must not pass.
    pub fn exclusions(&self) -> impl Iterator<Item = &Test> {
        self.terms
            .iter()
            .filter(|term| term.excluded)
            .map(|term| &term.test)
    }
}

impl FromIterator<Term> for Query {
    fn from_iter<I: IntoIterator<Item = Term>>(terms: I) -> Self {
        Self {
            terms: terms.into_iter().collect(),
        }
    }
}

impl Term {
    /// Whether this term can be written as another item in the list of the term `before`.
    fn continues(&self, before: &Self) -> bool {
        let column = self.test.column();
        matches!(column, Some(FieldKind::Text(_)))
            && !before.joined
            && column == before.test.column()
            && self.test.is_whole() == before.test.is_whole()
            && self.excluded == before.excluded
    }
}

impl Test {
    /// The column that is tested, if the test has one.
    pub fn column(&self) -> Option<FieldKind> {
        match self {
            Self::Any(_) => None,
            Self::Text(column, _) => Some(FieldKind::Text(*column)),
            Self::Number(column, ..) => Some(FieldKind::Number(*column)),
            Self::Absent(column) => Some(*column),
        }
    }

    /// The column, if several tests on it are choices.
    pub(super) fn column_of_choices(&self) -> Option<FieldKind> {
        self.column().filter(|_| !self.is_bound())
    }

    /// Whether it is a bound of a number: several bounds on one column are a range.
    fn is_bound(&self) -> bool {
        matches!(self, Self::Number(_, cmp, _) if *cmp != Cmp::Equal)
    }

    /// Whether the complete text must be the one that was typed.
    fn is_whole(&self) -> bool {
        matches!(self, Self::Text(_, Pattern::Whole(_)))
    }

    /// Writes the part before the value.
    fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(_) => Ok(()),
            Self::Text(column, Pattern::Whole(_)) => write!(f, "{column}{}", Cmp::Equal),
            Self::Text(column, _) => write!(f, "{column}:"),
            Self::Number(column, cmp, _) => write!(f, "{column}{cmp}"),
            Self::Absent(FieldKind::Text(column)) => write!(f, "{column}:"),
            Self::Absent(FieldKind::Number(column)) => write!(f, "{column}{}", Cmp::Equal),
        }
    }

    fn write_value(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(pattern) | Self::Text(_, pattern) => write!(f, "{pattern}"),
            Self::Number(column, _, amount) => {
                let text = column.unit().write(*amount);
                let quote = if habits::lacks_unit(*column, &text) {
                    "\""
                } else {
                    ""
                };
                write!(f, "{quote}{text}{quote}")
            }
            Self::Absent(_) => f.write_str(NONE),
        }
    }
}

impl Cmp {
    /// Every comparison; a longer sign comes before a shorter one that it begins with.
    pub const ALL: [Self; 6] = [
        Self::AtMost,
        Self::AtLeast,
        Self::NotEqual,
        Self::Equal,
        Self::Less,
        Self::Greater,
    ];

    /// The sign as it is typed.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether the comparison holds for a value that is `ordering` to the number.
    pub const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

impl fmt::Display for Cmp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

impl fmt::Display for Query {
    /// Writes a text that parses as the same query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<&Term> = None;
        for group in self.groups() {
            let is_alone = group.len() == 1;
            for term in group {
                if term.joined {
                    f.write_str("|")?;
                    term.test.write_head(f)?;
                } else if is_alone && before.is_some_and(|before| term.continues(before)) {
                    f.write_str(",")?;
                } else {
                    f.write_str(if before.is_some() { " " } else { "" })?;
                    f.write_str(if term.excluded { "!" } else { "" })?;
                    term.test.write_head(f)?;
                }
                term.test.write_value(f)?;
                before = Some(term);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub mod strategy;
#[cfg(test)]
mod tests;
