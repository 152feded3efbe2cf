//! A filter that is still being typed: what its finished terms say.
//!
//! ```text
//! ns:pay cpu%>            ns:pay is finished; after cpu%> a percentage is missing
//! status:Failed,Pe        status:Failed is finished; no status begins with Pe
//! ```
//!
//! Owns which part of a text is left out so that the rest is a filter. A valid filter loses nothing. Must not: make a filter of
//! what does not parse, or choose what the rest means; the parser does.

use std::ops::Range;

use super::error::{ParseError, ParseErrorKind as Kind};
use super::habits;
use super::lex::Cursor;
use super::parse::MAX_TERMS;
use super::pattern::NONE;
use crate::fleet::fields::FieldKind;

/// A text without the terms that are no part of a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft<Q> {
    /// The filter that is left.
    pub query: Q,
    /// Its text.
    pub kept: String,
    /// Why something was left out, where that was: the first reason.
    pub fault: Option<DraftFault>,
}

/// Why a term was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFault {
    /// What is wrong or missing, and where in the text as it was typed.
    pub error: ParseError,
    /// Whether more typing may end the term: it is the last one, and nothing in it is wrong yet.
    pub is_unfinished: bool,
}

/// What the finished terms of `text` say, as `parse` reads them.
pub fn draft<Q: Default>(text: &str, parse: impl Fn(&str) -> Result<Q, ParseError>) -> Draft<Q> {
    let mut kept = text.to_owned();
    let mut fault = None;
    // A text with more faults than a filter can have terms is none.
    for _ in 0..=MAX_TERMS {
        let error = match parse(&kept) {
            Ok(query) => return Draft { query, kept, fault },
            Err(error) => error,
        };
        let cut = cut(&kept, &error);
        fault.get_or_insert_with(|| DraftFault {
            is_unfinished: cut.end == text.trim_end().len() && may_be_ended(text, &error),
            error,
        });
        kept.replace_range(cut, "");
    }
    Draft {
        query: Q::default(),
        kept: String::new(),
        fault,
    }
}

/// Whether a term with this fault may become a valid one by typing on.
fn may_be_ended(text: &str, error: &ParseError) -> bool {
    let typed = text.get(error.range.clone()).unwrap_or_default().to_lowercase();
    let is_amount = || typed.starts_with(|first: char| first.is_ascii_digit());
    match error.kind {
        Kind::MissingTerm
        | Kind::MissingChoice
        | Kind::WantsColumn
        | Kind::MissingValue(_)
        | Kind::WantsComparison(_)
        | Kind::UnclosedQuote
        | Kind::UnclosedRegex => true,
        Kind::BadNumber(_) => is_amount() || NONE.starts_with(&typed),
        Kind::UnknownChange(column) => {
            is_amount() || column.values().iter().any(|value| value.starts_with(&typed))
        }
        _ => false,
    }
}

/// What is to be left out because of `error`: one value of a list, or the term, or all from an `or` or the first term on that
/// is one too many. Never empty.
fn cut(text: &str, error: &ParseError) -> Range<usize> {
    let Range { start, end } = error.range;
    let term = term_at(text, start);
    // What follows an `or` is another choice: with the terms before it, it would leave fewer pods, not more.
    if matches!(
        error.kind,
        Kind::TooManyTerms | Kind::JoinedByOr | Kind::OrAmongAnd | Kind::ExcludedChoice | Kind::NotScanned
    ) {
        return term.start..text.len();
    }
    let is_value = matches!(
        error.kind,
        Kind::UnknownValue(_) | Kind::UnknownChange(_) | Kind::MissingValue(FieldKind::Text(_))
    );
    let is_separator = |at: Option<usize>| {
        let byte = at.and_then(|at| text.as_bytes().get(at));
        matches!(byte, Some(b',' | b'|'))
    };
    if is_value && start > term.start && is_separator(start.checked_sub(1)) {
        start - 1..end
    } else if is_value && is_separator(Some(end)) {
        start..end + 1
    } else {
        // The choices before this one are finished.
        let joint_is_here = text.get(start..).is_some_and(|rest| rest.starts_with('|'));
        let before = text.get(term.start..start + usize::from(joint_is_here));
        let joint = before.and_then(|before| before.rfind('|')).filter(|at| *at > 0);
        let is_first = text
            .get(..term.start)
            .is_some_and(|before| before.trim().is_empty());
        match joint {
            Some(at) => term.start + at..term.end,
            None if is_first => term.start..behind_or(text, term.end),
            None => term,
        }
    }
}

