use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

const TOKEN: &str = "MIIGcanary+token/0123456789=abcdefghijklmnop";

fn redactor(secrets: &[&str]) -> Redactor {
    Redactor::of(secrets.iter().map(|secret| (*secret, "<x>")))
}

fn redacted(secrets: &[&str], text: &str) -> String {
    let bytes = redactor(secrets).redact(text.as_bytes());
    bytes.map_or_else(|| text.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
}

fn in_list(secrets: &[&str], json: &str) -> String {
    let bytes = redactor(secrets).redact_page(json.as_bytes());
    bytes.map_or_else(|| json.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn a_secret_is_taken_out_whole_or_cut() {
    for (text, left) in [
        (format!("bad token {TOKEN}!"), "bad token <x>!"),
        (format!("{TOKEN}{TOKEN}"), "<x>"),
        (format!("{TOKEN} {TOKEN}"), "<x> <x>"),
        (format!("begins {}…", TOKEN.get(..12).unwrap()), "begins <x>…"),
        (format!("begins {}…", TOKEN.get(..30).unwrap()), "begins <x>…"),
        (
            format!("ends …{}", TOKEN.get(TOKEN.len() - 12..).unwrap()),
            "ends …<x>",
        ),
        (format!("ends …{}.", TOKEN.get(9..).unwrap()), "ends …<x>."),
        (TOKEN.to_lowercase(), "<x>"),
        (
            TOKEN.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
            "<x>",
        ),
        (TOKEN.replace('/', "\\/"), "<x>"),
    ] {
        assert_eq!(redacted(&[TOKEN], &text), left, "{text}");
    }
    let basic = STANDARD.encode(format!("ops:{TOKEN}"));
    let left = redacted(&[TOKEN], &basic);
    assert!(left.contains("<x>") && left.len() < 12, "{left}");
}

#[test]
fn secrets_that_begin_alike_are_each_taken_out_whole() {
    let (one, other) = ("MIIG00000000abcdefghijkl", "MIIG00000000zyxwvutsrqpo");
    let renewed = "9876543210abcdefghijkl";
    for secrets in [[one, other, renewed], [renewed, other, one]] {
        assert_eq!(
            redacted(&secrets, &format!("{one}, {other}, {renewed}")),
            "<x>, <x>, <x>"
        );
    }
}

#[test]
fn less_than_a_fragment_and_other_texts_stay() {
    for text in [
        "",
        "nothing of it",
        TOKEN.get(..11).unwrap(),
        TOKEN.get(TOKEN.len() - 11..).unwrap(),
        TOKEN.get(14..26).unwrap(),
    ] {
        assert_eq!(redactor(&[TOKEN]).redact(text.as_bytes()), None, "{text}");
    }
    assert_eq!(redactor(&[]).redact(b"anything"), None);
}

#[test]
fn a_short_secret_is_looked_for_as_a_whole_only() {
    let secret = "123456789abcdef";
    assert_eq!(
        redacted(&[secret], secret.get(..14).unwrap()),
        secret.get(..14).unwrap()
    );
    assert_eq!(redacted(&[secret], &format!("x{secret}y")), "x<x>y");
    let longer = "123456789abcdefg";
    assert_eq!(redacted(&[longer], longer.get(..14).unwrap()), "<x>");
}

#[test]
fn each_secret_has_its_own_mark() {
    let pairs = [(TOKEN, "<token>"), ("HSTA0123456789ABCDEF", "HSTA…")];
    let redactor = Redactor::of(pairs.into_iter());
    let left = redactor.redact(format!("Access=HSTA0123456789ABCDEF, {TOKEN}").as_bytes());
    assert_eq!(left.unwrap(), "Access=HSTA…, <token>".as_bytes());
}

#[test]
fn a_password_that_looks_like_a_name_renames_no_pod() {
    for (secret, name) in [
        ("production", "production-1"),
        ("monitoring1", "monitoring1"),
        ("kubernetes-production", "kubernetes-prod"),
    ] {
        assert_eq!(
            in_list(&[secret], &format!("[\"{name}\"]")),
            format!("[\"{name}\"]")
        );
    }
    // Elsewhere it is taken out all the same.
    assert_eq!(
        redacted(&["production"], "the password production"),
        "the password <x>"
    );
    // What is long, or has a capital, is no name.
    assert_eq!(
        in_list(&["kubernetes-production"], "[\"kubernetes-production\"]"),
        "[\"<x>\"]"
    );
    assert_eq!(in_list(&["Production"], "[\"Production\"]"), "[\"<x>\"]");
    let long = "kubernetes-production-123";
    assert_eq!(
        in_list(&[long], &format!("[\"{}\"]", long.get(..12).unwrap())),
        "[\"<x>\"]"
    );
    assert_eq!(in_list(&["productionab"], "[\"productionab\"]"), "[\"<x>\"]");
}

#[test]
fn a_page_is_searched_through_its_escapes() {
    let escaped = TOKEN.replace('c', "\\u0063");
    let page = format!(r#"{{"total_num":1,"data_list":[{{"pod_name":"{escaped}","cpu":"1"}}]}}"#);
    let left: Value = serde_json::from_str(&in_list(&[TOKEN], &page)).unwrap();
    assert_eq!(left["data_list"][0]["pod_name"], "<x>");
    assert_eq!(
        (&left["data_list"][0]["cpu"], &left["total_num"]),
        (&"1".into(), &1.into())
    );
    // Another escape does not send it the slow way.
    assert_eq!(redactor(&[TOKEN]).redact_page(br#"{"a":"\"b\n\\"}"#), None);
    // A secret in a text that holds escapes itself does not make invalid JSON.
    let twice = serde_json::json!({ "a": TOKEN.replace('/', "\\/"), "b": format!("\\{TOKEN}") }).to_string();
    assert_eq!(in_list(&[TOKEN], &twice), r#"{"a":"<x>","b":"\\<x>"}"#);
    // What is no JSON is left to those who read it, without what is found as it stands.
    assert_eq!(in_list(&[TOKEN], &format!("\\n {TOKEN}")), "\\n <x>");
}

/// Every character escaped, those beyond the BMP as pairs, as Python and Java do.
fn all_escaped(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    units.collect::<Vec<_>>().concat()
}

#[test]
fn a_secret_written_in_surrogate_pairs_is_taken_out_of_a_page() {
    for secret in [
        "p\u{1f600}ss\u{1f511}w\u{1f600}rd\u{1f511}",
        "\u{1f600}Canary-password-0123456789",
    ] {
        let page = format!(r#"{{"data_list":[{{"pod_name":"{}"}}]}}"#, all_escaped(secret));
        assert_eq!(in_list(&[secret], &page), r#"{"data_list":[{"pod_name":"<x>"}]}"#);
    }
}

#[test]
fn a_value_that_a_parser_refuses_hides_no_escaped_secret() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for odd in [r#""\ud800""#, r#""\x""#, "\"\n\"", "NaN", "1e999", &deep] {
        let page = |text: &str| format!(r#"{{"cluster_id":{odd},"pod_name":"{text}"}}"#);
        assert_eq!(in_list(&[TOKEN], &page(&all_escaped(TOKEN))), page("<x>"));
    }
    let both = format!(r#"{{"pod_name":"\ud800{}"}}"#, all_escaped(TOKEN));
    assert_eq!(in_list(&[TOKEN], &both), "{\"pod_name\":\"\u{fffd}<x>\"}");
}

#[test]
fn a_line_of_the_log_stays_a_line_of_json() {
    let text = format!("{} \" \\{TOKEN}", TOKEN.replace('/', "\\/"));
    for line in [
        serde_json::json!({ "error": text }),
        serde_json::json!({ "error": TOKEN }),
    ] {
        let line = redactor(&[TOKEN])
            .redact_line(format!("{line}\n").as_bytes())
            .unwrap();
        assert_eq!(line.last(), Some(&b'\n'));
        let value: Value = serde_json::from_slice(&line).unwrap();
        let left = value["error"].as_str().unwrap();
        assert!(left == "<x> \" \\<x>" || left == "<x>", "{left}");
    }
    assert_eq!(redactor(&[TOKEN]).redact_line(b"{}\n"), None);
    // A password that could be a pod's name is none in a log.
    assert!(
        redactor(&["production"])
            .redact_line(b"{\"x\":\"production\"}\n")
            .is_some()
    );
}

#[test]
fn escapes_at_the_end_of_a_page_end_the_search() {
    for (json, plain) in [
        (&br"a\u0041b"[..], &b"aAb"[..]),
        (br"a\/b", b"a/b"),
        (br"a\\b", br"a\b"),
        (br"a\", br"a\"),
        (br"\u00", br"\u00"),
        (br"\u00zz9", br"\u00zz9"),
        (br"\x\n", b"\\x\n"),
        (br"\ud83d\ude00", "\u{1f600}".as_bytes()),
        (br"\ud83dA", "\u{fffd}A".as_bytes()),
    ] {
        assert_eq!(unescaped(json), plain);
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 5_000))]

    /// Whatever stands around a secret, neither it nor its start nor its end is left.
    #[test]
    fn nothing_of_a_secret_is_left(
        secret in "[A-Za-z0-9+/=!ж\"\\\\-]{16,60}",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
        cut in 12_usize..60,
    ) {
        let characters: Vec<char> = secret.chars().collect();
        let cut = cut.min(characters.len());
        let start: String = characters[..cut].iter().collect();
        let end: String = characters[characters.len() - cut..].iter().collect();
        for part in [&secret, &start, &end] {
            let left = redacted(&[&secret], &format!("{before}{part}{after}"));
            prop_assert!(!left.contains(part.as_str()), "{left}");
            prop_assert!(left.contains("<x>"));
        }
    }
}
