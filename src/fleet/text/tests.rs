use super::*;
use proptest::prelude::*;

#[test]
fn ordinary_names_are_shown_unchanged() {
    for name in [
        "payment-api-667894bc4-nz5xj",
        "生产集群-1",
        "Überprüfung",
        "a b",
        "нода",
    ] {
        let text = RemoteText::name(name);
        assert_eq!(text.shown(), name);
        assert!(!text.is_altered(), "{name}");
    }
}

#[test]
fn characters_that_a_terminal_interprets_become_visible() {
    let cases = [
        ("a\x1b[31mb", "a\\u{1b}[31mb"),
        ("a\u{9b}31mb", "a\\u{9b}31mb"),
        ("a\x7fb", "a\\u{7f}b"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("a\u{202e}b", "a\\u{202e}b"),
        ("a\u{200b}\u{feff}\u{ad}b", "a\\u{200b}\\u{feff}\\u{ad}b"),
        ("a\u{2028}b", "a\\u{2028}b"),
        ("a\u{e0041}b", "a\\u{e0041}b"),
        ("a\u{3164}b", "a\\u{3164}b"),
        ("a\u{a0}b", "a\\u{a0}b"),
        ("a\u{fe0f}b", "a\\u{fe0f}b"),
        ("a\u{e000}b", "a\\u{e000}b"),
        ("\u{301}a", "\\u{301}a"),
        ("a\u{34f}b", "a\\u{34f}b"),
        ("\u{1780}\u{17b5}", "\u{1780}\\u{17b5}"),
        ("a\u{180b}\u{180f}", "a\\u{180b}\\u{180f}"),
        (
            "a\u{115f}\u{1160}\u{ffa0}\u{2800}b",
            "a\\u{115f}\\u{1160}\\u{ffa0}\\u{2800}b",
        ),
        ("a\u{e0100}\u{e0fff}b", "a\\u{e0100}\\u{e0fff}b"),
        ("👍\u{1f3fd}", "👍\\u{1f3fd}"),
        ("a\u{378}\u{ffff}b", "a\\u{378}\\u{ffff}b"),
        ("a\u{10fffd}b", "a\\u{10fffd}b"),
        ("\0", "\\u{0}"),
        // A letter in Unicode that has no width.
        ("가\u{1161}", "가\\u{1161}"),
    ];
    for (raw, shown) in cases {
        let text = RemoteText::name(raw);
        assert_eq!(text.shown(), shown);
        assert_eq!(text.raw(), raw);
        assert!(text.is_altered());
    }
}

#[test]
fn up_to_four_marks_on_a_base_are_shown() {
    let stacked = format!("e{}", "\u{301}".repeat(6));
    assert_eq!(
        RemoteText::name(&stacked).shown(),
        format!("e{}\\u{{301}}\\u{{301}}", "\u{301}".repeat(4))
    );
}

#[test]
fn a_long_text_is_cut_with_an_ellipsis() {
    let long = "x".repeat(NAME_CHARS + 1);
    let text = RemoteText::name(&long);
    assert_eq!(text.shown(), format!("{}…", "x".repeat(NAME_CHARS - 1)));
    let escaped = "\u{202e}".repeat(NAME_CHARS);
    assert_eq!(
        RemoteText::name(&escaped).shown(),
        format!("{}…", "\\u{202e}".repeat(31)),
        "the next escape would be the 257th character"
    );
    let exact = format!("{}\n", "x".repeat(NAME_CHARS - 2));
    assert!(RemoteText::name(&exact).shown().ends_with("x\\n"));
    let marked = format!("{}e\u{301}\u{301}", "x".repeat(NAME_CHARS - 2));
    assert_eq!(
        RemoteText::name(&marked).shown(),
        format!("{}e…", "x".repeat(NAME_CHARS - 2))
    );
    let cut = RemoteText::name(&"x".repeat(5000));
    assert_eq!(cut.raw(), format!("{}…", "x".repeat(NAME_CHARS - 1)));
    assert!(cut.is_altered() && cut.raw() == RemoteText::name(cut.raw()).raw());
    let message = RemoteText::message(&"é".repeat(5000));
    assert_eq!(message.raw().chars().count(), MESSAGE_CHARS);
    assert!(message.shown().ends_with("é…"));
    assert!(!RemoteText::name(&"x".repeat(NAME_CHARS)).is_altered());
}

#[test]
fn texts_that_look_alike_differ_by_their_raw_form() {
    use std::collections::HashSet;
    let (trick, text) = (RemoteText::name("a\u{202e}"), RemoteText::name("a\\u{202e}"));
    assert_eq!(trick.shown(), text.shown());
    assert_ne!(trick, text);
    assert_eq!(trick, RemoteText::message("a\u{202e}"));
    assert_eq!(
        trick.partial_cmp(&text),
        Some(Ordering::Greater),
        "by the raw form"
    );
    let hash = |text: &RemoteText| {
        let mut hasher = std::hash::DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish()
    };
    assert_ne!(hash(&trick), hash(&text));
    assert_eq!(hash(&text), hash(&RemoteText::name(text.raw())));
    assert_eq!(HashSet::from([trick.clone(), text, trick]).len(), 2);
}

#[test]
fn printing_uses_the_shown_form() {
    let text = RemoteText::name("a\u{1b}b");
    assert_eq!(format!("{text}"), "a\\u{1b}b");
    assert_eq!(format!("{text:>10}|{text:.1}"), "  a\\u{1b}b|a");
    assert_eq!(format!("{text:?}"), "\"a\\u{1b}b\"");
}

#[test]
fn kubernetes_names_are_recognised() {
    for name in ["a", "kube-system", "web-0", "a.b-c", "0", &"a".repeat(253)] {
        assert!(RemoteText::name(name).is_kubernetes_name(), "{name}");
    }
    for name in ["a", "kube-system", "0-0", &"a".repeat(63)] {
        assert!(RemoteText::name(name).is_kubernetes_label(), "{name}");
    }
    for name in ["", "a.b", "-a", "a-", "Default", &"a".repeat(64)] {
        assert!(!RemoteText::name(name).is_kubernetes_label(), "{name}");
    }
    for name in [
        "",
        "-a",
        "a-",
        "a..b",
        "a.-b",
        "a-.b",
        ".a",
        "a.",
        "A",
        "a_b",
        "payment\u{200b}",
        "рayment",
        &"a".repeat(254),
    ] {
        assert!(!RemoteText::name(name).is_kubernetes_name(), "{name}");
    }
}

/// Texts that a stranger could send: ordinary ones, and those full of characters that must be escaped.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<String>(),
        "[a-z0-9.-]{0,300}",
        "[\u{0}-\u{9f}]{0,40}",
        "[\u{300}-\u{36f}e]{0,40}",
        "[\u{200b}-\u{2069}\u{e0000}-\u{e01ef}\u{fe00}-\u{fe0f}a]{0,40}",
        "[\u{900}-\u{1900}\u{3131}-\u{3164}]{0,40}",
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 12_000))]

    #[test]
    fn the_shown_form_is_safe_and_limited(raw in hostile()) {
        for (text, limit) in [(RemoteText::name(&raw), NAME_CHARS), (RemoteText::message(&raw), MESSAGE_CHARS)] {
            let shown = text.shown();
            prop_assert!(shown.chars().count() <= limit);
            prop_assert!(unicode_width::UnicodeWidthStr::width(shown) <= 2 * limit);
            let mut marks = MARKS_PER_BASE;
            for character in shown.chars() {
                prop_assert!(is_mark(character) || is_plain(character), "{character:?}");
                marks = if is_mark(character) { marks + 1 } else { 0 };
                prop_assert!(marks <= MARKS_PER_BASE, "{shown:?}");
            }
            prop_assert_eq!(text.is_altered(), shown != raw);
        }
    }

    #[test]
    fn the_shown_form_of_a_shown_form_is_the_same(raw in hostile()) {
        let name = RemoteText::name(&raw);
        let again = RemoteText::name(name.shown());
        prop_assert_eq!(again.shown(), name.shown());
        let message = RemoteText::message(&raw);
        let again = RemoteText::message(message.shown());
        prop_assert_eq!(again.shown(), message.shown());
    }

    #[test]
    fn a_safe_text_is_shown_unchanged(raw in "[a-zA-Z0-9 ._/:-]{0,256}") {
        let text = RemoteText::name(&raw);
        prop_assert_eq!(text.shown(), raw);
        prop_assert!(!text.is_altered());
    }
}