/// The end of the `or` that follows a term which ends here, or the end of the term. Behind a first term that is left out, `or`
/// joins nothing: it would be a word to search for.
fn behind_or(text: &str, end: usize) -> usize {
    let mut cursor = Cursor::new(text.get(end..).unwrap_or_default());
    cursor.skip_spaces();
    if habits::eat_or(&mut cursor) {
        end + cursor.at()
    } else {
        end
    }
}

/// The term that has the byte `at`, or ends there; the last one where none does.
fn term_at(text: &str, at: usize) -> Range<usize> {
    let mut cursor = Cursor::new(text);
    let mut found = 0..text.len();
    loop {
        cursor.skip_spaces();
        if cursor.peek().is_none() || cursor.at() > at {
            return found;
        }
        let start = cursor.at();
        skip_term(&mut cursor);
        found = cursor.since(start);
    }
}

/// Reads a term, right or wrong: a quote or an expression that is not closed extends to the end of the text.
fn skip_term(cursor: &mut Cursor<'_>) {
    // Where a pattern may begin, a slash begins an expression.
    let mut begins = true;
    while !cursor.at_space() {
        match cursor.bump() {
            Some(delimiter @ ('"' | '/')) if delimiter == '"' || begins => skip_to(cursor, delimiter),
            Some(character) => begins = matches!(character, '!' | ':' | '=' | ',' | '|'),
            None => return,
        }
    }
}

