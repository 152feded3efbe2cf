//! The filter of the changes: the filter of pods with three more columns.
//!
//! ```text
//! changed:status        what changed: status protect detect cpu mem limit new gone
//! changed:1h            seen within this time
//! from:clean to:risk    the value before, the value after, as HSS, the screen or a filter writes it
//! ```
//!
//! Owns these columns. They combine like all others: a space is AND, several values are OR, `!` excludes.
//! Everything else filters the changed pod. Must not: accept what it does not understand.

use jiff::{SignedDuration, Timestamp};

use super::ast::Query;
use super::change_sides::{possible, side};
use super::change_word::ChangeWord;
use super::complete::Values;
use super::error::{ParseError, ParseErrorKind as Kind};
use super::eval::matches;
use super::habits;
use super::lex::{Cursor, Operator};
use super::number::Unit;
use super::parse::MAX_TERMS;
use super::pattern::{Matching, NONE, Pattern};
use crate::fleet::Pod;
use crate::fleet::changes::Change;
use crate::fleet::usage::Pressure;
use crate::fleet::words::{Detection, ListedWord, Protection, Status};

/// A column of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeColumn {
    /// What changed, or how long ago it was seen.
    Changed,
    /// The value before.
    From,
    /// The value after.
    To,
}

impl ChangeColumn {
    /// Every column.
    pub const ALL: [Self; 3] = [Self::Changed, Self::From, Self::To];

    /// Its typed name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::From => "from",
            Self::To => "to",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|column| column.name().eq_ignore_ascii_case(name))
    }

    /// The values that are offered and listed in errors.
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Self::Changed => CHANGED
                .iter()
                .filter_map(|(names, _)| names.first())
                .copied()
                .collect(),
            Self::From | Self::To => {
                let words = [Status::LISTED, Protection::LISTED, Detection::LISTED];
                let words = words.into_iter().flatten().map(|word| word.typed);
                words
                    .chain(Pressure::ALL.map(Pressure::word))
                    .chain([NEW, GONE, NONE])
                    .collect()
            }
        }
    }
}

/// The value after of a pod that appeared.
pub(super) const NEW: &str = "new";
/// The value after of a pod that vanished.
pub(super) const GONE: &str = "gone";

/// What can change: typed names, and the kinds' names in files.
const CHANGED: [(&[&str], &[&str]); 9] = [
    (&["status"], &["status"]),
    (&["protect", "protection", "protect_status"], &["protection"]),
    (&["detect", "detection", "scan", "detect_result"], &["detection"]),
    (&["cpu"], &["cpu"]),
    (&["mem", "memory"], &["memory"]),
    (&["limit", "limits"], &["cpu limit", "memory limit"]),
    (&["cpulimit", "memlimit"], &["cpu limit", "memory limit"]),
    (&[NEW, "appeared"], &["appeared"]),
    (&[GONE, "vanished"], &["vanished"]),
];

/// A test of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChangeTest {
    /// It is of one of these kinds.
    Kind(&'static [&'static str]),
    /// It was seen within this time.
    Within(SignedDuration),
    /// The value of this side matches.
    Side(ChangeColumn, Pattern),
    /// There is no value on this side.
    NoSide(ChangeColumn),
}

/// A filter of changes. Cheap enough to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Each with whether it excludes.
    tests: Vec<(bool, ChangeTest)>,
    /// Each is in the row of a change, or in a name of its pod.
    words: Vec<ChangeWord>,
    pods: Query,
}

impl ChangeQuery {
    /// Parses what was typed, where the values that pods have are known.
    ///
    /// # Errors
    /// The place and the kind of the error.
    pub fn parse_among(text: &str, values: &impl Values) -> Result<Self, ParseError> {
        Self::read(text, |pods| Query::parse_among(pods, values))
    }

