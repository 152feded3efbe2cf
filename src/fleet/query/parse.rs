//! Parses a text into a query.
//!
//! Owns the grammar that the [module's page](super) describes. Must not: accept what it does not understand.
//! An invalid filter is an error, never a filter that every pod passes.

use super::ast::{Cmp, Query, Term, Test};
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
mod tests {
    use super::*;
    use crate::fleet::Fleet;
    use crate::fleet::fixture::node;
    use proptest::prelude::*;

    fn query(text: &str) -> Result<Query, ParseError> {
        super::query(text, &|_, _| true)
    }

    fn tests(text: &str) -> Vec<Test> {
        let query = query(text).unwrap();
        query.terms().iter().map(|term| term.test.clone()).collect()
    }

    fn phrase(text: &str) -> Pattern {
        Pattern::Phrase(Phrase::new(text))
    }

    #[test]
    fn a_percentage_column_without_a_comparison_is_not_a_word() {
        for text in ["cpu%", "ns:a mem%", "!cpu%"] {
            assert!(
                matches!(query(text).unwrap_err().kind, Kind::WantsComparison(_)),
                "{text}"
            );
        }
        assert_eq!(tests("\"cpu%\" cpu 90%").len(), 3, "words all the same");
    }

    #[test]
    fn every_kind_of_term_is_read() {
        assert_eq!(tests(""), []);
        assert_eq!(
            tests("api \"a b\" pay-* /^x y$/"),
            [
                Test::Any(phrase("api")),
                Test::Any(phrase("a b")),
                Test::Any(Pattern::unquoted("pay-*")),
                Test::Any(Pattern::Regex(Expression::compile("^x y$").unwrap())),
            ]
        );
        assert_eq!(
            tests("ns:prod*,\"a,*\",none"),
            [
                Test::Text(PodText::Namespace, Pattern::unquoted("prod*")),
                Test::Text(PodText::Namespace, phrase("a,*")),
                Test::Absent(FieldKind::Text(PodText::Namespace)),
            ]
        );
        assert_eq!(
            tests("cpu%>=79.5 mem!=1.5Gi age<1d12h memlimit=none"),
            [
                Test::Number(PodNumber::CpuPercent, Cmp::AtLeast, 7950),
                Test::Number(PodNumber::Memory, Cmp::NotEqual, 1_610_612_736),
                Test::Number(PodNumber::Age, Cmp::Less, 129_600),
                Test::Absent(FieldKind::Number(PodNumber::MemoryLimit)),
            ]
        );
        assert_eq!(
            tests(r#"ip:fe80::1 "say \"\\\"" a!b,c\d"#),
            [
                Test::Text(PodText::Ip, phrase("fe80::1")),
                Test::Any(phrase(r#"say "\""#)),
                Test::Any(phrase(r"a!b,c\d")),
            ]
        );
    }

    #[test]
    fn what_is_typed_by_habit_works_where_it_has_one_meaning() {
        for (habit, ours) in [
            ("ns=payments", "ns:payments"),
            ("ns==payments", "ns:payments"),
            ("ns!=payments", "!ns:payments"),
            ("!ns!=payments", "ns:payments"),
            ("ns:a|b", "ns:a,b"),
            ("status=Failed|Unknown,Pending", "status:Failed,Unknown,Pending"),
            ("mem>90%", "mem%>90"),
            ("memory>=79.5%", "mem%>=79.5"),
            ("cpu<10%", "cpu%<10"),
            ("pay|api", "/pay|api/"),
            ("Pay*|a.b", r"/^pay.*$|a\.b/"),
            ("order android not", "order android \"not\""),
            ("\"or\" \"and\" \"|\"", "\"or\" \"and\" \"|\""),
            (
                "mem>0 cpu>2 cpu>90.0 cpulimit>64",
                "mem>\"0\" cpu>\"2\" cpu>\"90\" cpulimit>\"64\"",
            ),
            ("-cache \"-n\" \"^a\"", "\"-cache\" \"-n\" \"^a\""),
        ] {
            assert_eq!(query(habit), query(ours), "{habit}");
            assert!(query(habit).is_ok(), "{habit}");
        }
    }

    #[test]
    fn what_has_no_meaning_here_is_explained_with_what_to_type() {
        for (text, at, cure) in [
            ("ns:a or ns:b", "or", "pay|api, ns:a|b"),
            ("a OR b", "OR", "pay|api, ns:a|b"),
            ("a | b", "|", "pay|api, ns:a|b"),
            ("a || b", "||", "pay|api, ns:a|b"),
            ("a |b", "|b", "pay|api, ns:a|b"),
            ("ns:a|ns:b", "ns", "pay|api, ns:a|b"),
            ("pay|ns:b", "pay|ns", "pay|api, ns:a|b"),
            ("a and b", "and", "leave this out"),
            ("risk>0 and", "and", "leave this out"),
            ("risk>0 or", "or", "pay|api, ns:a|b"),
            ("a && b", "&&", "leave this out"),
            ("not ns:a", "not", "!ns:a"),
            ("a not b", "not", "!ns:a"),
            ("memlimit>90%", "90%", "an amount of memory"),
            ("mem>90", "90", "mem%>90 is percent of the limit, mem>90Mi"),
            ("memlimit<512", "512", "memlimit>90Mi"),
            ("cpu>=90", "90", "cpu%>90 is percent of the limit, cpu>90.0"),
            ("-n kube-system", "-n", "use ns:NAME for a namespace"),
            ("pay -A", "-A", "use ns:NAME for a namespace"),
            ("--namespace pay", "--namespace", "use ns:NAME for a namespace"),
            ("kube.*pay", "kube.*pay", "between slashes"),
            ("^kube", "^kube", "between slashes"),
            ("pay-[0-9]$", "pay-[0-9]$", "between slashes"),
        ] {
            let error = query(text).unwrap_err();
            let found = (text.get(error.range.clone()), error.to_string());
            assert!(found.0 == Some(at) && found.1.contains(cure), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_value_that_no_pod_can_have_is_an_error_with_the_words_that_there_are() {
        let fleet = Fleet::from_iter([node("a").status("Evicted").build()]);
        let among = |text: &str| Query::parse_among(text, &fleet);
        for text in [
            "status:Failed",
            "status:fail",
            "status:Evicted",
            "status:ev",
            "detect:undetected",
            "detect:not-scanned",
            "detect:none",
            "detect:\"not scanned\"",
            "protect:o",
            "protect:*ed",
            "status:/x/",
            "ns:whatever",
        ] {
            assert!(among(text).is_ok(), "{text}");
        }
        for (text, sentence) in [
            (
                "status:Runing",
                "status can only be Pending, Running, Succeeded, Failed, Unknown, or none",
            ),
            (
                "protect:on,disabled",
                "protect can only be off, on, broken, or none",
            ),
            (
                "!detect:scanned",
                "detect can only be not-scanned, clean, risk, risk-scanning, scanning, or none",
            ),
        ] {
            assert_eq!(among(text).unwrap_err().to_string(), sentence, "{text}");
            assert!(query(text).is_ok(), "{text}: no pod is known");
        }
    }

    #[test]
    fn an_exclamation_mark_excludes_every_value_of_a_list() {
        let query = query("!status:Failed,Unknown !x y").unwrap();
        let excluded: Vec<bool> = query.terms().iter().map(|term| term.excluded).collect();
        assert_eq!(excluded, [true, true, true, false]);
    }

    #[test]
    fn an_error_has_a_position_and_a_reason() {
        const TEXTS: &str =
            "no such column (pod ns status protect detect cluster node, Tab lists all); or quote the text";
        const NUMBERS: &str = "no such column (risk cpu% mem% age, Tab lists all); or quote the text";
        const PERCENT: &str = "expected a percentage such as 80 or 79.5";
        let cases = [
            ("a stauts:x", "stauts", "no such column; did you mean status?"),
            ("shape:round", "shape", TEXTS),
            ("http://x", "http", TEXTS),
            ("10.0.0.1:80", "10.0.0.1", TEXTS),
            ("foo=bar", "foo", NUMBERS),
            ("a!=b", "a", NUMBERS),
            (":x", ":", "a column name is missing before this"),
            ("cpu >= 80", ">=", "a column name is missing before this"),
            (
                "cpu% >= 80",
                "cpu%",
                "cpu% is a number: compare it with = != < <= > or >=",
            ),
            ("a ! b", "!", "one ! must be followed by what to exclude"),
            ("!!a", "!", "one ! must be followed by what to exclude"),
            ("ns:", "", "a value is missing after ns:"),
            ("ns:a,", "", "a value is missing after ns:"),
            ("ns:,a", "", "a value is missing after ns:"),
            (
                "ns:\"\"",
                "\"\"",
                "this is empty; use column:none to find absent values",
            ),
            ("//", "//", "this is empty; use column:none to find absent values"),
            ("status<Failed", "status<", "status needs a colon: status:value"),
            ("//", "//", "this is empty; use column:none to find absent values"),
            (
                "risk:50",
                "risk:",
                "risk is a number: compare it with = != < <= > or >=",
            ),
            ("cpu%>=", "", PERCENT),
            ("cpu%>=80x", "80x", PERCENT),
            ("risk==5", "=5", "expected a whole number such as 50"),
            ("age<30", "30", "expected an age such as 90s, 2h or 1d12h"),
            ("cpu>1,2", "1,2", "expected an amount of CPU such as 500m or 1.5"),
            (
                "mem>1gi",
                "1gi",
                "expected an amount of memory such as 512Mi or 1.5Gi",
            ),
            (
                "cpulimit!=none",
                "none",
                "none needs =: cpulimit=none, or !cpulimit=none",
            ),
            ("x \"a b", "\"a b", "this quote is not closed"),
            ("\"a\\", "\"a\\", "this quote is not closed"),
            (
                "ns:\"a\\n\"",
                "\\n",
                "in quotes, \\ is only allowed before \" or \\",
            ),
            ("a\"b\"", "\"", "quotes must enclose the complete text"),
            ("ns:a\"b\"", "\"", "quotes must enclose the complete text"),
            ("\"a\"b", "b", "a space is missing before this"),
            ("/var/log", "l", "a space is missing before this"),
            ("/a b", "/a b", "this expression is not closed by /"),
            ("ns:/é(b/", "(", "regular expression: unclosed group"),
            ("cpu>1:", "1:", "expected an amount of CPU such as 500m or 1.5"),
        ];
        for (text, at, sentence) in cases {
            let error = query(text).unwrap_err();
            assert_eq!(
                (text.get(error.range.clone()), error.to_string().as_str()),
                (Some(at), sentence),
                "{text}"
            );
        }
        assert_eq!(query("nod:x").unwrap_err().nearest(), Some("node"));
        // A line of 120 cells has room for the sentence and its position in a filter that is not very long.
        assert!(TEXTS.len().max(NUMBERS.len()) <= 100);
    }

    #[test]
    fn the_number_of_terms_is_limited() {
        let longest = "a ".repeat(MAX_TERMS);
        assert_eq!(query(&longest).unwrap().terms().len(), MAX_TERMS);
        let error = query(&format!("{longest}ns:b")).unwrap_err();
        assert_eq!(error.kind, Kind::TooManyTerms);
    }

    /// Generates texts that are almost filters.
    fn nearly() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            proptest::sample::select(vec![
                "ns:", "status:", "cpu%", ">=", "!=", "=", "none", ",", "!", "\"", "/", "\\", " ", "80",
                "1.5Gi", "1d", "(", "é", "*", "age<", "\u{3000}",
            ])
            .prop_map(str::to_owned),
            "[a-z]{1,3}",
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 50_000))]

        #[test]
        fn any_text_is_a_filter_or_an_error_with_a_position(text in prop_oneof![nearly(), any::<String>()]) {
            match query(&text) {
                Ok(parsed) => prop_assert_eq!(query(&parsed.to_string()), Ok(parsed)),
                Err(error) => prop_assert!(text.get(error.range.clone()).is_some(), "{:?}", error),
            }
        }
    }
}
