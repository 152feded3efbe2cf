//! Queries as they are written, and what they ask for.

use super::*;
use crate::fleet::fields::names::named;
use proptest::prelude::*;

fn query(text: &str) -> Query {
    Query::parse(text).unwrap()
}

#[test]
fn tests_on_one_column_are_one_clause_except_bounds_and_exclusions() {
    let query = query("api web ns:a cpu%>=80 ns:b,none !ns:c !ns:d cpu>1 cpu%=none cpu%<90 cpu%=85 cpu%!=86");
    let clauses: Vec<usize> = query.clauses().iter().map(Vec::len).collect();
    assert_eq!(clauses, [1, 1, 3, 1, 1, 2, 1, 1]);
    assert_eq!(query.exclusions().count(), 2);
    assert_eq!(query.terms().len(), 13);
}

#[test]
fn a_query_is_written_in_its_shortest_form() {
    let cases = [
        ("", ""),
        ("  a   B ", "a B"),
        ("namespace:a NS:b", "ns:a,b"),
        ("ns:a !ns:b !ns:c ns:d", "ns:a !ns:b,c ns:d"),
        ("memory>=1024Mi age<24h", "mem>=1Gi age<1d"),
        ("\"a b\" \"c\" \"none\"", "\"a b\" c \"none\""),
        ("status:/^f/,NONE cpulimit=None", "status:/^f/,none cpulimit=none"),
        ("cpu%>\"80.50%\"", "cpu%>80.5"),
        ("ns=a,\"b c\" ns=D ns!=e,f", "ns=a,\"b c\",D !ns=e,f"),
        ("ns=a,b*,none,/c/ ns:d", "ns=a ns:b*,none,/c/,d"),
    ];
    for (typed, written) in cases {
        assert_eq!(query(typed).to_string(), written);
    }
}

#[test]
fn a_query_knows_the_columns_that_it_tests() {
    let asked = |text: &str, name: &str| query(text).asks_for(named(name).unwrap());
    for (text, name) in [
        ("ns:a", "ns"),
        ("api !risk>5", "risk"),
        ("api ip:none cpu=1", "ip"),
    ] {
        assert!(asked(text, name), "{text}");
    }
    for (text, name) in [("", "ns"), ("api", "pod"), ("ns:a mem>1Mi", "cpu")] {
        assert!(!asked(text, name), "{text}");
    }
    assert!(query("  ").is_empty() && !query("a").is_empty() && !query("!a").is_empty());
}

#[test]
fn typed_names_are_those_of_names_addresses_and_ids_that_show_pods() {
    let query =
        query("api ns:a,b* node=n ip:10.0.0.1 status:Failed cpu%>1 podip:none !ns:c cluster:x|detect:risk");
    let typed: Vec<(String, Option<String>)> = query
        .typed_names()
        .map(|(typed, exact)| (typed.to_string(), exact.map(|exact| exact.to_string())))
        .collect();
    let expected = [
        ("api", Some("api")),
        ("ns:a", Some("ns=a")),
        ("ns:b*", None),
        ("node=n", Some("node=n")),
        ("ip:10.0.0.1", Some("ip=10.0.0.1")),
        ("cluster:x", Some("cluster=x")),
    ];
    let expected = expected.map(|(typed, exact)| (typed.to_owned(), exact.map(str::to_owned)));
    assert_eq!(typed, expected);
}

#[test]
fn what_is_left_of_names_asks_for_no_state() {
    for (text, names) in [
        ("ns:a status:Failed cpu%>1 podip:none", "ns:a"),
        ("status:Failed", ""),
        ("failed risk", ""),
        ("api", "api"),
        ("ns:a|status:Failed pod:b,c !ns:d", "pod:b,c !ns:d"),
        ("ns:a|pod:b node=n", "ns:a|pod:b node=n"),
    ] {
        assert_eq!(query(text).of_names().to_string(), names, "{text}");
    }
}

#[test]
fn each_comparison_holds_for_its_orderings() {
    for (cmp, holds) in [
        (Cmp::Equal, [false, true, false]),
        (Cmp::NotEqual, [true, false, true]),
        (Cmp::Less, [true, false, false]),
        (Cmp::AtMost, [true, true, false]),
        (Cmp::Greater, [false, false, true]),
        (Cmp::AtLeast, [false, true, true]),
    ] {
        let orderings = [Ordering::Less, Ordering::Equal, Ordering::Greater];
        assert_eq!(orderings.map(|ordering| cmp.holds(ordering)), holds, "{cmp}");
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 20_000))]

    #[test]
    fn a_written_query_parses_as_the_same_query(query in strategy::query()) {
        let text = query.to_string();
        prop_assert_eq!(Query::parse(&text), Ok(query), "{}", text);
    }
}
