//! Completions of a filter.
//!
//! Owns completion of column names, and of the values of a text column from those in the fleet. Must not:
//! fail on an incomplete filter. Texts are not sanitized: whoever draws them has to do that.

use std::collections::BTreeSet;
use std::ops::Range;

use super::ast::Cmp;
use super::lex::{Cursor, Operator};
use super::pattern::{NONE, fold, quoted_where_needed};
use crate::fleet::fields::names::{beginning_with, named};
use crate::fleet::fields::{FieldKind, PodField, PodText, Wording};
use crate::fleet::words::ListedWord;

/// The most completions that are offered at once.
pub const MAX_COMPLETIONS: usize = 100;

/// The values in the fleet.
pub trait Values {
    /// Calls `visit` with each value of `column`, in any order; a value may occur more than once.
    fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str));
}

/// A text that may replace a part of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that it replaces.
    pub range: Range<usize>,
    /// The text.
    pub text: String,
}

/// The completions at `cursor`, a byte offset in `text`: first those that begin with the typed part, then
/// those that contain it. Values that a list already has are not offered.
pub fn complete(text: &str, cursor: usize, values: &impl Values) -> Vec<Completion> {
    let cursor = text.floor_char_boundary(cursor);
    let Some(place) = CursorPlace::find(text, cursor) else {
        return Vec::new();
    };
    let typed = |range: &Range<usize>| text.get(range.start..cursor).unwrap_or_default();
    match place {
        CursorPlace::Name(range) => names(typed(&range), &range),
        CursorPlace::Value(column, range, others) => match meant(typed(&range)) {
            Some(prefix) => {
                let listed = others.into_iter().filter_map(|other| value_of(text.get(other)?));
                let values = Unlisted {
                    values,
                    listed: listed.collect(),
                };
                let mut present = present(column, &prefix, &values);
                if present.is_empty() {
                    present = listed_as(column, &prefix);
                }
                let present = present.into_iter();
                let completion = |value: String| Completion {
                    range: range.clone(),
                    text: quoted_where_needed(&value),
                };
                present.map(completion).collect()
            }
            None => Vec::new(),
        },
    }
}

/// The thing at the cursor, and its position.
enum CursorPlace {
    Name(Range<usize>),
    /// A value of a list, and the other values of that list.
    Value(PodText, Range<usize>, Vec<Range<usize>>),
}

/// The values in the fleet without those that a list already has, [folded](fold).
struct Unlisted<'a, V> {
    values: &'a V,
    listed: BTreeSet<String>,
}

impl<V: Values> Values for Unlisted<'_, V> {
    fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str)) {
        self.values.visit(column, &mut |value| {
            if self.listed.is_empty() || !self.listed.contains(&fold(value)) {
                visit(value);
            }
        });
    }
}

/// The [folded](fold) value that an item of a list stands for, if it stands for a single one.
fn value_of(item: &str) -> Option<String> {
    let is_pattern = !item.starts_with('"') && (item.contains(['*', '?']) || item.eq_ignore_ascii_case(NONE));
    meant(item).filter(|_| !is_pattern).map(|value| fold(&value))
}

impl CursorPlace {
    /// The place that contains `target`, if something can be offered there.
    fn find(text: &str, target: usize) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        loop {
            cursor.skip_spaces();
            if target < cursor.at() || cursor.peek().is_none() {
                return Some(Self::Name(target..target));
            }
            cursor.eat("!");
            let start = cursor.at();
            if matches!(cursor.peek(), Some('"' | '/')) {
                skip_value(&mut cursor);
            } else {
                let name = cursor.head();
                let mut range = cursor.since(start);
                let operator = cursor.operator();
                if target <= range.end {
                    // An existing colon is part of what is replaced.
                    if operator == Some(Operator::Colon) {
                        range.end = cursor.at();
                    }
                    return (start <= target).then_some(Self::Name(range));
                }
                let has_value = matches!(
                    operator,
                    Some(Operator::Colon | Operator::Compare(Cmp::Equal | Cmp::NotEqual))
                );
                cursor.eat("=");
                if let (Some(FieldKind::Text(column)), true) = (named(name).map(PodField::kind), has_value)
                    && let Some((range, others)) = value_at(&mut cursor, target)
                {
                    return Some(Self::Value(column, range, others));
                }
            }
            cursor.take_until(char::is_whitespace);
            if target <= cursor.at() {
                return None;
            }
        }
    }
}

