//! Queries for property tests.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::fleet::query::pattern::{Expression, Glob, Phrase};

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        4 => "\\PC{1,12}".prop_map(|text| Pattern::Phrase(Phrase::new(&text))),
        4 => "[a-c0-9 :,!/\"\\\\*=<>none-]{1,6}".prop_map(|text| Pattern::Phrase(Phrase::new(&text))),
        2 => "[a-z.-]{0,4}[*?][a-z*?-]{0,4}".prop_map(|text| Pattern::Glob(Glob::new(&text))),
        1 => select(vec!["^web-[0-9]+$", r"a\/b c", "[x,\"]", "(?i)A|B", r"\b10\.0", "[0-9a-f]{4}", "^.?$", "run+ing"])
            .prop_map(|source| Pattern::Regex(Expression::compile(source).unwrap())),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let columns: Vec<FieldKind> = PodField::ALL.iter().map(|field| field.kind()).collect();
    prop_oneof![
        pattern()
            .prop_filter("is explained instead", |it| {
                !matches!(it, Pattern::Glob(_)) || habits::mistaken(&it.to_string()).is_none()
            })
            .prop_map(Test::Any),
        (select(PodText::ALL.to_vec()), pattern()).prop_map(|(column, it)| Test::Text(column, it)),
        (select(PodText::ALL.to_vec()), pattern()).prop_map(|(column, it)| Test::Text(column, it.whole())),
        (
            select(PodNumber::ALL.to_vec()),
            select(Cmp::ALL.to_vec()),
            any::<u64>(),
            0_u32..64
        )
            .prop_map(|(column, cmp, amount, shift)| Test::Number(column, cmp, amount >> shift)),
        select(columns).prop_map(Test::Absent),
    ]
}

/// Generates any query that can be typed.
pub fn query() -> impl Strategy<Value = Query> {
    let term = |excluded| {
        move |test| Term {
            excluded,
            joined: false,
            test,
        }
    };
    let one = (any::<bool>(), test()).prop_map(move |(excluded, test)| vec![term(excluded)(test)]);
    let joined = proptest::collection::vec(test(), 2..4).prop_map(move |tests| {
        let mut terms: Vec<Term> = tests.into_iter().map(term(false)).collect();
        parse::join(&mut terms);
        terms
    });
    let group = prop_oneof![4 => one, 1 => joined];
    proptest::collection::vec(group, 0..6).prop_map(|groups| groups.concat().into_iter().collect())
}
