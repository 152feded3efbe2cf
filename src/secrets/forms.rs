//! The ways in which a secret can be written.
//!
//! A secret may be repeated as it is, in lower case (as a host name), or inside base64, as in `Authorization:
//! Basic`. Escapes need no forms: [`super::plain`] decodes them. Its result has neither white space nor `+`,
//! so a secret has forms without them too. Must not: search.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretSlice};

use super::SHORTEST;
use super::plain::{PlainBytes, has_escape, without_space};

/// How many characters of the start or the end of a secret give it away.
pub(super) const FRAGMENT: usize = 12;
/// The length of [`FRAGMENT`] bytes in base64.
const FRAGMENT_BASE64: usize = 16;

/// One way in which a secret may be written.
pub(super) struct Form {
    /// All of it.
    bytes: SecretSlice<u8>,
    /// How many characters of its start or end give it away.
    fragment: usize,
}

impl Form {
    fn new(text: &str, fragment: usize) -> Self {
        Self {
            bytes: text.as_bytes().to_vec().into(),
            fragment,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }

    /// The length in characters.
    pub(super) fn length(&self) -> usize {
        boundaries(self.bytes()).count()
    }

    /// The start that gives it away.
    pub(super) fn start(&self) -> &[u8] {
        let text = self.bytes();
        let end = boundaries(text).nth(self.fragment).unwrap_or(text.len());
        text.get(..end).unwrap_or_default()
    }

    /// What follows [`Form::start`].
    pub(super) fn behind_start(&self) -> &[u8] {
        self.bytes().get(self.start().len()..).unwrap_or_default()
    }

    /// The part before [`Form::end`].
    pub(super) fn before_end(&self) -> &[u8] {
        let length = self.bytes().len() - self.end().len();
        self.bytes().get(..length).unwrap_or_default()
    }

    /// The end that gives it away.
    pub(super) fn end(&self) -> &[u8] {
        let text = self.bytes();
        let start = boundaries(text).nth_back(self.fragment - 1).unwrap_or(0);
        text.get(start..).unwrap_or_default()
    }
}

/// The places where characters begin in UTF-8.
fn boundaries(text: &[u8]) -> impl DoubleEndedIterator<Item = usize> {
    let begins = |(at, byte): (usize, &u8)| (!is_continuation(*byte)).then_some(at);
    text.iter().enumerate().filter_map(begins)
}

/// Whether a byte of UTF-8 continues a character.
pub(super) fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

/// The distinct forms to find in a text as it is.
pub(super) fn forms(secret: &str) -> Vec<Form> {
    // An HTML form writes `+` for a space, even where nothing else is escaped.
    let spaced = secret.replace(' ', "+");
    once(writings(secret).into_iter().chain([(spaced, FRAGMENT)]))
}

/// The distinct forms to find in a text without escapes, white space and `+`.
pub(super) fn plain_forms(secret: &str) -> Vec<Form> {
    let mut all = writings(secret);
    // What looks like an escape in the secret is decoded too.
    let mut read = secret.to_owned();
    while has_escape(read.as_bytes()) {
        read = String::from_utf8_lossy(&PlainBytes::of(read.as_bytes()).bytes).into_owned();
        all.push((read.to_lowercase(), FRAGMENT));
        all.push((read.clone(), FRAGMENT));
    }
    let plain = all
        .into_iter()
        .map(|(text, fragment)| (without_space(&text), fragment));
    once(plain.filter(|(text, _)| text.chars().count() >= SHORTEST))
}

fn writings(secret: &str) -> Vec<(String, usize)> {
    let mut texts = vec![(secret.to_owned(), FRAGMENT), (secret.to_lowercase(), FRAGMENT)];
    for shift in 0..3 {
        texts.push((base64(&STANDARD_NO_PAD, secret, shift), FRAGMENT_BASE64));
        texts.push((base64(&URL_SAFE_NO_PAD, secret, shift), FRAGMENT_BASE64));
    }
    texts
}

fn once(texts: impl Iterator<Item = (String, usize)>) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for (text, fragment) in texts {
        if forms.iter().all(|form| form.bytes() != text.as_bytes()) {
            forms.push(Form::new(&text, fragment));
        }
    }
    forms
}