/// The value that contains `target` in the list at `cursor`, and the other values of the list.
fn value_at(cursor: &mut Cursor<'_>, target: usize) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let mut items = Vec::new();
    loop {
        let start = cursor.at();
        skip_value(cursor);
        items.push(cursor.since(start));
        if !cursor.eat(",") {
            break;
        }
    }
    let is_in = |item: &Range<usize>| (item.start..=item.end).contains(&target);
    let at = items.iter().position(is_in)?;
    Some((items.remove(at), items))
}

/// Skips a value, complete or not.
fn skip_value(cursor: &mut Cursor<'_>) {
    let finished = match cursor.peek() {
        Some('"') => cursor.quoted().is_ok(),
        Some('/') => cursor.regex().is_ok(),
        _ => {
            cursor.word();
            true
        }
    };
    if !finished {
        cursor.take_until(|_| false);
    }
}

/// The text that an incomplete value stands for; `None` for an expression.
fn meant(typed: &str) -> Option<String> {
    let quoted = |text: &str| Cursor::new(text).quoted().ok();
    match typed.chars().next() {
        Some('/') => None,
        Some('"') => quoted(typed).or_else(|| quoted(&format!("{typed}\""))),
        _ => Some(typed.to_owned()),
    }
}

fn names(typed: &str, range: &Range<usize>) -> Vec<Completion> {
    let completion = |(field, name): (PodField, &str)| Completion {
        range: range.clone(),
        text: match field.kind() {
            FieldKind::Text(_) => format!("{name}:"),
            FieldKind::Number(_) => name.to_owned(),
        },
    };
    beginning_with(typed).into_iter().map(completion).collect()
}

/// The filter's words whose HSS words begin with the typed text.
fn listed_as(column: PodText, typed: &str) -> Vec<String> {
    let Wording::Closed(words) = column.wording() else {
        return Vec::new();
    };
    let typed = fold(typed);
    let is_meant = |word: &&ListedWord| !typed.is_empty() && word.raw.starts_with(&typed);
    let meant = words.iter().filter(is_meant);
    meant.map(|word| word.typed.to_owned()).collect()
}

