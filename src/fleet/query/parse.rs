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
    let mut terms: Vec<Term> = Vec::new();
    // The first `or`, whether a space is an AND too, and the last `or` while no term follows it.
    let (mut or, mut has_and, mut open_or) = (None, false, None);
    loop {
        cursor.skip_spaces();
        if cursor.peek().is_none() {
            break;
        }
        let start = cursor.at();
        if !terms.is_empty() && open_or.is_none() && habits::eat_or(&mut cursor) {
            open_or = Some(cursor.since(start));
            continue;
        }
        has_and |= open_or.is_none() && !terms.is_empty();
        or = or.or(open_or.take());
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
    if let Some(range) = open_or {
        let kind = Kind::MissingChoice;
        return Err(ParseError { range, kind });
    }
    if let Some(range) = or {
        let kind = if has_and {
            Kind::OrAmongAnd
        } else {
            Kind::ExcludedChoice
        };
        if has_and || terms.iter().any(|term| term.excluded) {
            return Err(ParseError { range, kind });
        }
        join(&mut terms);
    }
    Ok(terms.into_iter().collect())
}

/// Makes each of these terms another choice beside the first one. Terms on one column are that without being joined.
pub(super) fn join(terms: &mut [Term]) {
    // A word behind `ns:a|` would be another namespace.
    terms.sort_by_key(|term| term.test.column().is_some());
    let column = terms.first().and_then(|term| term.test.column_of_choices());
    let is_of_it = |term: &Term| term.test.column_of_choices() == column;
    let is_one_column = column.is_some() && terms.iter().all(is_of_it);
    for (at, term) in terms.iter_mut().enumerate() {
        term.joined = at > 0 && !is_one_column;
    }
}

/// Parses the text between two spaces: one term, or several on one column, or several that `|` joins.
fn term(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>, is_value: IsValue<'_>) -> Result<(), ParseError> {
    let start = cursor.at();
    let excluded = cursor.eat("!");
    if excluded && (cursor.at_space() || cursor.peek() == Some('!')) {
        return Err(cursor.error(start, Kind::MissingTerm));
    }
    let mut tests = Vec::new();
    let (mut is_joined, mut is_other) = (false, false);
    loop {
        is_other |= choice(cursor, &mut tests, is_value, !terms.is_empty())?;
        let start = cursor.at();
        if !cursor.eat("|") {
            break;
        }
        is_joined = true;
        let kind = match cursor.peek() {
            None => Kind::MissingChoice,
            Some('!') => Kind::ExcludedChoice,
            Some('|') => Kind::JoinedByOr,
            Some(space) if space.is_whitespace() => Kind::JoinedByOr,
            Some(_) => continue,
        };
        return Err(cursor.error(start, kind));
    }
    if is_other && is_joined {
        return Err(cursor.error(start, Kind::ExcludedChoice));
    }
    let excluded = excluded != is_other;
    let of = |test| Term {
        excluded,
        joined: false,
        test,
    };
    let mut choices: Vec<Term> = tests.into_iter().map(of).collect();
    // To exclude one or the other is to exclude both, each by a term of its own.
    if !excluded {
        join(&mut choices);
    }
    terms.append(&mut choices);
    Ok(())
}