/// The characters that appear in the base64 of every text with the secret after `shift` other bytes (modulo
/// 3).
fn base64(engine: &impl base64::Engine, secret: &str, shift: usize) -> String {
    let shifted = [vec![0; shift].as_slice(), secret.as_bytes()].concat();
    let mut encoded = engine.encode(&shifted);
    if shifted.len() % 3 != 0 {
        // The last character also depends on what follows.
        encoded.pop();
    }
    // The first ones also depend on the preceding text.
    let own = [0, 2, 3];
    encoded.drain(..own.get(shift).copied().unwrap_or(0).min(encoded.len()));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    fn all(secret: &str) -> Vec<String> {
        forms(secret)
            .iter()
            .map(|form| String::from_utf8(form.bytes().to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn a_secret_has_forms_for_raw_and_for_decoded_texts() {
        let forms = all("Ab +/\"1234");
        for form in ["Ab +/\"1234", "ab +/\"1234", "Ab++/\"1234"] {
            assert!(forms.iter().any(|it| it == form), "{form} of {forms:?}");
        }
        assert_eq!(all("abcdefgh").len(), 4, "equal forms are listed once");
        let plain = |secret: &str| -> Vec<String> {
            let text = |form: &Form| String::from_utf8(form.bytes().to_vec()).unwrap();
            plain_forms(secret).iter().map(text).collect()
        };
        let read = plain("Ab +/%2541\\n1234");
        for form in [
            "Ab/%2541\\n1234",
            "ab/%2541\\n1234",
            "Ab/%411234",
            "Ab/A1234",
            "ab/a1234",
        ] {
            assert!(read.iter().any(|it| it == form), "{form} of {read:?}");
        }
        assert!(
            plain("a b c d ").iter().all(|form| form != "abcd"),
            "too short to be looked for"
        );
    }

    #[test]
    fn a_form_has_every_character_of_base64_that_depends_on_the_secret_alone() {
        // Nine bytes are twelve characters; of ten, the last character also depends on the next byte.
        for (secret, shift, form) in [
            ("abcdefghi", 0, "YWJjZGVmZ2hp"),
            ("abcdefghij", 0, "YWJjZGVmZ2hpa"),
            ("abcdefgh", 1, "FiY2RlZmdo"),
            ("abcdefghij", 2, "hYmNkZWZnaGlq"),
        ] {
            assert_eq!(base64(&STANDARD_NO_PAD, secret, shift), form, "{secret} {shift}");
        }
    }

    #[test]
    fn base64_has_a_form_for_every_place_of_the_secret() {
        let secret = "canary-password-4c?>";
        let forms = all(secret);
        for before in ["", "u", "us", "ops", "ops:", "user-name:"] {
            for after in ["", "x", "yz", "zzz"] {
                for encoded in [
                    STANDARD_NO_PAD.encode(format!("{before}{secret}{after}")),
                    URL_SAFE_NO_PAD.encode(format!("{before}{secret}{after}")),
                ] {
                    assert!(
                        forms.iter().any(|form| encoded.contains(form.as_str())),
                        "{before} {after}: {encoded}"
                    );
                }
            }
        }
    }

    #[test]
    fn start_and_end_are_whole_characters() {
        let form = &forms("жжжжжжжжжжжжж-end")[0];
        assert_eq!(form.start(), "жжжжжжжжжжжж".as_bytes());
        assert_eq!(form.end(), "жжжжжжжж-end".as_bytes());
        let short = &forms("12345678")[0];
        assert_eq!((short.start(), short.end()), (&b"12345678"[..], &b"12345678"[..]));
    }
}