    /// The same where the values that pods have are not known.
    ///
    /// # Errors
    /// Where it is wrong, and what could stand there.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::read(text, Query::parse)
    }

    fn read(text: &str, of_pods: impl FnOnce(&str) -> Result<Query, ParseError>) -> Result<Self, ParseError> {
        let mut rest = text.to_owned();
        let (mut tests, mut words, mut sides) = (Vec::new(), Vec::new(), Vec::new());
        let mut cursor = Cursor::new(text);
        let mut has_term = false;
        let mut or = None;
        loop {
            cursor.skip_spaces();
            if cursor.peek().is_none() {
                break;
            }
            let start = cursor.at();
            if has_term && habits::eat_or(&mut cursor) {
                or.get_or_insert(cursor.since(start));
                continue;
            }
            let mut ahead = cursor.clone();
            let excluded = ahead.eat("!");
            let column = ChangeColumn::named(ahead.head());
            match (column, ahead.operator()) {
                (Some(column), Some(Operator::Colon)) => {
                    items(&mut ahead, column, excluded, &mut tests)?;
                    cursor = ahead;
                    let range = cursor.since(start);
                    sides.resize(tests.len(), (column, range.clone()));
                    rest.replace_range(range.clone(), &" ".repeat(range.len()));
                }
                _ if !pod_term(&mut cursor, has_term)? => break,
                _ => {
                    let range = cursor.since(start);
                    if let Some(word) = text.get(range.clone()).and_then(ChangeWord::read) {
                        words.push(word);
                        rest.replace_range(range.clone(), &" ".repeat(range.len()));
                    }
                }
            }
            has_term = true;
            if tests.len() + words.len() > MAX_TERMS {
                return Err(cursor.error(start, Kind::TooManyTerms));
            }
        }
        possible(&tests, &sides)?;
        // Only what the filter of the pods has can be joined there.
        if let Some(range) = or.filter(|_| !tests.is_empty() || !words.is_empty()) {
            let kind = Kind::JoinedByOr;
            return Err(ParseError { range, kind });
        }
        let pods = of_pods(&rest)?;
        Ok(Self { tests, words, pods })
    }

    /// Whether every change passes.
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty() && self.words.is_empty() && self.pods.is_empty()
    }

    /// Whether it depends on the time, so that the result changes with it.
    pub fn asks_for_time(&self) -> bool {
        let is_time = |test: &ChangeTest| matches!(test, ChangeTest::Within(_));
        self.tests.iter().any(|(_, test)| is_time(test))
    }

    /// Whether it depends on the value before.
    pub fn asks_for_value_before(&self) -> bool {
        let is_from = |test: &ChangeTest| matches!(test, ChangeTest::Side(ChangeColumn::From, _));
        self.tests.iter().any(|(_, test)| is_from(test))
    }

    /// The bare words. [`Self::pods`] does not have them.
    pub fn words(&self) -> &[ChangeWord] {
        &self.words
    }

    /// The filter of the changed pods.
    pub fn pods(&self) -> &Query {
        &self.pods
    }

    /// Whether a change of `pod` passes.
    pub fn passes(&self, change: &Change, pod: &Pod, now: Timestamp) -> bool {
        let mut words = self.words.iter();
        self.admits(change, now)
            && words.all(|word| word.passes(change, pod, now))
            && matches(&self.pods, pod, now)
    }

    /// Whether a change passes as far as the filter asks for changes, whatever its pod is.
    pub fn admits(&self, change: &Change, now: Timestamp) -> bool {
        let holds = |test: &ChangeTest| test.holds(change, now);
        let excluded = self.tests.iter().any(|(excluded, test)| *excluded && holds(test));
        let wanted = |class: usize| {
            let mut of_class = self
                .tests
                .iter()
                .filter(|(excluded, test)| !excluded && test.class() == class);
            of_class.clone().next().is_none() || of_class.any(|(_, test)| holds(test))
        };
        !excluded && (0..ChangeTest::CLASSES).all(wanted)
    }
}

impl ChangeTest {
    const CLASSES: usize = 4;

    /// Tests of one column are combined by OR.
    const fn class(&self) -> usize {
        match self {
            Self::Kind(_) => 0,
            Self::Within(_) => 1,
            Self::Side(ChangeColumn::From, _) | Self::NoSide(ChangeColumn::From) => 2,
            Self::Side(..) | Self::NoSide(_) => 3,
        }
    }

    fn holds(&self, change: &Change, now: Timestamp) -> bool {
        match self {
            Self::Kind(kinds) => kinds.contains(&change.kind.name()),
            Self::Within(time) => change
                .seen_at()
                .is_some_and(|seen| now.duration_since(seen) <= *time),
            Self::Side(column, pattern) => {
                let forms = side(&change.kind, *column);
                forms
                    .iter()
                    .flatten()
                    .any(|form| pattern.matches(form, Matching::WordStart))
            }
            Self::NoSide(column) => side(&change.kind, *column) == [None; 4],
        }
    }
}

