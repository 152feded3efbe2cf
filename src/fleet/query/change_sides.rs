//! The values before and after a change, as texts that a filter looks for, and which of them exist.
//!
//! Must not: know how a filter is written.

use std::ops::Range;

use super::change_query::{ChangeColumn, ChangeTest, GONE, NEW};
use super::error::{ParseError, ParseErrorKind as Kind};
use super::pattern::Matching;
use crate::fleet::Field;
use crate::fleet::changes::ChangeKind;
use crate::fleet::quantity::Measure;
use crate::fleet::words::{Detection, ListedWord, Protection, Status};

/// The error for a value that no change of the wanted kinds has: it would find nothing, which reads like good news.
pub(super) fn possible(
    tests: &[(bool, ChangeTest)],
    at: &[(ChangeColumn, Range<usize>)],
) -> Result<(), ParseError> {
    let wanted: Vec<&'static str> = tests
        .iter()
        .filter_map(|(excluded, test)| match test {
            ChangeTest::Kind(kinds) if !excluded => Some(kinds.iter().copied()),
            _ => None,
        })
        .flatten()
        .collect();
    let Some(listed) = listed_of(&wanted) else {
        return Ok(());
    };
    for ((excluded, test), (column, range)) in tests.iter().zip(at) {
        let ChangeTest::Side(_, pattern) = test else {
            continue;
        };
        let mut words = listed.iter().flat_map(ListedWord::forms).chain(["unreadable"]);
        if !excluded && !words.any(|word| pattern.matches(word, Matching::WordStart)) {
            return Err(ParseError {
                range: range.clone(),
                kind: Kind::UnknownSide(*column, listed),
            });
        }
    }
    Ok(())
}

/// The words of the only kind that is wanted, if it has a closed list.
fn listed_of(wanted: &[&'static str]) -> Option<&'static [ListedWord]> {
    let (first, rest) = wanted.split_first()?;
    if rest.iter().any(|other| other != first) {
        return None;
    }
    match *first {
        "status" => Some(Status::LISTED),
        "protection" => Some(Protection::LISTED),
        "detection" => Some(Detection::LISTED),
        _ => None,
    }
}

/// The texts of both sides of a change.
pub(super) fn sides(kind: &ChangeKind) -> impl Iterator<Item = &str> {
    let both = [side(kind, ChangeColumn::From), side(kind, ChangeColumn::To)];
    both.into_iter().flatten().flatten()
}

/// The texts that match the value on a side; empty if there is none.
pub(super) fn side(kind: &ChangeKind, column: ChangeColumn) -> [Option<&str>; 4] {
    fn forms<'a, T>(field: &'a Field<T>, of: impl FnOnce(&'a T) -> [&'a str; 4]) -> [Option<&'a str>; 4] {
        match field {
            Field::Absent => [None; 4],
            Field::Unreadable => [Some("unreadable"), None, None, None],
            Field::Value(value) => of(value).map(Some),
        }
    }
    let is_from = column == ChangeColumn::From;
    match kind {
        ChangeKind::Appeared if is_from => [None; 4],
        ChangeKind::Appeared => [Some(NEW), None, None, None],
        ChangeKind::Vanished if is_from => [None; 4],
        ChangeKind::Vanished => [Some(GONE), None, None, None],
        ChangeKind::Status(from, to) => forms(if is_from { from } else { to }, Status::forms),
        ChangeKind::Protection(from, to) => forms(if is_from { from } else { to }, Protection::forms),
        ChangeKind::Detection(from, to) => forms(if is_from { from } else { to }, Detection::forms),
        ChangeKind::CpuThreshold(from, to) | ChangeKind::MemoryThreshold(from, to) => [
            Some(if is_from { from.word() } else { to.word() }),
            None,
            None,
            None,
        ],
        ChangeKind::LimitChanged(Measure::Cpu | Measure::Memory, from, to) => {
            forms(if is_from { from } else { to }, |limit| [limit.text.shown(); 4])
        }
    }
}
