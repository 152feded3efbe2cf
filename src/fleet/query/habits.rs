//! Habits from other filter languages.
//!
//! Owns which of these forms have one clear meaning and are accepted, and which are explained with what to
//! type instead. Must not: guess between two meanings.

use super::error::ParseErrorKind as Kind;
use super::lex::Cursor;
use super::pattern::Pattern;
use super::{Matching, Unit, Values};
use crate::fleet::fields::{PodNumber, PodText, Wording};
use crate::fleet::words::ListedWord;

/// Reads an `or` between two terms; false if something else stands there.
pub(super) fn eat_or(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    let word = ahead.take_until(char::is_whitespace);
    let is_or = matches!(word.to_ascii_lowercase().as_str(), "or" | "|" | "||");
    if is_or {
        *cursor = ahead;
    }
    is_or
}

/// The error for a bare word that joins terms in other languages. It only counts behind a term: there, whoever leaves the
/// second half out would search for `and`, find nothing, and take that for good news. To search for it, put it in quotes.
pub(super) fn joining(word: &str, is_behind_a_term: bool, is_before_a_term: bool) -> Option<Kind> {
    match word.to_ascii_lowercase().as_str() {
        "|" | "||" => Some(Kind::JoinedByOr),
        "&" | "&&" => Some(Kind::JoinedByAnd),
        "or" if is_behind_a_term => Some(Kind::JoinedByOr),
        "and" if is_behind_a_term => Some(Kind::JoinedByAnd),
        "not" if is_before_a_term => Some(Kind::ExcludedByNot),
        _ => None,
    }
}

/// Whether a word may mean more than itself between two terms.
pub(super) fn joins(word: &str) -> bool {
    joining(word, true, true).is_some()
}

/// The error for a bare word that is a flag of kubectl, or looks like an expression without its slashes.
/// Either might match some name by chance, and the result would look right.
pub(super) fn mistaken(word: &str) -> Option<Kind> {
    let flag = word.strip_prefix('-');
    let letter = |flag: &str| flag.len() == 1 && flag.chars().all(|letter| letter.is_ascii_alphabetic());
    if flag.is_some_and(|flag| letter(flag) || flag.starts_with('-')) {
        return Some(Kind::Flag);
    }
    // `10.*` is an address.
    let repeats = |sign: &str| {
        let before = word.split_once(sign).map(|(before, _)| before);
        before.is_some_and(|before| !before.ends_with(|letter: char| letter.is_ascii_digit()))
    };
    let is_expression = word.starts_with('^') || word.ends_with('$') || repeats(".*") || repeats(".+");
    is_expression.then_some(Kind::WantsSlashes)
}

/// Whether an amount without a unit probably has another meaning: no pod uses 90 bytes, and 90 for the CPU is
/// more likely a percentage than cores.
pub(super) fn lacks_unit(column: PodNumber, text: &str) -> bool {
    let is_bare = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_bare);
    number.is_some_and(|number: u64| match column {
        PodNumber::Memory | PodNumber::MemoryLimit => (1..1 << 20).contains(&number),
        PodNumber::Cpu => (50..=100).contains(&number),
        _ => false,
    })
}

/// The meaning of an amount in percent: the share of the limit, which has its own column.
pub(super) fn share(column: PodNumber, text: &str) -> Option<(PodNumber, u64)> {
    let share = match column {
        PodNumber::Cpu => PodNumber::CpuPercent,
        PodNumber::Memory => PodNumber::MemoryPercent,
        _ => return None,
    };
    let amount = text.ends_with('%').then(|| Unit::Percent.read(text))??;
    Some((share, amount))
}

/// Whether a pattern matches a documented word of some column.
pub(super) fn is_word(pattern: &Pattern) -> bool {
    PodText::ALL.iter().any(|column| match column.wording() {
        Wording::Closed(words) => {
            let mut forms = words.iter().flat_map(ListedWord::forms);
            forms.any(|form| pattern.matches(form, column.matching()))
        }
        Wording::Names(_) => false,
    })
}

/// Whether a pattern can match a value of the column, either a documented one or one of a pod. An expression
/// can match anything.
pub(super) fn is_value(column: PodText, pattern: &Pattern, values: &impl Values) -> bool {
    let Wording::Closed(words) = column.wording() else {
        return true;
    };
    let is_it = |text: &str| pattern.matches(text, column.matching());
    let mut forms = words.iter().flat_map(ListedWord::forms);
    if matches!(pattern, Pattern::Regex(_)) || forms.any(is_it) {
        return true;
    }
    let mut is_present = false;
    values.visit(column, &mut |value| {
        is_present |= pattern.matches(value, Matching::WordStart);
    });
    is_present
}
