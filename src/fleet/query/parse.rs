//! Parses a text into a query.
//!
//! Owns the grammar that the [module's page](super) describes. Must not: accept what it does not understand.
//! An invalid filter is an error, never a filter that every pod passes.

use super::ast::{Cmp, Query, Term, Test};
use super::error::{ParseError, ParseErrorKind as Kind};
use super::lex::{Cursor, Operator};
use super::pattern::{Expression, NONE, Pattern, Phrase};
use crate::fleet::fields::names::{named, nearest};
use crate::fleet::fields::{FieldKind, PodField, PodNumber, PodText};

/// The most terms in a filter, counting each value of a list: this limits the cost of a filter.
pub const MAX_TERMS: usize = 64;

/// Parses a complete filter.
pub(super) fn query(text: &str) -> Result<Query, ParseError> {
    let mut cursor = Cursor::new(text);
    let mut terms = Vec::new();
    loop {
        cursor.skip_spaces();
        if cursor.peek().is_none() {
            return Ok(terms.into_iter().collect());
        }
        let start = cursor.at();
        term(&mut cursor, &mut terms)?;
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
fn term(cursor: &mut Cursor<'_>, terms: &mut Vec<Term>) -> Result<(), ParseError> {
    let start = cursor.at();
    let excluded = cursor.eat("!");
    if excluded && (cursor.at_space() || cursor.peek() == Some('!')) {
        return Err(cursor.error(start, Kind::MissingTerm));
    }
    let mut push = |test| terms.push(Term { excluded, test });
    if let Some(pattern) = delimited(cursor)? {
        push(Test::Any(pattern));
        return Ok(());
    }
    let start = cursor.at();
    let name = cursor.head();
    let behind = cursor.clone();
    let Some(operator) = cursor.operator() else {
        // `cpu%` is never meant as a text: its comparison is not typed yet.
        if let Some(FieldKind::Number(column)) =
            named(name).map(PodField::kind).filter(|_| name.ends_with('%'))
        {
            return Err(cursor.error(start, Kind::WantsComparison(column)));
        }
        if !name.is_empty() {
            push(Test::Any(Pattern::unquoted(name)));
        }
        return Ok(());
    };
    if name.is_empty() {
        return Err(cursor.error(start, Kind::MissingColumn));
    }
    let unknown = || {
        let kind = match (nearest(name), operator) {
            (Some(nearest), _) => Kind::UnknownColumn(nearest),
            (None, Operator::Colon) => Kind::NoTextColumn,
            (None, Operator::Compare(_)) => Kind::NoNumberColumn,
        };
        behind.error(start, kind)
    };
    match (named(name).ok_or_else(unknown)?.kind(), operator) {
        (FieldKind::Text(column), Operator::Colon) => loop {
            push(item(cursor, column)?);
            if !cursor.eat(",") {
                return Ok(());
            }
        },
        (FieldKind::Number(column), Operator::Compare(cmp)) => {
            push(number(cursor, column, cmp)?);
            Ok(())
        }
        (FieldKind::Text(column), Operator::Compare(_)) => Err(cursor.error(start, Kind::WantsColon(column))),
        (FieldKind::Number(column), Operator::Colon) => {
            Err(cursor.error(start, Kind::WantsComparison(column)))
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
    let word = cursor.word();
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
    match column.unit().read(&text) {
        Some(amount) => Ok(Test::Number(column, cmp, amount)),
        None => Err(cursor.error(start, Kind::BadNumber(column))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn an_exclamation_mark_excludes_every_value_of_a_list() {
        let query = query("!status:Failed,Unknown !x y").unwrap();
        let excluded: Vec<bool> = query.terms().iter().map(|term| term.excluded).collect();
        assert_eq!(excluded, [true, true, true, false]);
    }

    #[test]
    fn an_error_has_a_position_and_a_reason() {
        const TEXTS: &str =
            "no such column (ns pod status protect detect cluster node, Tab lists all); or quote the text";
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
            ("status=Failed", "status=", "status needs a colon: status:value"),
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