/// Parses one of the terms that `|` joins. Returns whether `!=` excludes it.
fn choice(
    cursor: &mut Cursor<'_>,
    tests: &mut Vec<Test>,
    is_value: IsValue<'_>,
    is_behind_a_term: bool,
) -> Result<bool, ParseError> {
    let is_behind_a_column = tests.iter().any(|test| test.column().is_some());
    let start = cursor.at();
    if let Some(pattern) = delimited(cursor)? {
        if is_behind_a_column {
            return Err(cursor.error(start, Kind::WantsColumn));
        }
        tests.push(Test::Any(pattern));
        return Ok(false);
    }
    let start = cursor.at();
    let mut ahead = cursor.clone();
    let name = ahead.head();
    let behind = ahead.clone();
    // In `pay|cpu>90%` the column begins behind the sign.
    let (word, is_cut) = name
        .split_once('|')
        .map_or((name, false), |(word, _)| (word, true));
    let operator = ahead.operator().filter(|_| !is_cut);
    let Some(operator) = operator else {
        if is_cut && word.is_empty() {
            return Err(behind.error(start, Kind::JoinedByOr));
        }
        if is_behind_a_column {
            return Err(behind.error(start, Kind::WantsColumn));
        }
        cursor.eat(word);
        tests.extend(bare(cursor, start, word, is_behind_a_term)?.map(Test::Any));
        return Ok(false);
    };
    *cursor = ahead;
    if name.is_empty() {
        return Err(cursor.error(start, Kind::MissingColumn));
    }
    let unknown = || {
        if let (Some(column), Operator::Colon) = (ChangeColumn::named(name), operator) {
            return behind.error(start, Kind::OfChanges(column));
        }
        let kind = match (nearest(name), operator) {
            (Some(nearest), _) => Kind::UnknownColumn(nearest),
            (None, Operator::Colon) => Kind::NoTextColumn,
            (None, Operator::Compare(_)) => Kind::NoNumberColumn,
        };
        behind.error(start, kind)
    };
    match (named(name).ok_or_else(unknown)?.kind(), operator) {
        (FieldKind::Text(column), Operator::Colon) => items(cursor, column, false, tests, is_value)?,
        (FieldKind::Text(column), Operator::Compare(Cmp::Equal)) => {
            cursor.eat("=");
            items(cursor, column, true, tests, is_value)?;
        }
        (FieldKind::Text(column), Operator::Compare(Cmp::NotEqual)) => {
            items(cursor, column, true, tests, is_value)?;
            return Ok(true);
        }
        (FieldKind::Number(column), Operator::Compare(cmp)) => tests.push(number(cursor, column, cmp)?),
        (FieldKind::Text(column), Operator::Compare(_)) => {
            return Err(cursor.error(start, Kind::WantsColon(column)));
        }
        (FieldKind::Number(column), Operator::Colon) => {
            return Err(cursor.error(start, Kind::WantsComparison(column)));
        }
    }
    Ok(false)
}

/// The meaning of a word without a column; `None` if there is no word.
fn bare(
    cursor: &Cursor<'_>,
    start: usize,
    word: &str,
    is_behind_a_term: bool,
) -> Result<Option<Pattern>, ParseError> {
    // `cpu%` never means a text: its comparison is not typed yet.
    if let Some(FieldKind::Number(column)) = named(word).map(PodField::kind).filter(|_| word.ends_with('%')) {
        return Err(cursor.error(start, Kind::WantsComparison(column)));
    }
    let mut rest = cursor.clone();
    rest.skip_spaces();
    let is_before_a_term = cursor.at_space() && rest.peek().is_some();
    if let Some(kind) = habits::joining(word, is_behind_a_term, is_before_a_term) {
        let next = rest.head();
        if kind == Kind::ExcludedByNot && next.eq_ignore_ascii_case("scanned") {
            return Err(rest.error(start, Kind::NotScanned));
        }
        return Err(cursor.error(start, kind));
    }
    if let Some(kind) = habits::mistaken(word) {
        return Err(cursor.error(start, kind));
    }
    Ok((!word.is_empty()).then(|| Pattern::unquoted(word)))
}

/// The values of a text column, one or several, as separate tests; with `is_whole` each is the complete text.
fn items(
    cursor: &mut Cursor<'_>,
    column: PodText,
    is_whole: bool,
    tests: &mut Vec<Test>,
    is_value: IsValue<'_>,
) -> Result<(), ParseError> {
    loop {
        let start = cursor.at();
        let test = match item(cursor, column)? {
            Test::Text(column, pattern) if is_whole => Test::Text(column, pattern.whole()),
            test => test,
        };
        if let Test::Text(column, pattern) = &test
            && !is_value(*column, pattern)
        {
            return Err(cursor.error(start, Kind::UnknownValue(*column)));
        }
        tests.push(test);
        // `ns:a|mem>90%` names a column, which is not part of a value.
        let mut ahead = cursor.clone();
        let is_column = ahead.eat("|") && named(ahead.head()).is_some() && ahead.operator().is_some();
        if is_column || !(cursor.eat(",") || cursor.eat("|")) {
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
        cursor
            .take_until(|c| c.is_whitespace() || matches!(c, '"' | '|'))
            .to_owned()
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
        return Err(cursor.error(start, Kind::LacksUnit(column, cmp)));
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
