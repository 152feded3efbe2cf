//! Finding secrets in a text and taking them out.
//!
//! Owns what is looked for. The start and the end of a secret are ([`FRAGMENT`] characters), since a message may be cut;
//! whatever more of the secret stands there is taken out with them. Secrets shorter than [`FRAGMENTED`] are looked for as a
//! whole only. In a list of pods, a text that could be an honest name is looked for only where it is long enough not to
//! be one by chance ([`NAME_LIKE`], [`NAME_LIKE_FRAGMENTED`]): a password `production` must not rename pods.
//! All is found in one pass (Aho–Corasick). Pure.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::forms::{FRAGMENT, Form, forms, is_continuation};
use crate::hss::json::mended;

/// From this length on, in characters, the start and the end of a secret are secrets too.
const FRAGMENTED: usize = 16;
/// A secret that could be a name is looked for in lists from this length on.
const NAME_LIKE: usize = FRAGMENT;
/// Its start and its end are from this length on.
const NAME_LIKE_FRAGMENTED: usize = 24;

/// Knows the secrets that are to be taken out.
pub(super) struct Redactor {
    forms: Vec<(Form, String)>,
    everywhere: Option<Finder>,
    in_lists: Option<Finder>,
}

/// Finds the patterns of some forms.
struct Finder {
    automaton: AhoCorasick,
    patterns: Vec<SecretPattern>,
}

/// What a pattern is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SecretPattern {
    form: usize,
    part: SecretPart,
}

/// Which part of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SecretPart {
    Whole,
    Start,
    End,
}

impl SecretPart {
    fn of(self, form: &Form) -> &[u8] {
        match self {
            Self::Whole => form.bytes(),
            Self::Start => form.start(),
            Self::End => form.end(),
        }
    }
}

const WHOLE: &[SecretPart] = &[SecretPart::Whole];
const FRAGMENTS: &[SecretPart] = &[SecretPart::Start, SecretPart::End];

/// Which parts of a secret of this length are looked for in any text.
fn parts(length: usize) -> &'static [SecretPart] {
    if length < FRAGMENTED { WHOLE } else { FRAGMENTS }
}

/// Which parts are looked for in a list of pods.
fn parts_in_lists(length: usize, form: &Form) -> &'static [SecretPart] {
    let name_like = |part: &SecretPart| part.of(form).iter().all(|byte| is_of_names(*byte));
    if parts(length) == FRAGMENTS && (length >= NAME_LIKE_FRAGMENTED || !FRAGMENTS.iter().any(name_like)) {
        FRAGMENTS
    } else if length >= NAME_LIKE || !name_like(&SecretPart::Whole) {
        WHOLE
    } else {
        &[]
    }
}

/// Whether a byte may be in the name of a Kubernetes object.
fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}

impl Redactor {
    /// For these secrets, each with what stands in its place.
    pub(super) fn of<'a>(secrets: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut all, mut everywhere, mut in_lists) = (Vec::new(), Vec::new(), Vec::new());
        for (secret, replacement) in secrets {
            let length = secret.chars().count();
            for form in forms(secret) {
                let pattern = |part: &SecretPart| SecretPattern {
                    form: all.len(),
                    part: *part,
                };
                everywhere.extend(parts(length).iter().map(pattern));
                in_lists.extend(parts_in_lists(length, &form).iter().map(pattern));
                all.push((form, replacement.to_owned()));
            }
        }
        Self {
            everywhere: Finder::of(&all, everywhere),
            in_lists: Finder::of(&all, in_lists),
            forms: all,
        }
    }

    /// The text without secrets; `None` where there is none in it.
    pub(super) fn redact(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.without(self.everywhere.as_ref()?, text)
    }

    /// The page without secrets; `None` where there is none in it.
    pub(super) fn redact_page(&self, page: &[u8]) -> Option<Vec<u8>> {
        self.without_in_json(self.in_lists.as_ref()?, page)
    }

    /// The line of JSON without secrets; `None` where there is none in it.
    pub(super) fn redact_line(&self, line: &[u8]) -> Option<Vec<u8>> {
        let (line, end) = match line.strip_suffix(b"\n") {
            Some(line) => (line, &b"\n"[..]),
            None => (line, &b""[..]),
        };
        let redacted = self.without_in_json(self.everywhere.as_ref()?, line)?;
        Some([redacted.as_slice(), end].concat())
    }

    fn without_in_json(&self, finder: &Finder, page: &[u8]) -> Option<Vec<u8>> {
        if memchr::memchr(b'\\', page).is_none() {
            return self.without(finder, page);
        }
        // A character of a secret may be escaped, and a cut within an escape would leave no JSON: the slow way, through the
        // texts.
        let is_match = |text: &[u8]| finder.automaton.is_match(text);
        if !is_match(page) && !is_match(&unescaped(page)) {
            return None;
        }
        let redacted = self.without_in_texts(finder, page);
        if is_json(&redacted) {
            return Some(redacted);
        }
        // Not JSON: there may be secrets outside of what looks like a text.
        Some(self.without(finder, &redacted).unwrap_or(redacted))
    }

    /// The document with every text in it searched as it will be read. The rest of it stays as it is: a value that one
    /// parser refuses may be skipped or repaired by another.
    fn without_in_texts(&self, finder: &Finder, json: &[u8]) -> Vec<u8> {
        let mut redacted = Vec::with_capacity(json.len());
        let mut rest = json;
        while let Some(at) = memchr::memchr(b'"', rest) {
            let (before, literal) = rest.split_at(at);
            redacted.extend_from_slice(before);
            let (literal, behind) = literal.split_at(literal_length(literal));
            let found = text_of(literal).and_then(|text| self.without(finder, text.as_bytes()));
            match found {
                Some(text) => {
                    let text = Value::from(String::from_utf8_lossy(&text));
                    redacted.extend_from_slice(text.to_string().as_bytes());
                }
                None => redacted.extend_from_slice(literal),
            }
            rest = behind;
        }
        redacted.extend_from_slice(rest);
        redacted
    }

    fn without(&self, finder: &Finder, text: &[u8]) -> Option<Vec<u8>> {
        let mut redacted = Vec::new();
        let mut done = 0;
        for found in finder.automaton.find_iter(text) {
            let (form, replacement, part) = self.pattern(finder, found.pattern().as_usize())?;
            if found.end() <= done {
                continue;
            }
            // Several forms may begin alike, as all tokens do: what is there of any of them is taken out.
            let alike = self.forms.iter().map(|(it, _)| it);
            let alike = alike.filter(|it| part.of(it) == part.of(form));
            let (start, end) = widened(text, alike, part, found.range());
            redacted.extend_from_slice(text.get(done..start).unwrap_or_default());
            // Directly behind another: one mark is enough.
            if start > done || redacted.is_empty() {
                redacted.extend_from_slice(replacement.as_bytes());
            }
            done = end;
        }
        if done == 0 {
            return None;
        }
        redacted.extend_from_slice(text.get(done..).unwrap_or_default());
        Some(redacted)
    }

    fn pattern(&self, finder: &Finder, at: usize) -> Option<(&Form, &str, SecretPart)> {
        let pattern = finder.patterns.get(at)?;
        let (form, replacement) = self.forms.get(pattern.form)?;
        Some((form, replacement, pattern.part))
    }
}

