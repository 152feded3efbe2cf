//! Tests of `complete`.

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
