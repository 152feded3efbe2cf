//! Which changes pass which filter.

use super::*;
use crate::fleet::Field;
use crate::fleet::Fleet;
use crate::fleet::changes::ChangeKind;
use crate::fleet::fixture::serverless;
use crate::fleet::quantity::{Measure, Quantity};
use proptest::prelude::*;

fn now() -> Timestamp {
    Timestamp::from_second(1_760_000_000).unwrap()
}

fn pod() -> Pod {
    serverless("api-1").within("prod-pay", "payments").build()
}

fn parse(text: &str) -> Result<ChangeQuery, ParseError> {
    ChangeQuery::parse_among(text, &Fleet::default())
}

/// Whether a change that was seen half an hour ago passes.
fn lets_through(text: &str, kind: &ChangeKind) -> bool {
    let change = Change {
        noticed: now().checked_sub(SignedDuration::from_mins(30)).ok(),
        ..Change::of(&pod(), kind.clone())
    };
    parse(text).unwrap().passes(&change, &pod(), now())
}

#[track_caller]
fn check(kind: &ChangeKind, pass: &[&str], fail: &[&str]) {
    for text in pass {
        assert!(lets_through(text, kind), "should pass: {text}");
    }
    for text in fail {
        assert!(!lets_through(text, kind), "should not pass: {text}");
    }
}

#[test]
fn a_change_is_found_by_what_changed_from_what_to_what() {
    check(
        &ChangeKind::Detection(Detection::Undetected.into(), Detection::Risk.into()),
        &[
            "",
            "changed:detect",
            "changed:scan",
            "changed:status,detection",
            "changed:status changed:detect",
            "from:not-scanned to:risk",
            "from:undetected",
            "from:\"not scanned\"",
            "to:clean|risk",
            "!changed:status",
            "!to:clean",
            "TO:RI",
            "changed:detect to:risk ns:payments api",
        ],
        &[
            "changed:status",
            "to:clean",
            "from:risk",
            "!changed:detect",
            "changed:detect to:clean",
            "changed:detect ns:search",
            "!ns:payments",
        ],
    );
}

#[test]
fn a_change_is_found_by_how_long_ago_it_was_seen() {
    let gone = ChangeKind::Vanished;
    check(
        &gone,
        &[
            "changed:1h",
            "changed:gone changed:1h",
            "to:gone",
            "from:none",
            "!changed:10m",
        ],
        &["changed:10m", "changed:new changed:1h", "!changed:1h", "to:new"],
    );
    assert!(parse("changed:1h").unwrap().asks_for_time() && !parse("to:gone").unwrap().asks_for_time());
}

#[test]
fn thresholds_and_limits_are_found_by_their_words() {
    check(
        &ChangeKind::MemoryThreshold(Pressure::Critical, Pressure::Calm),
        &["changed:mem", "from:critical to:calm"],
        &["changed:cpu", "to:warn"],
    );
    let limit = |text: &str| Quantity::read(text, Measure::Memory).into();
    check(
        &ChangeKind::LimitChanged(Measure::Memory, Field::Absent, limit("512Mi")),
        &["changed:limit", "from:none to:512Mi"],
        &["to:none", "to:1Gi"],
    );
}

#[test]
fn what_is_not_understood_says_what_could_be_meant() {
    for (text, at, said) in [
        (
            "changed:colour",
            "colour",
            "changed: takes status, protect, detect",
        ),
        ("ns:a to:", "", "to: takes Pending, Running"),
        ("to:purple", "purple", "or an amount"),
        (
            "changed:status from:clean",
            "from:clean",
            "from: can only be Pending, Running",
        ),
        (
            "to:risk changed:status",
            "to:risk",
            "to: can only be Pending, Running",
        ),
        ("from:clean or to:risk", "or", "OR is |"),
        ("from:clean and api", "and", "a space is AND"),
        ("to:\"risk\"x", "x", "a space is missing"),
        ("to:risk colour:red", "colour", "no such column"),
        ("from:clean \"open", "\"open", "not closed"),
        ("to:risk status:Purple", "Purple", "status can only be"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(text.get(error.range.clone()), Some(at), "{text}");
        assert!(error.to_string().contains(said), "{text}: {error}");
    }
}

#[test]
fn a_bare_word_finds_what_a_row_shows_or_a_name_of_the_pod() {
    check(
        &ChangeKind::Vanished,
        &["gone", "GONE api", "payments"],
        &["appeared", "!api", "gone search"],
    );
    check(&ChangeKind::Appeared, &["appeared"], &["gone"]);
    check(
        &ChangeKind::Detection(Detection::Undetected.into(), Detection::Risk.into()),
        &["risk", "scanned", "api-1 risk"],
        &["failed", "\"risk\"", "!api risk"],
    );
    check(
        &ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Critical),
        &["memory"],
        &["cpu"],
    );
    assert!(!parse("gone").unwrap().is_empty());
    for (text, at) in [
        ("changed:status,detect from:clean", "any kind"),
        ("!to:risk changed:status", ""),
    ] {
        assert!(parse(text).is_ok(), "{text} {at}");
    }
}

#[test]
fn our_columns_within_quotes_and_expressions_are_texts() {
    for text in ["\"a from:clean\"", "/x to:y/", "pod:\"to:risk\"", "ns:/a from:b/"] {
        let query = parse(text).unwrap();
        assert_eq!(query.tests, [], "{text}");
        assert!(!query.pods().is_empty(), "{text}");
    }
}

#[test]
fn columns_and_values_are_completed() {
    assert_eq!(complete_change("ch"), ["changed:"]);
    assert_eq!(complete_change("to:ri"), ["to:risk", "to:risk-scanning"]);
    assert_eq!(complete_change("!from:clean,bro"), ["!from:clean,broken"]);
    assert_eq!(complete_change("ns:a"), Vec::<String>::new());
    assert!(complete_change("changed:").len() > 5);
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 20_000))]

    /// Any text is accepted, or refused with a place in the text.
    #[test]
    fn any_text_is_a_filter_or_an_error(text in "(from:|to:|changed:|!|\"|/|[a-z,|: \u{e9}\\\\]){0,12}") {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.range.clone()).is_some(), "{:?}", error);
        }
    }
}