/// The existing values of `column`: first those that begin with the typed text, then those that contain it.
pub fn present(column: PodText, typed: &str, values: &impl Values) -> Vec<String> {
    let typed = fold(typed);
    // `false` sorts first: values that begin with `typed`.
    let mut best: BTreeSet<(bool, String)> = BTreeSet::new();
    values.visit(column, &mut |value| {
        let folded = fold(value);
        if !value.is_empty() && folded.contains(&typed) {
            best.insert((!folded.starts_with(&typed), value.to_owned()));
            if best.len() > MAX_COMPLETIONS {
                best.pop_last();
            }
        }
    });
    best.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Fleet;
    use crate::fleet::fixture::serverless;
    use crate::fleet::query::ast::{Query, Test};
    use crate::fleet::query::pattern::Matching;
    use proptest::prelude::*;

    struct Namespaces(Vec<String>);

    impl Values for Namespaces {
        fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str)) {
            if column == PodText::Namespace {
                self.0.iter().for_each(|value| visit(value));
            }
        }
    }

    fn fleet() -> Namespaces {
        let values = [
            "search", "payments", "a b", "prepay", "Payroll", "none", "", "search",
        ];
        Namespaces(values.map(str::to_owned).to_vec())
    }

    /// The results of all completions of `text` at `|`.
    fn completed(text: &str) -> Vec<String> {
        let cursor = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        complete(&text, cursor, &fleet())
            .into_iter()
            .map(|completion| {
                let mut text = text.clone();
                text.replace_range(completion.range, &completion.text);
                text
            })
            .collect()
    }

    #[test]
    fn a_column_name_is_completed_at_the_beginning_of_a_term() {
        assert_eq!(completed("|").len(), PodField::ALL.len());
        assert_eq!(completed("a | b").len(), PodField::ALL.len());
        assert_eq!(completed("a !st|"), ["a !status:"]);
        assert_eq!(completed("ST|x:Failed b"), ["status:Failed b"]);
        assert_eq!(completed("cpu|"), ["cpu%", "cpu", "cpulimit"]);
        assert_eq!(completed("pro|,x"), ["protect:"]);
        assert!(completed("nothing|").is_empty());
    }

    #[test]
    fn a_value_is_completed_from_the_values_in_the_fleet() {
        assert_eq!(
            completed("x ns:pay| y"),
            ["x ns:Payroll y", "x ns:payments y", "x ns:prepay y"]
        );
        assert_eq!(completed("ns:a,se|arc,b"), ["ns:a,search,b"]);
        assert_eq!(
            completed("ns:\"a|"),
            [
                "ns:\"a b\"",
                "ns:Payroll",
                "ns:payments",
                "ns:prepay",
                "ns:search"
            ]
        );
        assert_eq!(completed("ns:\"a |b\",c"), ["ns:\"a b\",c"]);
        assert_eq!(completed("!namespace:no|"), ["!namespace:\"none\""]);
        assert_eq!(completed("ns:|").len(), 6);
    }

    #[test]
    fn a_value_that_a_list_already_has_is_not_offered() {
        let all = completed("ns:|").len();
        assert_eq!(completed("ns:payments,|").len(), all - 1);
        assert_eq!(
            completed("ns:payments,pay|"),
            ["ns:payments,Payroll", "ns:payments,prepay"]
        );
        assert_eq!(
            completed("ns:PAYMENTS,pay|,\"payroll\""),
            ["ns:PAYMENTS,prepay,\"payroll\""]
        );
        assert_eq!(
            completed("!ns:pay|,payments,Payroll x"),
            ["!ns:prepay,payments,Payroll x"]
        );
        assert_eq!(
            completed("ns:payments|"),
            ["ns:payments"],
            "the value at the cursor itself is offered"
        );
        assert_eq!(completed("ns:search,sea|"), [""; 0]);
        for others in ["none,", "pay*,", "/search/,", "x,"] {
            let text = format!("ns:{others}|");
            assert_eq!(completed(&text).len(), all, "{text} names no single value");
        }
    }

    #[test]
    fn a_word_of_hss_is_completed_by_the_word_of_the_screen() {
        let fleet = Fleet::from_iter([serverless("a").build()]);
        let completed = |text: &str| -> Vec<String> {
            let completions = complete(text, text.len(), &fleet).into_iter();
            completions.map(|completion| completion.text).collect()
        };
        assert_eq!(completed("protect:"), ["broken", "off", "on"]);
        assert_eq!(completed("protect:clo"), ["off"]);
        assert_eq!(completed("detect:undet"), ["not-scanned"]);
        assert_eq!(completed("detect:no"), ["not-scanned"]);
    }

    #[test]
    fn nothing_is_offered_where_nothing_is_known() {
        for text in [
            "ns:/pa|",
            "/pa|",
            "/a st|/",
            "ns:/a,se|/",
            "ns:/a se|/,b",
            "\"st|",
            "\"st\"|",
            "cpu%>|80",
            "foo:pa|",
            "status:|",
            "pod:|",
            "|!a",
            "ns:a\"b|",
            "ns:\"a\\|",
        ] {
            assert!(completed(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_whole_value_is_completed_like_a_part_of_one() {
        let values = Namespaces(vec!["payments".to_owned(), "pay".to_owned()]);
        for text in ["ns=pa", "ns==pa", "!ns=pa", "ns!=pa", "ns=x,pa"] {
            let offers = complete(text, text.len(), &values);
            let texts: Vec<&str> = offers.iter().map(|offer| offer.text.as_str()).collect();
            assert_eq!(texts, ["pay", "payments"], "{text}");
            assert_eq!(offers[0].range, text.len() - 2..text.len(), "{text}");
        }
    }

    #[test]
    fn an_expression_is_not_completed_with_values() {
        let values = Namespaces(vec!["/pay".to_owned()]);
        assert_eq!(complete("ns:", 3, &values).len(), 1);
        for text in ["ns:/", "ns:/pa", "ns:/pay/"] {
            assert_eq!(complete(text, text.len(), &values), [], "{text}");
        }
    }

    #[test]
    fn the_number_of_completions_is_limited() {
        let many = Namespaces((0..1000).map(|at| format!("ns-{at:03}")).collect());
        let completions = complete("ns:ns", 5, &many);
        assert_eq!(completions.len(), MAX_COMPLETIONS);
        assert_eq!(completions.last().map(|last| last.text.as_str()), Some("ns-099"));
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 20_000))]

        #[test]
        fn no_text_panics_and_every_range_is_within_it(
            text in prop_oneof![any::<String>(), "[ns:\"/\\\\,! é=a]{0,12}"],
            cursor in 0_usize..40,
        ) {
            for completion in complete(&text, cursor, &fleet()) {
                prop_assert!(text.get(completion.range).is_some());
            }
        }

        #[test]
        fn a_completed_value_finds_its_pod(value in prop_oneof![any::<String>(), "[a,\"\\\\ :*/!]{1,5}"]) {
            for completion in complete("ns:", 3, &Namespaces(vec![value.clone()])) {
                let query = Query::parse(&format!("ns:{}", completion.text)).unwrap();
                let [term] = query.terms() else { panic!("one term") };
                let Test::Text(PodText::Namespace, pattern) = &term.test else { panic!("a text") };
                prop_assert!(pattern.matches(&value, Matching::Part));
            }
        }
    }
}
