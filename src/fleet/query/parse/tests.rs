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
        ("ns==payments", "ns=payments"),
        ("ns!=payments", "!ns=payments"),
        ("!ns!=payments", "ns=payments"),
        ("ns=a|b", "ns=a,b"),
        ("ns=pay*,/x/,none", "ns:pay*,/x/,none"),
        ("ns:a|b", "ns:a,b"),
        ("status=Failed|Unknown,Pending", "status=Failed,Unknown,Pending"),
        ("mem>90%", "mem%>90"),
        ("memory>=79.5%", "mem%>=79.5"),
        ("cpu<10%", "cpu%<10"),
        ("pay or api", "pay|api"),
        ("ns:a or ns:b", "ns:a,b"),
        ("ns:a|ns:b ns:c", "ns:a,b,c"),
        ("cpu>90% or mem>90%", "cpu>90%|mem>90%"),
        (
            "cpu%>90 OR mem%>90 | status:Failed",
            "cpu%>90|mem%>90|status:Failed",
        ),
        ("ns:a,b || pay or x*", "pay|x*|ns:a|ns:b"),
        ("cpu>=90%|MEM>=90%", "cpu%>=90|mem%>=90"),
        ("!pay|api !cpu>90%|mem>90%", "!pay !api !cpu%>90 !mem%>90"),
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
        ("a |b", "|b", "pay|api, cpu>90%|mem>90%"),
        ("a||b", "|", "pay|api, cpu>90%|mem>90%"),
        ("a or or b", "or", "pay|api, cpu>90%|mem>90%"),
        ("cpu>1|2", "2", "cpu>90%|mem>90%"),
        ("ns:a cpu>90% or mem>90%", "or", "ns:a cpu>90%|mem>90%"),
        ("cpu>90% or mem>90% ns:a", "or", "ns:a cpu>90%|mem>90%"),
        ("!ns:a or ns:b", "or", "OR cannot join what ! excludes"),
        ("cpu>90%|!ns:a", "|", "OR cannot join what ! excludes"),
        ("cpu>90%|", "|", "another term is missing after OR"),
        ("a and b", "and", "leave this out"),
        ("risk>0 and", "and", "leave this out"),
        ("risk>0 or", "or", "another term is missing after OR"),
        ("a && b", "&&", "leave this out"),
        ("not ns:a", "not", "!ns:a"),
        ("a not b", "not", "!ns:a"),
        ("pay not scanned", "not scanned", "detect:not-scanned"),
        ("memlimit>90%", "90%", "an amount of memory"),
        ("mem>90", "90", "mem>90% or mem>90Mi"),
        ("memlimit<512", "512", "memlimit<90Mi"),
        ("cpu>=90", "90", "cpu>=90% or cpu>=90.0"),
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
        (
            "changed:1h",
            "changed",
            "changed: is a column of the changes, which 3 shows; or quote the text",
        ),
        (
            "to:risk",
            "to",
            "to: is a column of the changes, which 3 shows; or quote the text",
        ),
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
            "ns:", "status:", "cpu%", ">=", "!=", "=", "none", ",", "!", "\"", "/", "\\", " ", "80", "1.5Gi",
            "1d", "(", "é", "*", "age<", "\u{3000}",
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

#[test]
fn choices_of_several_columns_are_one_clause_whatever_else_is_asked() {
    let clauses =
        |text: &str| -> Vec<usize> { query(text).unwrap().clauses().iter().map(Vec::len).collect() };
    assert_eq!(clauses("cpu>90%|mem>90% ns:a,b ns:c"), [3, 2]);
    assert_eq!(clauses("cpu>90%|mem>90% cpu>10%|mem>10%"), [2, 2]);
    assert_eq!(
        clauses("ns:a ns:b|mem>90%"),
        [1, 2],
        "ns:a is asked for in any case"
    );
    assert_eq!(query("pay ns:b|mem>90%").unwrap().to_string(), "pay ns:b|mem%>90");
}

#[test]
fn each_message_about_or_names_a_filter_that_works() {
    for (wrong, cure) in [
        ("ns:a cpu>90% or mem>90%", "ns:a cpu>90%|mem>90%"),
        ("cpu>1|2", "cpu>90%|mem>90%"),
        ("cpu>=90", "cpu>=90%"),
        ("mem>90", "mem>90%"),
        ("!a or b", "!a|b"),
    ] {
        let told = query(wrong).unwrap_err().to_string();
        assert!(told.contains(cure), "{wrong}: {told}");
        assert!(query(cure).is_ok(), "{cure}");
    }
}