/// Reads the values of a column of changes.
fn items(
    cursor: &mut Cursor<'_>,
    column: ChangeColumn,
    excluded: bool,
    tests: &mut Vec<(bool, ChangeTest)>,
) -> Result<(), ParseError> {
    loop {
        let start = cursor.at();
        let typed = if cursor.peek() == Some('"') {
            cursor.quoted()?
        } else {
            cursor.item_word().to_owned()
        };
        let understood = if typed.is_empty() {
            None
        } else {
            test(column, &typed)
        };
        let Some(found) = understood else {
            return Err(cursor.error(start, Kind::UnknownChange(column)));
        };
        tests.push((excluded, found));
        if !cursor.eat(",") && !cursor.eat("|") {
            break;
        }
    }
    if cursor.at_space() {
        return Ok(());
    }
    let end = cursor.at();
    cursor.bump();
    Err(cursor.error(end, Kind::MissingSpace))
}

fn test(column: ChangeColumn, text: &str) -> Option<ChangeTest> {
    if column == ChangeColumn::Changed {
        let is_it = |name: &&str| name.eq_ignore_ascii_case(text);
        let found = CHANGED.iter().find(|(names, _)| names.iter().any(is_it));
        let within = || {
            let seconds = i64::try_from(Unit::Age.read(text)?).ok()?;
            Some(ChangeTest::Within(SignedDuration::from_secs(seconds)))
        };
        return found.map(|(_, kinds)| ChangeTest::Kind(kinds)).or_else(within);
    }
    if text.eq_ignore_ascii_case(NONE) {
        return Some(ChangeTest::NoSide(column));
    }
    let pattern = Pattern::unquoted(text);
    let lists = [Status::LISTED, Protection::LISTED, Detection::LISTED];
    let words = lists.into_iter().flatten().flat_map(ListedWord::forms);
    let mut words = words
        .chain(Pressure::ALL.map(Pressure::word))
        .chain([NEW, GONE, "unreadable"]);
    let is_amount = text.starts_with(|first: char| first.is_ascii_digit());
    let is_known = is_amount || words.any(|word| pattern.matches(word, Matching::WordStart));
    is_known.then_some(ChangeTest::Side(column, pattern))
}

/// Skips a term about the pod; false if it is not closed, which that term's parser reports.
fn pod_term(cursor: &mut Cursor<'_>, is_behind_a_term: bool) -> Result<bool, ParseError> {
    let start = cursor.at();
    let mut rest = cursor.clone();
    let word = rest.take_until(char::is_whitespace);
    rest.skip_spaces();
    if let Some(kind) = habits::joining(word, is_behind_a_term, rest.peek().is_some()) {
        cursor.take_until(char::is_whitespace);
        return Err(cursor.error(start, kind));
    }
    cursor.eat("!");
    let mut begins_value = true;
    while !cursor.at_space() {
        let is_closed = match cursor.peek() {
            Some('"') => cursor.quoted().is_ok(),
            Some('/') if begins_value => cursor.regex().is_ok(),
            _ => {
                begins_value = matches!(cursor.bump(), Some(':' | ',' | '|' | '='));
                continue;
            }
        };
        begins_value = false;
        if !is_closed {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Completions of `typed`, the word being typed: the columns of changes, or values of one.
pub fn complete_change(typed: &str) -> Vec<String> {
    let Some((name, value)) = typed.trim_start_matches('!').split_once(':') else {
        let columns = ChangeColumn::ALL
            .into_iter()
            .map(|column| format!("{}:", column.name()));
        return columns.filter(|name| name.starts_with(typed)).collect();
    };
    let Some(column) = ChangeColumn::named(name) else {
        return Vec::new();
    };
    let last = value.rsplit([',', '|']).next().unwrap_or_default();
    let head = typed.strip_suffix(last).unwrap_or_default();
    let values = column.values().into_iter();
    values
        .filter(|value| value.to_lowercase().starts_with(&last.to_lowercase()))
        .map(|value| format!("{head}{value}"))
        .collect()
}

#[cfg(test)]
mod tests;
