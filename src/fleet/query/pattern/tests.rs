use super::*;
use proptest::prelude::*;

fn phrase(phrase: &str, text: &str, matching: Matching) -> bool {
    Phrase::new(phrase).occurs_in(text, matching)
}

fn regex(source: &str, text: &str) -> bool {
    Pattern::Regex(Expression::compile(source).unwrap()).matches(text, Matching::Part)
}

#[test]
fn a_part_may_occur_anywhere() {
    for (part, text) in [
        ("PAY", "payments"),
        ("产-ü", "生产-Ü"),
        ("σ", "ΑΣ"),
        ("ß", "straße"),
    ] {
        assert!(phrase(part, text, Matching::Part), "{part}");
    }
    assert!(!phrase("pays", "payments", Matching::Part));
}

#[test]
fn a_word_begins_where_no_other_goes_on_and_may_go_on_itself() {
    let cases = [
        ("failed", "Failed"),
        ("f", "Failed"),
        ("FAIL", "Failed"),
        ("un", "undetected"),
        ("except", "protection_exception"),
        ("cce", "cce2"),
        ("exception", "protection_exception"),
        ("self_built", "self_built_hw"),
        ("a b", "xa b_a b"),
        ("ab", "xab_ab"),
        ("not scanned", "not scanned"),
    ];
    for (word, text) in cases {
        assert!(phrase(word, text, Matching::WordStart), "{word}");
    }
    let cases = [
        ("detected", "undetected"),
        ("clean", "unclean"),
        ("unning", "Running"),
        ("2", "cce2"),
        ("scanned", "not scanned"),
        ("scanned", "not-scanned"),
        ("failed!", "Failed"),
        ("x", ""),
    ];
    for (word, text) in cases {
        assert!(!phrase(word, text, Matching::WordStart), "{word}");
    }
}

#[test]
fn a_glob_matches_the_complete_text() {
    let cases = [
        ("prod*", "Prod-a", true),
        ("prod*", "preprod", false),
        ("*prod*", "preprod-1", true),
        ("web-?", "web-1", true),
        ("web-?", "web-12", false),
        ("*", "", true),
        ("?", "", false),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXbYbZ", false),
        ("产?", "产品", true),
    ];
    for (glob, text, fits) in cases {
        assert_eq!(Glob::new(glob).fits(text), fits, "{glob} {text}");
    }
}

#[test]
fn an_expression_with_an_upper_case_letter_is_case_sensitive() {
    assert!(regex("^api-[0-9]+$", "API-12"));
    assert!(!regex("^Api", "api"));
    assert!(regex(r"^\Wx\S$", "-XY"));
    assert!(regex("(?i)Api", "api"));
    assert!(regex(r"a\/b", "a/b"));
}

#[test]
fn an_invalid_expression_has_a_position() {
    let bad = |source: &str| Expression::compile(source).unwrap_err();
    assert_eq!(
        bad("a(b"),
        BadExpression {
            range: 1..2,
            reason: "unclosed group".to_owned()
        }
    );
    assert_eq!(bad("ab[z-a]").range, 3..6);
    let unknown = bad(r"a\p{Foo}");
    assert_eq!(
        (unknown.range, unknown.reason.as_str()),
        (1..8, "Unicode property not found")
    );
    assert_eq!(bad(r"(\w{100}){100}").reason, "too large once compiled");
    assert!(bad(&"x".repeat(MAX_REGEX_BYTES + 1)).reason.starts_with("longer"));
    assert!(Expression::compile(&"x".repeat(MAX_REGEX_BYTES)).is_ok());
}

#[test]
fn expressions_with_the_same_source_are_equal() {
    let expression = |source| Expression::compile(source).unwrap();
    assert_eq!(expression("^a+$"), expression("^a+$"));
    assert_ne!(expression("^a+$"), expression("^b+$"));
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 20_000))]

    #[test]
    fn any_text_is_an_expression_or_an_error_with_a_position(
        source in prop_oneof![any::<String>(), r"[aé()\[\]{}|?*+^:<P>&\\pLdu0-9, -]{0,12}"],
    ) {
        if let Err(bad) = Expression::compile(&source) {
            prop_assert!(source.get(bad.range).is_some());
        }
    }

    #[test]
    fn a_glob_agrees_with_its_expression(glob in "[ab*?]{0,6}", text in "[abc]{0,8}") {
        let expression = format!("^{}$", glob.replace('*', ".*").replace('?', "."));
        prop_assert_eq!(Glob::new(&glob).fits(&text), regex(&expression, &text));
    }

    #[test]
    fn a_piece_of_a_text_occurs_in_it(before in any::<String>(), piece in ".+", after in any::<String>()) {
        let text = [before, piece.clone(), after].concat();
        prop_assert!(phrase(&piece, &text, Matching::Part));
    }

    #[test]
    fn what_a_word_finds_is_found_while_it_is_typed(
        word in "[a-cß_ .0-1]{1,6}",
        text in "[a-cA-Cßẞ_ .0-1]{0,12}",
    ) {
        if phrase(&word, &text, Matching::WordStart) {
            prop_assert!(phrase(&word, &text, Matching::Part));
            let mut typed = String::new();
            for character in word.chars() {
                typed.push(character);
                prop_assert!(phrase(&typed, &text, Matching::WordStart), "{}", typed);
            }
        }
    }
}
