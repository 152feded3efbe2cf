//! How to show values that may hold a secret by mistake.
//!
//! Operators paste tokens where a path or a region belongs, and write passwords into URLs. So an invalid
//! value is shortened, a URL is shown without its user, and a path is shown only if it looks like one. Must
//! not: know which value it is.

use std::borrow::Cow;
use std::path::Path;

use super::{MARK, SHORTEST};

/// How many characters of the start may be shown.
const SEEN: usize = 4;
/// The longest component of a path in real life, in characters; a secret may be longer.
const LONGEST_COMPONENT: usize = 64;

/// An access key or a similar id as it may be shown: its first four characters.
pub fn masked(value: &str) -> String {
    let start: String = value.chars().take(SEEN).collect();
    format!("{start}…")
}

/// An invalid value: its first four characters and its length. A value shorter than any secret is shown in
/// full.
pub fn shortened(value: &str) -> String {
    let length = value.chars().count();
    if length < SHORTEST {
        return value.to_owned();
    }
    format!("{} ({length} characters)", masked(value))
}

/// A value with the user and the password of every URL in it replaced.
pub fn without_userinfo(value: &str) -> Cow<'_, str> {
    let mut parts = value.split("://");
    let first = parts.next().unwrap_or_default();
    let shown = parts.fold(first.to_owned(), |shown, part| {
        // A password may hold a `/` or a `?` that should have been encoded, so the last `@` counts.
        match part.rsplit_once('@') {
            Some((_, host)) => format!("{shown}://{MARK}@{host}"),
            None => format!("{shown}://{part}"),
        }
    });
    if shown == value {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(shown)
    }
}

/// A value that should be a URL. Without a scheme it may still have a user, and without a dot it is not a
/// host.
pub fn url(value: &str) -> String {
    match value.rsplit_once('@') {
        _ if value.contains("://") => without_userinfo(value).into_owned(),
        Some((_, host)) => format!("{MARK}@{host}"),
        None if value.contains('.') => value.to_owned(),
        None => shortened(value),
    }
}

/// Endings of file names that an operator may pass to hss-top. No secret ends with one of them.
const ENDINGS: [&str; 12] = [
    "cer", "conf", "crt", "csv", "ini", "json", "key", "log", "pem", "toml", "txt", "yaml",
];

/// A value that should be a path: in full if the file exists, or if it begins or ends like a path, else shortened.
pub fn path(value: &str) -> String {
    if is_path(value) || ends_like_a_file(value) || Path::new(value).exists() {
        value.to_owned()
    } else {
        shortened(value)
    }
}

fn is_path(value: &str) -> bool {
    let begins = ["/", "./", "../", "~/"]
        .iter()
        .any(|start| value.starts_with(start));
    let odd = |character: char| matches!(character, '+' | '=') || character.is_control();
    begins
        && !value.contains(odd)
        && value
            .split('/')
            .all(|part| part.chars().count() <= LONGEST_COMPONENT)
}

/// Whether a value is a short name with one of the [`ENDINGS`]. Tokens have dots too, but more than one, or another end.
fn ends_like_a_file(value: &str) -> bool {
    let name = value.rsplit_once('/').map_or(value, |(_, name)| name);
    let ending = name.split_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
        && value.chars().count() <= LONGEST_COMPONENT
        && !value.contains(|character: char| matches!(character, '+' | '=') || character.is_control())
}

/// The password of a URL, still encoded.
pub fn password_of(url: &str) -> Option<&str> {
    let (userinfo, _) = url.rsplit_once('@')?;
    let userinfo = userinfo.split_once("://").map_or(userinfo, |(_, rest)| rest);
    let (_, password) = userinfo.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_wrong_form_shows_four_characters_and_its_length() {
        assert_eq!(shortened("MIIGcanary-token"), "MIIG… (16 characters)");
        assert_eq!(shortened("12345678"), "1234… (8 characters)");
        assert_eq!(shortened("soon"), "soon");
        assert_eq!(shortened("1234567"), "1234567");
        assert_eq!(shortened("жжжжжжжж"), "жжжж… (8 characters)");
    }

    #[test]
    fn no_user_of_a_url_is_shown() {
        for (value, shown) in [
            ("http://u:canary@host:1/p", "http://‹secret›@host:1/p"),
            ("https://canary@host", "https://‹secret›@host"),
            ("http://u:can/ar?y#x@y@host", "http://‹secret›@host"),
            ("https://a, http://u:canary@b", "https://a, http://‹secret›@b"),
            (
                "http://u:canary@a,https://v:canary@b",
                "http://‹secret›@a,https://‹secret›@b",
            ),
            ("https://host/p", "https://host/p"),
            ("a.url", "a.url"),
            ("", ""),
        ] {
            assert_eq!(without_userinfo(value), shown);
            assert_eq!(url(value), shown);
        }
        assert_eq!(url("MIIGcanary"), "MIIG… (10 characters)");
        assert_eq!(url("u:canary@host"), "‹secret›@host");
        assert_eq!(
            url("hss.example.com"),
            "hss.example.com",
            "a host without a scheme"
        );
        assert_eq!(without_userinfo("a@b"), "a@b", "no URL at all");
    }

    #[test]
    fn a_path_is_shown_if_it_looks_like_one() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for whole in [
            here,
            "/etc/no such file",
            "./token",
            "../a/b",
            "~/token",
            "a.txt",
            "no-such-file.toml",
            "conf/no-such-file.pem",
        ] {
            assert_eq!(path(whole), whole);
        }
        let long = format!("/{}", "a".repeat(65));
        for secret in [
            "MIIGcanary-token",
            "canary/canary",
            "canary/canary.canary.json",
            "canary+canary.json",
            "canarycanary.canary",
            "/canary+canary",
            "/canary=canary",
            &long,
        ] {
            assert!(path(secret).ends_with(" characters)"), "{secret}");
        }
        assert_eq!(path(&format!("/{}", "a".repeat(64))).len(), 65);
        let name = |letters| format!("{}.json", "a".repeat(letters));
        assert_eq!(path(&name(59)), name(59));
        assert!(path(&name(60)).ends_with("… (65 characters)"));
    }

    #[test]
    fn the_password_of_a_url_is_found() {
        for (url, password) in [
            ("http://u:p%40w@host", Some("p%40w")),
            ("u:p@host", Some("p")),
            ("http://u:a:b@c@host", Some("a:b@c")),
            ("http://u@host", None),
            ("http://u:@host", None),
            ("http://host", None),
        ] {
            assert_eq!(password_of(url), password, "{url}");
        }
    }
}
