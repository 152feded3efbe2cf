//! Why a text is not a valid filter.
//!
//! Owns the kinds of errors and one short sentence for each, which is shown in a line under the prompt. A
//! sentence never repeats what was typed: the range shows it. Must not: know where it is drawn.

use std::fmt;
use std::ops::Range;

use super::ast::Cmp;
use super::change_query::ChangeColumn;
use super::parse::MAX_TERMS;
use crate::fleet::fields::{FieldKind, IN_TABLE, PodField, PodNumber, PodText, Wording};
use crate::fleet::words::ListedWord;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The position in the text, in bytes at character boundaries. Empty if something is missing.
    pub range: Range<usize>,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

/// What can be wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// No column has this name; this similar one exists.
    UnknownColumn(PodField),
    /// No column has this or a similar name; the operator is that of a text column.
    NoTextColumn,
    /// No column has this or a similar name; the operator is that of a number column.
    NoNumberColumn,
    /// There is no name before an operator.
    MissingColumn,
    /// There is nothing after `!`.
    MissingTerm,
    /// There is nothing after the column, or after a comma.
    MissingValue(FieldKind),
    /// Two quotes or two slashes with nothing between them, which would match everything.
    EmptyPattern,
    /// A text column needs `:`.
    WantsColon(PodText),
    /// A number column needs a comparison.
    WantsComparison(PodNumber),
    /// Not a valid number for this column.
    BadNumber(PodNumber),
    /// A number without a unit that reads otherwise than it is meant, in this comparison.
    LacksUnit(PodNumber, Cmp),
    /// `none` needs `=`.
    NoneWantsEqual(PodNumber),
    /// The value is not a documented word of this column, and no pod has it.
    UnknownValue(PodText),
    /// No change can have this value in this column of changes, or the value is missing.
    UnknownChange(ChangeColumn),
    /// No change of the kind that is looked for has this value; its values are these.
    UnknownSide(ChangeColumn, &'static [ListedWord]),
    /// A column of the changes in the filter of the pods.
    OfChanges(ChangeColumn),
    /// `or` or `|` in a place where it joins nothing.
    JoinedByOr,
    /// Nothing is behind `or` or `|` yet.
    MissingChoice,
    /// Behind a column and `|` is something else than the test of a column.
    WantsColumn,
    /// `or` in a filter with other terms: which ones it joins is not clear.
    OrAmongAnd,
    /// `or` or `|` beside a term that excludes.
    ExcludedChoice,
    /// `and` or `&` between terms.
    JoinedByAnd,
    /// `not` before a term.
    ExcludedByNot,
    /// `not scanned`, as the screen has it.
    NotScanned,
    /// A flag of kubectl, such as `-n`.
    Flag,
    /// An expression without slashes around it.
    WantsSlashes,
    /// A quote is not closed.
    UnclosedQuote,
    /// A quote within a word.
    QuoteWithin,
    /// Within quotes, a `\` that escapes neither `"` nor `\`.
    BadEscape,
    /// An expression is not closed.
    UnclosedRegex,
    /// An expression is wrong, for this reason.
    BadRegex(String),
    /// Something stands directly after a closing quote or slash.
    MissingSpace,
    /// More than [`MAX_TERMS`].
    TooManyTerms,
}

impl ParseError {
    /// The same sentence for a command line, which has no list of columns behind Tab.
    pub fn at_shell(&self) -> String {
        self.to_string()
            .replace("Tab lists all", "hss-top fields lists all")
    }