/// Reads up to and with the delimiter that closes, past what is escaped.
fn skip_to(cursor: &mut Cursor<'_>, delimiter: char) {
    while let Some(character) = cursor.bump() {
        if character == '\\' {
            cursor.bump();
        } else if character == delimiter {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::Query;
    use proptest::prelude::*;

    fn drafted(text: &str) -> Draft<Query> {
        draft(text, Query::parse)
    }

    #[test]
    fn the_finished_terms_stay_and_the_one_being_typed_says_what_is_missing() {
        for (typed, kept, missing) in [
            ("ns:pay cpu%", "ns:pay", "compare it with"),
            ("ns:pay cpu%>", "ns:pay", "expected a percentage"),
            ("ns:pay age>1", "ns:pay", "expected an age"),
            ("ns:pay status:", "ns:pay", "a value is missing after status:"),
            ("ns:pay,", "ns:pay", "a value is missing after ns:"),
            ("ns:pay \"a b", "ns:pay", "this quote is not closed"),
            ("ns:pay /a b", "ns:pay", "not closed by /"),
            ("ns:pay !", "ns:pay", "followed by what to exclude"),
            ("cpu%>=", "", "expected a percentage"),
            ("ns:pay memlimit=no", "ns:pay", "expected a"),
        ] {
            let draft = drafted(typed);
            assert_eq!(draft.kept.trim(), kept, "{typed}");
            let fault = draft.fault.unwrap();
            assert!(fault.is_unfinished, "{typed}");
            let said = fault.error.to_string();
            assert!(said.contains(missing), "{typed}: {said}");
        }
    }

    #[test]
    fn what_is_wrong_is_left_out_wherever_it_stands_and_the_first_of_it_is_told() {
        for (typed, kept, at) in [
            ("cpu%>lots ns:pay", "ns:pay", 5),
            ("ns:pay cpu%>lots mem>x api", "ns:pay api", 12),
            ("ns:pay stauts:Failed", "ns:pay", 7),
            ("ns:pay cpu%>lots", "ns:pay", 12),
            ("failed or pending x", "failed", 7),
            ("\"a \\x b c\" api", "api", 3),
            ("/[z/ api", "api", 1),
            (": api", "api", 0),
        ] {
            let draft = drafted(typed);
            assert_eq!(draft.kept.split_whitespace().collect::<Vec<_>>().join(" "), kept);
            let fault = draft.fault.unwrap();
            assert_eq!(
                (fault.error.range.start, fault.is_unfinished),
                (at, false),
                "{typed}"
            );
        }
    }

    #[test]
    fn while_another_choice_is_typed_those_before_it_apply() {
        for text in [
            "ns:a cpu>90%|",
            "ns:a cpu>90%|me",
            "ns:a cpu>90%|mem",
            "ns:a cpu>90%|mem>",
            "ns:a cpu>90%|mem>9",
        ] {
            let draft = drafted(text);
            assert_eq!(draft.query.to_string(), "ns:a cpu%>90", "{text}");
            assert!(draft.fault.is_some(), "{text}");
        }
        for text in ["cpu>90% or", "cpu>90% or mem>"] {
            assert_eq!(drafted(text).query.to_string(), "cpu%>90", "{text}");
        }
    }

    #[test]
    fn an_or_behind_a_first_term_that_is_wrong_is_no_word_to_search_for() {
        for (typed, kept) in [
            ("cpu>90 or", ""),
            ("cpu>90 OR mem>90%", "mem%>90"),
            ("cpu>90 || mem>90% or api", "api|mem%>90"),
            ("cpu>90 order", "order"),
        ] {
            let draft = drafted(typed);
            assert_eq!(draft.query.to_string(), kept, "{typed}");
            assert_eq!(draft.fault.unwrap().error.range.start, 4, "{typed}");
        }
    }

    #[test]
    fn of_a_list_only_the_wrong_value_is_left_out() {
        use crate::fleet::Fleet;
        let among = |text: &str| Query::parse_among(text, &Fleet::default());
        for (typed, kept) in [
            ("status:Failed,Zzz", "status:Failed"),
            ("status:Zzz,Failed", "status:Failed"),
            ("status:Failed|Zzz,Running", "status:Failed,Running"),
            ("status:Zzz", ""),
            ("x status:Failed,", "x status:Failed"),
        ] {
            assert_eq!(draft(typed, among).kept, kept, "{typed}");
        }
    }

    #[test]
    fn a_text_with_too_many_terms_keeps_the_first_ones() {
        let text = "a ".repeat(MAX_TERMS + 9);
        assert_eq!(drafted(&text).query.terms().len(), MAX_TERMS);
        let wrong = "cpu%>x ".repeat(500);
        assert!(drafted(&wrong).query.is_empty());
    }

    proptest! {
        #[test]
        fn the_draft_of_a_valid_filter_is_the_filter(terms in prop::collection::vec(prop::sample::select(vec![
            "pay", "ns:a,b", "!detect:clean", "cpu%>=80", "memlimit=none", "\"a b\"", "/x y,z/", "status:Failed|Unknown", "pay|api",
        ]), 0..6)) {
            let text = terms.join(" ");
            let draft = drafted(&text);
            prop_assert_eq!(&draft.query, &Query::parse(&text).unwrap());
            prop_assert_eq!((draft.kept, draft.fault), (text, None));
        }

        #[test]
        fn whatever_is_typed_what_is_kept_is_a_filter(text in r#"[ab:=<>!,|/\\" %0-9é]{0,24}"#) {
            let draft = drafted(&text);
            prop_assert_eq!(Query::parse(&draft.kept).unwrap(), draft.query);
            prop_assert_eq!(draft.fault.is_none(), Query::parse(&text).is_ok());
        }

        #[test]
        fn typing_on_behind_a_finished_term_keeps_it(rest in r#"[a-z%:>"/!]{0,9}"#) {
            // A word joins terms, and what begins with | joins it to the term before.
            let draft = drafted(&format!("ns:payments {rest}"));
            prop_assert!(draft.kept.starts_with("ns:payments"), "{}", draft.kept);
        }
    }
}
