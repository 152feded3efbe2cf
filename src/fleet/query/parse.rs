//! Parses a text into a query.
//!
//! Owns the grammar that the [module's page](super) describes. Must not: accept what it does not understand.
//! An invalid filter is an error, never a filter that every pod passes.

use super::ast::{Cmp, Query, Term, Test};
use super::change_query::ChangeColumn;
use super::error::{ParseError, ParseErrorKind as Kind};
use super::habits;
use super::lex::{Cursor, Operator};
use super::pattern::{Expression, NONE, Pattern, Phrase};
use crate::fleet::fields::names::{named, nearest};
use crate::fleet::fields::{FieldKind, PodField, PodNumber, PodText};

/// The most terms in a filter, counting each value of a list: this limits the cost of a filter.
pub const MAX_TERMS: usize = 64;

/// Whether a pattern can match a value of a column.
type IsValue<'a> = &'a dyn Fn(PodText, &Pattern) -> bool;

/// Parses a complete filter; `is_value` knows the values of columns.
pub(super) fn query(text: &str, is_value: IsValue<'_>) -> Result<Query, ParseError> {
    let mut cursor = Cursor::new(text);
    let mut terms = Vec::new();
    loop {
        cursor.skip_spaces();
        if cursor.peek().is_none() {
            return Ok(terms.into_iter().collect());
        }
        let start = cursor.at();
        term(&mut cursor, &mut terms, is_value)?;
        if terms.len() > MAX_TERMS {
            return Err(cursor.error(start, Kind::TooManyTerms));
        }
        if !cursor.at_space() {
            let end = cursor.at();
            let kind = if cursor.peek() == Some('"') {
                Kind::QuoteWithin
            } else {
                Kind::MissingSpace
            };
            cursor.bump();
            return Err(cursor.error(end, kind));
        }
    }
}

/// Parses the text between two spaces: one term, or several on one column.
fn term(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>, is_value: IsValue<'_>) -> Result<(), ParseError> {
    let start = cursor.at();
    let excluded = cursor.eat("!");
    if excluded && (cursor.at_space() || cursor.peek() == Some('!')) {
        return Err(cursor.error(start, Kind::MissingTerm));
    }
    if let Some(pattern) = delimited(cursor)? {
        let test = Test::Any(pattern);
        terms.push(Term { excluded, test });
        return Ok(());
    }
    let start = cursor.at();
    let name = cursor.head();
    let behind = cursor.clone();
    let Some(operator) = cursor.operator() else {
        if let Some(test) = bare(cursor, start, name, !terms.is_empty())? {
            terms.push(Term { excluded, test });
        }
        return Ok(());
    };
    if name.is_empty() {
        return Err(cursor.error(start, Kind::MissingColumn));
    }
    let unknown = || {
        if let (Some(column), Operator::Colon) = (ChangeColumn::named(name), operator) {
            return behind.error(start, Kind::OfChanges(column));
        }
        let kind = match (nearest(name), operator) {
            _ if name.contains('|') => Kind::JoinedByOr,
            (Some(nearest), _) => Kind::UnknownColumn(nearest),
            (None, Operator::Colon) => Kind::NoTextColumn,
            (None, Operator::Compare(_)) => Kind::NoNumberColumn,
        };
        behind.error(start, kind)
    };
    match (named(name).ok_or_else(unknown)?.kind(), operator) {
        (FieldKind::Text(column), Operator::Colon) => items(cursor, column, excluded, terms, is_value),
        (FieldKind::Text(column), Operator::Compare(Cmp::Equal)) => {
            cursor.eat("=");
            items(cursor, column, excluded, terms, is_value)
        }
        (FieldKind::Text(column), Operator::Compare(Cmp::NotEqual)) => {
            items(cursor, column, !excluded, terms, is_value)
        }
        (FieldKind::Number(column), Operator::Compare(cmp)) => {
            let test = number(cursor, column, cmp)?;
            terms.push(Term { excluded, test });
            Ok(())
        }
        (FieldKind::Text(column), Operator::Compare(_)) => Err(cursor.error(start, Kind::WantsColon(column))),
        (FieldKind::Number(column), Operator::Colon) => {
            Err(cursor.error(start, Kind::WantsComparison(column)))
        }
    }
}