    /// The similar column, if the name of a column is wrong.
    pub fn nearest(&self) -> Option<&'static str> {
        match self.kind {
            ParseErrorKind::UnknownColumn(nearest) => Some(nearest.name()),
            _ => None,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ParseErrorKind::UnknownColumn(column) => {
                write!(f, "no such column; did you mean {column}?")
            }
            ParseErrorKind::NoTextColumn => no_column_among(f, |kind| matches!(kind, FieldKind::Text(_))),
            ParseErrorKind::NoNumberColumn => no_column_among(f, |kind| matches!(kind, FieldKind::Number(_))),
            ParseErrorKind::MissingColumn => f.write_str("a column name is missing before this"),
            ParseErrorKind::MissingTerm => f.write_str("one ! must be followed by what to exclude"),
            ParseErrorKind::MissingValue(FieldKind::Text(column)) => {
                write!(f, "a value is missing after {column}:")
            }
            ParseErrorKind::MissingValue(FieldKind::Number(column)) => {
                write!(f, "expected {}", column.unit().expected())
            }
            ParseErrorKind::EmptyPattern => {
                f.write_str("this is empty; use column:none to find absent values")
            }
            ParseErrorKind::WantsColon(column) => {
                write!(f, "{column} needs a colon: {column}:value")
            }
            ParseErrorKind::WantsComparison(column) => {
                write!(f, "{column} is a number: compare it with = != < <= > or >=")
            }
            ParseErrorKind::BadNumber(column) => write!(f, "expected {}", column.unit().expected()),
            ParseErrorKind::LacksUnit(column, cmp) => match column {
                PodNumber::Cpu => write!(f, "percent or cores? cpu{cmp}90% or cpu{cmp}90.0"),
                PodNumber::Memory => write!(f, "a unit is missing: mem{cmp}90% or mem{cmp}90Mi"),
                _ => write!(f, "a unit is missing: {column}{cmp}90Mi"),
            },
            ParseErrorKind::NoneWantsEqual(column) => {
                write!(f, "none needs =: {column}=none, or !{column}=none")
            }
            ParseErrorKind::UnknownValue(column) => {
                let words: Vec<&str> = match column.wording() {
                    Wording::Closed(words) => words.iter().map(|word| word.typed).collect(),
                    Wording::Names(_) => Vec::new(),
                };
                write!(f, "{column} can only be {}, or none", words.join(", "))
            }
            ParseErrorKind::UnknownChange(column) => {
                let values = column.values().join(", ");
                let or_else = match column {
                    ChangeColumn::Changed => "a time such as 1h",
                    ChangeColumn::From | ChangeColumn::To => "an amount",
                };
                write!(f, "{}: takes {values}, or {or_else}", column.name())
            }
            ParseErrorKind::UnknownSide(column, words) => {
                let words: Vec<&str> = words.iter().map(|word| word.typed).collect();
                write!(f, "{}: can only be {} here", column.name(), words.join(", "))
            }
            ParseErrorKind::OfChanges(column) => write!(
                f,
                "{}: is a column of the changes, which 3 shows; or quote the text",
                column.name()
            ),
            ParseErrorKind::JoinedByOr => {
                f.write_str("OR is | without spaces: pay|api, cpu>90%|mem>90%; or quote this text")
            }
            ParseErrorKind::MissingChoice => {
                f.write_str("another term is missing after OR; to look for this text, quote it")
            }
            ParseErrorKind::WantsColumn => f.write_str("a column is missing, as in cpu>90%|mem>90%"),
            ParseErrorKind::OrAmongAnd => {
                f.write_str("AND and OR: put | without spaces, ns:a cpu>90%|mem>90%")
            }
            ParseErrorKind::ExcludedChoice => {
                f.write_str("OR cannot join what ! excludes; !a|b excludes both, !a !b too")
            }
            ParseErrorKind::JoinedByAnd => {
                f.write_str("a space is AND: leave this out; to look for this text, quote it")
            }
            ParseErrorKind::ExcludedByNot => {
                f.write_str("NOT is ! before a term: !ns:a; to look for this text, quote it")
            }
            ParseErrorKind::NotScanned => {
                f.write_str("detect:not-scanned finds these pods; or quote the text: \"not scanned\"")
            }
            ParseErrorKind::Flag => f.write_str(
                "this is a flag of kubectl: use ns:NAME for a namespace; to look for this text, quote it",
            ),
            ParseErrorKind::WantsSlashes => {
                f.write_str("put a regular expression between slashes; to look for this text, quote it")
            }
            ParseErrorKind::UnclosedQuote => f.write_str("this quote is not closed"),
            ParseErrorKind::QuoteWithin => f.write_str("quotes must enclose the complete text"),
            ParseErrorKind::BadEscape => f.write_str("in quotes, \\ is only allowed before \" or \\"),
            ParseErrorKind::UnclosedRegex => f.write_str("this expression is not closed by /"),
            ParseErrorKind::BadRegex(reason) => write!(f, "regular expression: {reason}"),
            ParseErrorKind::MissingSpace => f.write_str("a space is missing before this"),
            ParseErrorKind::TooManyTerms => write!(f, "more than {MAX_TERMS} terms"),
        }
    }
}

/// How many columns are named, because the sentence has one line.
const MOST_NAMED: usize = 7;

/// Names the best known columns of this kind, and suggests quotes in case a text was meant.
fn no_column_among(f: &mut fmt::Formatter<'_>, is_of_kind: fn(FieldKind) -> bool) -> fmt::Result {
    let known = IN_TABLE.iter().filter(|field| is_of_kind(field.kind()));
    let known: Vec<&str> = known.map(|field| field.name()).take(MOST_NAMED).collect();
    write!(
        f,
        "no such column ({}, Tab lists all); or quote the text",
        known.join(" ")
    )
}

impl std::error::Error for ParseError {}
