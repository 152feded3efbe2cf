use super::*;

#[test]
fn a_protected_secret_is_redacted_in_every_kind_of_text() {
    let secret = "Registry/canary+91af-0123456789";
    assert_eq!(redact(&format!("a {secret} b")), format!("a {secret} b"));
    protect(&format!(" {secret}\n"));
    assert_eq!(redact(&format!("a {secret} b")), "a ‹secret› b");
    assert_eq!(*redact_line(secret.as_bytes()), *MARK.as_bytes());
    let page = format!("{{\"x\":\"{secret}\"}}");
    assert_eq!(redact_page(page), "{\"x\":\"‹secret›\"}");
    assert_eq!(redact_page("{}".to_owned()), "{}");
    assert_eq!(*redact_line(b"a line"), *b"a line");
}

#[test]
fn an_access_key_keeps_its_first_four_characters() {
    protect_access_key("RGSTRYCANARY00000001");
    assert_eq!(redact("Access=RGSTRYCANARY00000001,"), "Access=RGST…,");
}

#[test]
fn a_word_shorter_than_any_secret_stays() {
    protect("runnin7");
    assert_eq!(redact("runnin7"), "runnin7");
    protect("runnin78");
    assert_eq!(redact("runnin78"), MARK);
}

#[test]
fn the_registry_is_bounded_and_forgets_the_least_recently_used_secret() {
    let mut secrets = VecDeque::new();
    for number in 0..MOST_SECRETS {
        assert!(note(&mut secrets, &format!("secret-{number}"), MARK.to_owned()));
    }
    assert!(!note(&mut secrets, "secret-0", MARK.to_owned()), "in use again");
    assert!(note(&mut secrets, "another", MARK.to_owned()));
    let texts: Vec<&str> = secrets.iter().map(|it| it.text.expose_secret()).collect();
    assert_eq!(texts.len(), MOST_SECRETS);
    assert!(texts.contains(&"secret-0") && !texts.contains(&"secret-1"));
}

#[test]
fn a_foreign_token_is_redacted_after_a_known_word() {
    let said = "the caller sent X-Auth-Token: MIIGsomebody0123456789abc, which ended";
    assert_eq!(
        redact(said),
        "the caller sent X-Auth-Token: ‹secret›, which ended"
    );
    let line = br#"{"error":"Authorization: Bearer eyJhbGciOi.J9.0123456789"}"#;
    assert_eq!(
        *redact_line(line),
        *r#"{"error":"Authorization: Bearer ‹secret›"}"#.as_bytes()
    );
}

#[test]
fn a_text_that_is_shorter_than_any_secret_is_clean_and_one_of_its_length_is_looked_at() {
    let shortest = "7K-94s_2";
    protect(shortest);
    let search = HeldSearch::now();
    assert!(!search.is_clean(shortest.as_bytes()) && !is_clean(shortest.as_bytes()));
    for text in ["", "250m", "512Mi", "7K-94s_", "K-94s_2"] {
        assert!(search.is_clean(text.as_bytes()), "{text}");
        assert_eq!(redact(text), text);
    }
}

#[test]
fn a_word_without_separators_is_clean_as_any_text_is() {
    let secret = "Word/canary-5521";
    protect(secret);
    let search = HeldSearch::now();
    for text in [
        secret,
        "a-Word/canary-5521",
        "payment-7d9f6c5b8-x2x9q",
        "183m",
        "Word/ca",
    ] {
        assert!(!text.bytes().any(|byte| SEPARATORS.contains(&byte)));
        assert_eq!(
            search.is_clean_word(text.as_bytes()),
            search.is_clean(text.as_bytes()),
            "{text}"
        );
    }
    assert!(!search.is_clean_word(secret.as_bytes()));
    assert!(
        HeldSearch::default().is_clean_word(secret.as_bytes()),
        "it knows none"
    );
}