impl Finder {
    fn of(forms: &[(Form, String)], patterns: Vec<SecretPattern>) -> Option<Self> {
        let texts = patterns
            .iter()
            .filter_map(|pattern| Some(pattern.part.of(&forms.get(pattern.form)?.0)));
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(texts)
            .ok()?;
        (!patterns.is_empty()).then_some(Self { automaton, patterns })
    }
}

/// The place of a match with all that stands there of one of these forms, in whole characters.
fn widened<'a>(
    text: &[u8],
    forms: impl Iterator<Item = &'a Form>,
    part: SecretPart,
    found: Range<usize>,
) -> (usize, usize) {
    let before = text.get(..found.start).unwrap_or_default();
    let behind = text.get(found.end..).unwrap_or_default();
    let (mut start, mut end) = (found.start, found.end);
    match part {
        SecretPart::Whole => {}
        SecretPart::Start => {
            let more = |form: &Form| alike(behind.iter(), form.behind_start().iter());
            end += forms.map(more).max().unwrap_or(0);
        }
        SecretPart::End => {
            let more = |form: &Form| alike(before.iter().rev(), form.before_end().iter().rev());
            start -= forms.map(more).max().unwrap_or(0);
        }
    }
    while text.get(end).is_some_and(|byte| is_continuation(*byte)) {
        end += 1;
    }
    while start > 0 && text.get(start).is_some_and(|byte| is_continuation(*byte)) {
        start -= 1;
    }
    (start, end)
}

/// How many bytes of both are the same from the first on.
fn alike<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

/// Whether this is JSON in its structure, once single values are repaired.
fn is_json(text: &[u8]) -> bool {
    let reads = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let mended = || mended(std::str::from_utf8(text).ok()?);
    reads(text) || mended().is_some_and(|text| reads(text.as_bytes()))
}

/// The text that a JSON string stands for, repaired as pages are.
fn text_of(literal: &[u8]) -> Option<String> {
    let read = serde_json::from_slice(literal).ok();
    read.or_else(|| serde_json::from_str(&mended(std::str::from_utf8(literal).ok()?)?).ok())
}

/// The length of the JSON string at the start, with its quotes; of everything if it does not end.
fn literal_length(json: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match json.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return json.len(),
        }
    }
}

/// The bytes of a JSON document with its escapes resolved, only to be searched.
fn unescaped(json: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        plain.extend_from_slice(before);
        let (character, length) = resolved(escape);
        plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = escape.get(length..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain
}

/// The character of the escape at the start, and the length of the escape. What is no escape is a backslash that was meant.
fn resolved(escape: &[u8]) -> (char, usize) {
    let character = match escape.get(1) {
        Some(b'u') => return utf16_resolved(escape),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(other @ (b'"' | b'\\' | b'/')) => char::from(*other),
        _ => return ('\\', 1),
    };
    (character, 2)
}

/// The same of an escape `\uXXXX`; two that are a surrogate pair are one character.
fn utf16_resolved(escape: &[u8]) -> (char, usize) {
    let Some(first) = unit(escape) else {
        return ('\\', 1);
    };
    let units = [Some(first), escape.get(6..).and_then(unit)];
    let decoded = char::decode_utf16(units.into_iter().flatten()).next();
    match decoded.and_then(Result::ok) {
        Some(character) => (character, 6 * character.len_utf16()),
        None => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The UTF-16 unit of the escape `\uXXXX` at the start.
fn unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests;