/// The meaning of a word without a column; `None` if there is no word.
fn bare(
    cursor: &Cursor<'_>,
    start: usize,
    name: &str,
    is_behind_a_term: bool,
) -> Result<Option<Test>, ParseError> {
    // `cpu%` never means a text: its comparison is not typed yet.
    if let Some(FieldKind::Number(column)) = named(name).map(PodField::kind).filter(|_| name.ends_with('%')) {
        return Err(cursor.error(start, Kind::WantsComparison(column)));
    }
    let mut rest = cursor.clone();
    rest.skip_spaces();
    let is_before_a_term = cursor.at_space() && rest.peek().is_some();
    if let Some(kind) = habits::joining(name, is_behind_a_term, is_before_a_term) {
        return Err(cursor.error(start, kind));
    }
    if let Some(kind) = habits::mistaken(name) {
        return Err(cursor.error(start, kind));
    }
    if name.contains('|') {
        let pattern = habits::alternatives(name).ok_or_else(|| cursor.error(start, Kind::JoinedByOr))?;
        let pattern = pattern.map_err(|bad| cursor.error(start, Kind::BadRegex(bad.reason)))?;
        return Ok(Some(Test::Any(pattern)));
    }
    let pattern = (!name.is_empty()).then(|| Pattern::unquoted(name));
    Ok(pattern.map(Test::Any))
}

/// The values of a text column, one or several, as separate terms.
fn items(
    cursor: &mut Cursor<'_>,
    column: PodText,
    excluded: bool,
    terms: &mut Vec<Term>,
    is_value: IsValue<'_>,
) -> Result<(), ParseError> {
    loop {
        let start = cursor.at();
        let test = item(cursor, column)?;
        if let Test::Text(column, pattern) = &test
            && !is_value(*column, pattern)
        {
            return Err(cursor.error(start, Kind::UnknownValue(*column)));
        }
        terms.push(Term { excluded, test });
        if cursor.eat("|") {
            // `ns:a|ns:b` names the column again, which is not part of a value.
            let mut ahead = cursor.clone();
            let start = ahead.at();
            if named(ahead.head()).is_some() && ahead.clone().operator().is_some() {
                return Err(ahead.error(start, Kind::JoinedByOr));
            }
        } else if !cursor.eat(",") {
            return Ok(());
        }
    }
}

/// Parses a pattern with delimiters: a quoted text or an expression.
fn delimited(cursor: &mut Cursor<'_>) -> Result<Option<Pattern>, ParseError> {
    let start = cursor.at();
    let pattern = match cursor.peek() {
        Some('"') => {
            let text = cursor.quoted()?;
            (!text.is_empty()).then(|| Pattern::Phrase(Phrase::new(&text)))
        }
        Some('/') => {
            let source = cursor.regex()?;
            let first = start + 1;
            let expression = Expression::compile(source).map_err(|bad| ParseError {
                range: first + bad.range.start..first + bad.range.end,
                kind: Kind::BadRegex(bad.reason),
            })?;
            (!source.is_empty()).then_some(Pattern::Regex(expression))
        }
        _ => return Ok(None),
    };
    match pattern {
        Some(pattern) => Ok(Some(pattern)),
        None => Err(cursor.error(start, Kind::EmptyPattern)),
    }
}

/// Parses one value of a text column.
fn item(cursor: &mut Cursor<'_>, column: PodText) -> Result<Test, ParseError> {
    if let Some(pattern) = delimited(cursor)? {
        return Ok(Test::Text(column, pattern));
    }
    let start = cursor.at();
    let word = cursor.item_word();
    if word.is_empty() {
        Err(cursor.error(start, Kind::MissingValue(FieldKind::Text(column))))
    } else if word.eq_ignore_ascii_case(NONE) {
        Ok(Test::Absent(FieldKind::Text(column)))
    } else {
        Ok(Test::Text(column, Pattern::unquoted(word)))
    }
}

/// Parses the value of a number column.
fn number(cursor: &mut Cursor<'_>, column: PodNumber, cmp: Cmp) -> Result<Test, ParseError> {
    let start = cursor.at();
    let quoted = cursor.peek() == Some('"');
    let text = if quoted {
        cursor.quoted()?
    } else {
        cursor.take_until(|c| c.is_whitespace() || c == '"').to_owned()
    };
    if text.is_empty() {
        return Err(cursor.error(start, Kind::MissingValue(FieldKind::Number(column))));
    }
    if !quoted && text.eq_ignore_ascii_case(NONE) {
        return match cmp {
            Cmp::Equal => Ok(Test::Absent(FieldKind::Number(column))),
            _ => Err(cursor.error(start, Kind::NoneWantsEqual(column))),
        };
    }
    if !quoted && habits::lacks_unit(column, &text) {
        return Err(cursor.error(start, Kind::LacksUnit(column)));
    }
    match column.unit().read(&text) {
        Some(amount) => Ok(Test::Number(column, cmp, amount)),
        None => match habits::share(column, &text) {
            Some((share, amount)) => Ok(Test::Number(share, cmp, amount)),
            None => Err(cursor.error(start, Kind::BadNumber(column))),
        },
    }
}

#[cfg(test)]
mod tests;
