use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use serde_json::Value;

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
fn a_complete_or_cut_secret_is_redacted() {
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
fn secrets_that_begin_alike_are_each_redacted_completely() {
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
fn a_short_secret_is_only_redacted_as_a_unit() {
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
    // Elsewhere it is redacted all the same.
    assert_eq!(
        redacted(&["production"], "the password production"),
        "the password <x>"
    );
    // A long text, or one with a capital, is not a name.
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
fn escapes_hide_no_secret_in_a_page() {
    let escaped = TOKEN.replace('c', "\\u0063");
    let page = format!(r#"{{"total_num":1,"data_list":[{{"pod_name":"{escaped}","cpu":"1"}}]}}"#);
    let left: Value = serde_json::from_str(&in_list(&[TOKEN], &page)).unwrap();
    assert_eq!(left["data_list"][0]["pod_name"], "<x>");
    assert_eq!(
        (&left["data_list"][0]["cpu"], &left["total_num"]),
        (&"1".into(), &1.into())
    );
    // An escape alone changes nothing.
    assert_eq!(redactor(&[TOKEN]).redact_page(br#"{"a":"\"b\n\\"}"#), None);
    // A secret in a text that holds escapes itself does not make invalid JSON.
    let twice = serde_json::json!({ "a": TOKEN.replace('/', "\\/"), "b": format!("\\{TOKEN}") }).to_string();
    assert_eq!(in_list(&[TOKEN], &twice), r#"{"a":"<x>","b":"\\<x>"}"#);
    // Text that is not JSON is only searched as it is.
    assert_eq!(in_list(&[TOKEN], &format!("\\n {TOKEN}")), "\\n <x>");
}

/// Escapes every character, those beyond the BMP as pairs, like Python and Java.
fn all_escaped(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    units.collect::<Vec<_>>().concat()
}

#[test]
fn a_secret_written_in_surrogate_pairs_is_redacted_in_a_page() {
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
    assert_eq!(in_list(&[TOKEN], &both), r#"{"pod_name":"\ud800<x>"}"#);
}

#[test]
fn a_redacted_log_line_stays_json() {
    let text = format!("{} \" \\{TOKEN}", TOKEN.replace('/', "\\/"));
    for line in [
        serde_json::json!({ "error": text }),
        serde_json::json!({ "error": TOKEN }),
    ] {
        let line = redactor(&[TOKEN]).redact(format!("{line}\n").as_bytes()).unwrap();
        assert_eq!(line.last(), Some(&b'\n'));
        let value: Value = serde_json::from_slice(&line).unwrap();
        let left = value["error"].as_str().unwrap();
        assert!(left == "<x> \" \\<x>" || left == "<x>", "{left}");
    }
    assert_eq!(redactor(&[TOKEN]).redact(b"{}\n"), None);
    // A password that could be a pod's name is redacted in a log.
    assert!(
        redactor(&["production"])
            .redact(b"{\"x\":\"production\"}\n")
            .is_some()
    );
}

/// A password with characters that libraries escape differently, and with what looks like an escape.
const ODD: &str = "canary P@ss'w<o>r&d/+2026(x)*!\\n\"=é%";

/// Percent-encodes all but letters, digits and `kept`.
fn percent(text: &str, kept: &str) -> String {
    let encoded = |byte: u8| match char::from(byte) {
        character if character.is_ascii_alphanumeric() || kept.contains(character) => character.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

/// Writes every character that is neither a letter nor a digit with `write`.
fn each(text: &str, write: impl Fn(u32) -> String) -> String {
    let written = |character: char| match character {
        _ if character.is_ascii_alphanumeric() => character.to_string(),
        _ => write(u32::from(character)),
    };
    text.chars().map(written).collect()
}

fn folded(text: &str, columns: usize, by: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let lines: Vec<String> = characters
        .chunks(columns)
        .map(|line| line.iter().collect())
        .collect();
    lines.join(by)
}

fn json(text: &str) -> String {
    Value::from(text).to_string().trim_matches('"').to_owned()
}

fn writings(secret: &str) -> Vec<(&'static str, String)> {
    let html = |number: fn(u32) -> String| each(secret, number);
    vec![
        ("as it is", secret.to_owned()),
        ("RFC 3986", percent(secret, "-_.~")),
        (
            "RFC 3986 in lower case",
            percent(secret, "-_.~")
                .replace("%C3", "%c3")
                .replace("%2F", "%2f"),
        ),
        ("encodeURIComponent", percent(secret, "-_.!~*'()")),
        ("encodeURI", percent(secret, ";,/?:@&=+$-_.!~*'()#")),
        ("Python's quote", percent(secret, "/_.-~")),
        ("a form", percent(secret, "*-._ ").replace(' ', "+")),
        ("percent-encoded twice", percent(&percent(secret, ""), "")),
        ("JSON", json(secret)),
        ("JSON with slashes", json(secret).replace('/', "\\/")),
        (
            "JSON of Go",
            json(secret)
                .replace('&', "\\u0026")
                .replace('<', "\\u003c")
                .replace('>', "\\u003e"),
        ),
        ("JSON of ASCII", all_escaped(secret)),
        ("JSON in JSON", json(&json(secret))),
        ("JSON in JSON in JSON", json(&json(&json(secret)))),
        ("JSON of a query", json(&percent(secret, "/"))),
        ("a query of JSON", percent(&json(secret), "")),
        ("a query of JSON in JSON", percent(&json(&json(secret)), "")),
        (
            "JSON in JSON in a query in JSON",
            json(&percent(&json(&json(secret)), "")),
        ),
        (
            "Python's repr",
            secret.replace('\\', "\\\\").replace('é', "\\xc3\\xa9"),
        ),
        (
            "HTML",
            secret
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;"),
        ),
        (
            "HTML of Python",
            secret
                .replace('&', "&amp;")
                .replace('\'', "&#x27;")
                .replace('"', "&quot;"),
        ),
        (
            "HTML of Go",
            secret
                .replace('&', "&amp;")
                .replace('\'', "&#39;")
                .replace('"', "&#34;")
                .replace('+', "&#43;"),
        ),
        ("HTML in decimals", html(|code| format!("&#{code};"))),
        ("HTML with zeros", html(|code| format!("&#{code:05};"))),
        ("HTML in hexadecimals", html(|code| format!("&#x{code:x};"))),
        (
            "HTML in capitals with zeros",
            html(|code| format!("&#X{code:06X};")),
        ),
        ("folded", folded(secret, 7, "\n")),
        ("a folded header", folded(secret, 11, "\r\n\t")),
    ]
}

#[test]
fn a_secret_is_redacted_in_every_encoding_in_texts_and_lists() {
    for secret in [
        ODD,
        TOKEN,
        "canarySK0123456789ABCDEFGHIJ0123456789ab",
        "canary%41P%2Bss-&amp;0123456789",
        "\u{1f600}Canary-p&ssword+2026",
    ] {
        for (name, written) in writings(secret) {
            let text = format!("before, {written}, after");
            assert_eq!(redacted(&[secret], &text), "before, <x>, after", "{name}: {text}");
            let page = serde_json::json!({ "pod_name": text, "cpu": "1" }).to_string();
            let left: Value = serde_json::from_str(&in_list(&[secret], &page)).unwrap();
            assert_eq!(
                left,
                serde_json::json!({ "pod_name": "before, <x>, after", "cpu": "1" }),
                "{name}: {page}"
            );
        }
    }
}

#[test]
fn folded_or_escaped_base64_is_redacted() {
    let secret = format!("{TOKEN}{TOKEN}-0123456789");
    for before in ["", "ops:", "a:"] {
        let encoded = STANDARD.encode(format!("{before}{secret}"));
        for written in [
            encoded.clone(),
            folded(&encoded, 64, "\n"),
            folded(&encoded, 76, "\r\n"),
            folded(&encoded, 70, "\r\n "),
            percent(&encoded, ""),
            json(&folded(&encoded, 76, "\n")),
            all_escaped(&encoded),
        ] {
            let left = redacted(&[&secret], &written);
            let rest = left.replace("<x>", "");
            assert!(left.contains("<x>") && rest.len() <= 9 * 6, "{written}: {left}");
        }
    }
}

#[test]
fn a_middle_part_of_a_long_secret_is_redacted_and_one_of_a_short_secret_stays() {
    let four = |at: u32| format!("{:04X}", at.wrapping_mul(40_503) & 0xffff);
    let long = (0..100).map(four).collect::<Vec<String>>().concat();
    let part = long.get(201..217).unwrap();
    let page = format!(r#"{{"pod_name":"a {part} z"}}"#);
    assert_eq!(redacted(&[&long], &format!("a {part} z")), "a <x> z");
    assert_eq!(
        redacted(&[&long], &format!("a {} z", folded(part, 5, "\n "))),
        "a <x> z"
    );
    assert_eq!(
        redacted(&[&long], &format!("a {} z", all_escaped(part))),
        "a <x> z"
    );
    assert_eq!(in_list(&[&long], &page), r#"{"pod_name":"a <x> z"}"#);
    let fifteen = long.get(201..216).unwrap();
    assert_eq!(redacted(&[&long], fifteen), fifteen);
    let short = long.get(..100).unwrap();
    let middle = long.get(30..60).unwrap();
    assert_eq!(redacted(&[short], middle), middle);
}

#[test]
fn foreign_tokens_are_redacted_and_a_name_like_secret_of_24_characters_by_its_start() {
    let text = format!("{TOKEN}, X-Auth-Token: MIIGsomebody0123456789abc");
    assert_eq!(redacted(&[TOKEN], &text), format!("<x>, X-Auth-Token: {MARK}"));
    assert_eq!(
        in_list(&["kubernetes-production-12"], "[\"kubernetes-p\"]"),
        "[\"<x>\"]"
    );
    assert_eq!(
        in_list(&["kubernetes-production-1"], "[\"kubernetes-p\"]"),
        "[\"kubernetes-p\"]"
    );
}

#[test]
fn an_escape_before_the_secret_leaves_valid_json() {
    let secret = "naive-secret-u0041-0123456789";
    for text in [
        format!("\n{secret}"),
        format!("\\{secret}"),
        format!("\"{secret}\""),
    ] {
        let line = serde_json::json!({ "error": text }).to_string();
        let left = redactor(&[secret]).redact(line.as_bytes()).unwrap();
        let value: Value = serde_json::from_slice(&left).unwrap();
        let left = value["error"].as_str().unwrap();
        assert!(left.contains("<x>") && !left.contains("secret"), "{left}");
    }
    // In JSON this backslash escapes the first letter of the secret.
    let odd = format!(r#"{{"error":"a\{secret}"}}"#);
    let left = redactor(&[secret]).redact(odd.as_bytes()).unwrap();
    assert!(serde_json::from_slice::<Value>(&left).is_ok());
}

/// The secrets that a program may have at once.
const SECRETS: [&str; 4] = [TOKEN, ODD, "HSTACANARY0123456789", "production-pass"];

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 1_500))]

    /// Names of honest pods stay, however they are encoded.
    #[test]
    fn ordinary_pods_stay_as_they_are(
        names in prop::collection::vec("[a-z]([a-z0-9-]{0,40}[a-z0-9])?-[a-f0-9]{8,10}-[a-z0-9]{5}", 1..8),
        namespace in "(kube-system|monitoring|production|[a-z]{3,12})",
        image in "swr[.]cn-north-4[.]myhuaweicloud[.]com/[a-z]{2,8}/[a-z-]{3,20}:v[0-9][.][0-9]{1,2}[.][0-9]",
        odd in "[ -~]{0,40}",
        pretty in any::<bool>(),
    ) {
        let long = "MIIGmiddle/Token+0123456789=".repeat(9);
        let secrets: Vec<&str> = SECRETS.into_iter().chain([long.as_str()]).collect();
        let pods: Vec<Value> = names.iter().map(|name| serde_json::json!({
            "pod_name": name, "namespace_name": namespace, "image": image, "label": odd, "cpu": "500m",
            "url": format!("https://{name}.{namespace}.svc/a%20b?c=d&amp;e=f+g"), "create_time": 1_764_374_400_000_u64,
        })).collect();
        let page = serde_json::json!({ "total_num": pods.len(), "data_list": pods });
        let page = if pretty { serde_json::to_string_pretty(&page).unwrap() } else { page.to_string() };
        let redactor = redactor(&secrets);
        prop_assert_eq!(redactor.redact_page(page.as_bytes()), None);
        prop_assert_eq!(redactor.redact(page.as_bytes()), None);
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 1_500))]

    /// Whatever surrounds a secret, neither it nor its start nor its end is left.
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

/// A part of a secret may end within a character, where the text and the secret have alike bytes.
#[test]
fn no_half_of_a_character_stays() {
    let secret = "canary-passwé-0123456789";
    assert_eq!(redacted(&[secret], "a canary-passwè z"), "a <x> z");
    let secret = "0123456789-ècanary-passw";
    assert_eq!(redacted(&[secret], "a Ĩcanary-passw z"), "a <x> z");
    assert_eq!(
        redacted(&[secret], "Ĩcanary-passw"),
        "<x>",
        "at the start of the text"
    );
}
