//! Finds secrets in a text and redacts them.
//!
//! Owns what is searched for. The start and the end of a secret ([`FRAGMENT`] characters) count, since a
//! message may be cut; whatever more of the secret is there is redacted with them. Secrets shorter than
//! [`FRAGMENTED`] are searched for only as a unit; of long ones every part counts ([`super::middles`]). In a
//! list of pods, a text that could be an honest name counts only if it is too long to match by chance
//! ([`NAME_LIKE`], [`NAME_LIKE_FRAGMENTED`]): a password `production` must not rename pods.
//!
//! A text is searched as it is, in one pass (Aho–Corasick); nearly every page costs no more. Strings of a
//! list with escapes, and other texts with escapes or white space, are decoded ([`super::plain`]), up to
//! [`READINGS`] times, and searched again. A hit is redacted at its original place, including every escape
//! that it cuts, so JSON stays JSON. Pure.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::forms::{FRAGMENT, Form, forms, is_continuation, plain_forms};
use super::glance::Glance;
use super::middles::Middles;
use super::plain::{PlainBytes, escaped_parts, has_escape, is_plain};
use super::{MARK, starts};

/// How often a text may be escaped: JSON in JSON in a query, repeated in a list, in a line of the log. A text
/// without escapes is not decoded again.
const READINGS: usize = 5;
/// The length in characters from which the start and the end of a secret are secrets too.
const FRAGMENTED: usize = 16;
/// The length in characters from which a secret that could be a name is searched for in lists.
const NAME_LIKE: usize = FRAGMENT;
/// The length in characters from which its start and its end are searched for too.
const NAME_LIKE_FRAGMENTED: usize = 24;

/// Redacts a set of secrets.
pub(super) struct Redactor {
    /// Searches texts as they are.
    written: SecretSearch,
    /// Searches decoded texts.
    read: SecretSearch,
    /// Whether it is worth while to search a text as it is.
    glance: Glance,
}

/// Searches for some forms of secrets.
struct SecretSearch {
    forms: Vec<(Form, String)>,
    everywhere: Option<Finder>,
    in_lists: Option<Finder>,
    middles: Middles,
    /// The mark in place of a part of a long secret.
    mark_of_middles: String,
}

/// A place to redact, and the mark for it.
struct Hit<'a> {
    start: usize,
    end: usize,
    mark: &'a str,
}

/// Finds the patterns of some forms.
struct Finder {
    automaton: AhoCorasick,
    patterns: Vec<SecretPattern>,
}

/// The origin of a pattern.
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

/// Which parts of a secret of this length are searched for in any text.
fn parts(length: usize) -> &'static [SecretPart] {
    if length < FRAGMENTED { WHOLE } else { FRAGMENTS }
}

/// Which parts are searched for in a list of pods.
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

/// Whether a byte may appear in the name of a Kubernetes object.
fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}

impl Redactor {
    /// A redactor of these secrets, each with the text that replaces it.
    pub(super) fn of<'a>(secrets: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let written = SecretSearch::of(secrets.clone(), forms);
        Self {
            glance: Glance::of(written.everywhere_patterns()),
            written,
            read: SecretSearch::of(secrets, plain_forms),
        }
    }

    /// Whether no secret is in the text, for certain.
    pub(super) fn is_clean(&self, text: &[u8]) -> bool {
        is_plain(text) && self.glance.is_clean(text) && self.written.middles.find(text).is_empty()
    }

    /// The redacted text; `None` if it contains no secret.
    pub(super) fn redact(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.is_clean(text) {
            return without_foreign_tokens(text);
        }
        let mut hits = self.hits(text, false);
        hits.extend(foreign_tokens(text));
        without(text, hits)
    }

    /// The redacted page; `None` if it contains no secret.
    pub(super) fn redact_page(&self, page: &[u8]) -> Option<Vec<u8>> {
        without(page, self.hits(page, true))
    }

    fn hits(&self, text: &[u8], in_list: bool) -> Vec<Hit<'_>> {
        let mut hits = self.written.find(text, in_list);
        let parts = if in_list {
            escaped_parts(text)
        } else if is_plain(text) {
            Vec::new()
        } else {
            vec![(0, text.len())]
        };
        // Sorted, so that each part sees only its own hits.
        hits.sort_by_key(|hit| hit.start);
        let written = hits.len();
        for (start, end) in parts {
            let plain = PlainBytes::of(text.get(start..end).unwrap_or_default());
            let found = hits.get_mut(..written).unwrap_or_default();
            let first = found.partition_point(|hit| hit.start < start).saturating_sub(1);
            let last = found.partition_point(|hit| hit.start < end);
            for hit in found.get_mut(first..last).unwrap_or_default() {
                // Half an escape would break the JSON.
                if let (Some(from), Some(to)) = (hit.start.checked_sub(start), hit.end.checked_sub(start)) {
                    let (from, to) = plain.with_whole_escapes((from, to));
                    (hit.start, hit.end) = (start + from, start + to);
                }
            }
            self.read_part(plain, start, in_list, &mut hits);
        }
        hits
    }

    /// Searches a part of a text that begins at `offset`, and adds what it finds to the hits.
    fn read_part<'a>(&'a self, mut plain: PlainBytes, offset: usize, in_list: bool, hits: &mut Vec<Hit<'a>>) {
        for reading in 1..=READINGS {
            hits.extend(self.read.find(&plain.bytes, in_list).into_iter().map(|hit| {
                let (start, end) = plain.place((hit.start, hit.end));
                Hit {
                    start: offset + start,
                    end: offset + end,
                    ..hit
                }
            }));
            if reading == READINGS || !has_escape(&plain.bytes) {
                break;
            }
            plain = PlainBytes::of(&plain.bytes).over(&plain);
        }
    }
}

/// The text without foreign tokens after words such as `X-Auth-Token`; `None` if it contains none.
pub(super) fn without_foreign_tokens(text: &[u8]) -> Option<Vec<u8>> {
    if has_no_foreign_token(text) {
        return None;
    }
    without(text, foreign_tokens(text))
}

/// Whether a text contains no token after words such as `X-Auth-Token`.
pub(super) fn has_no_foreign_token(text: &[u8]) -> bool {
    starts::find(text).is_empty()
}

fn foreign_tokens(text: &[u8]) -> Vec<Hit<'static>> {
    let hit = |(start, end)| Hit {
        start,
        end,
        mark: MARK,
    };
    starts::find(text).into_iter().map(hit).collect()
}

/// The text with a mark in place of each hit; hits that overlap or touch share one.
fn without(text: &[u8], mut hits: Vec<Hit<'_>>) -> Option<Vec<u8>> {
    hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
    let mut redacted = Vec::new();
    let mut done = None;
    for hit in hits {
        let from = done.unwrap_or(0);
        if done.is_none_or(|done| hit.start > done) {
            redacted.extend_from_slice(text.get(from..hit.start).unwrap_or_default());
            redacted.extend_from_slice(hit.mark.as_bytes());
        }
        done = Some(from.max(hit.end));
    }
    redacted.extend_from_slice(text.get(done?..).unwrap_or_default());
    Some(redacted)
}

impl SecretSearch {
    fn of<'a>(
        secrets: impl Iterator<Item = (&'a str, &'a str)> + Clone,
        forms: impl Fn(&str) -> Vec<Form>,
    ) -> Self {
        let (mut all, mut everywhere, mut in_lists) = (Vec::new(), Vec::new(), Vec::new());
        let mut wholes = Vec::new();
        for (secret, mark) in secrets {
            for (number, form) in forms(secret).into_iter().enumerate() {
                let length = form.length();
                let pattern = |part: &SecretPart| SecretPattern {
                    form: all.len(),
                    part: *part,
                };
                everywhere.extend(parts(length).iter().map(pattern));
                in_lists.extend(parts_in_lists(length, &form).iter().map(pattern));
                // The first form is the secret itself.
                wholes.extend((number == 0).then_some(all.len()));
                all.push((form, mark.to_owned()));
            }
        }
        let whole = |at: &usize| all.get(*at).map(|(form, _)| form.bytes());
        let is_long = |(form, _): &&(Form, String)| Middles::is_long(form.bytes());
        Self {
            everywhere: Finder::of(&all, everywhere),
            in_lists: Finder::of(&all, in_lists),
            middles: Middles::of(wholes.iter().filter_map(whole)),
            mark_of_middles: all
                .iter()
                .find(is_long)
                .map(|(_, mark)| mark.clone())
                .unwrap_or_default(),
            forms: all,
        }
    }

    /// What is searched for in any text.
    fn everywhere_patterns(&self) -> impl Iterator<Item = &[u8]> {
        let patterns = self.everywhere.iter().flat_map(|finder| &finder.patterns);
        patterns.filter_map(|pattern| Some(pattern.part.of(&self.forms.get(pattern.form)?.0)))
    }

    fn find(&self, text: &[u8], in_list: bool) -> Vec<Hit<'_>> {
        let finder = if in_list { &self.in_lists } else { &self.everywhere };
        let mut hits: Vec<Hit<'_>> = match finder {
            Some(finder) => finder
                .automaton
                .find_iter(text)
                .filter_map(|found| self.hit(finder, text, found.pattern().as_usize(), found.range()))
                .collect(),
            None => Vec::new(),
        };
        hits.extend(self.middles.find(text).into_iter().map(|(start, end)| Hit {
            start,
            end,
            mark: &self.mark_of_middles,
        }));
        hits
    }

    fn hit(&self, finder: &Finder, text: &[u8], pattern: usize, found: Range<usize>) -> Option<Hit<'_>> {
        let pattern = finder.patterns.get(pattern)?;
        let (form, mark) = self.forms.get(pattern.form)?;
        // Several forms may begin alike, as all tokens do, so the longest match of any of them is redacted.
        let part = pattern.part;
        let alike = self.forms.iter().map(|(it, _)| it);
        let alike = alike.filter(|it| part.of(it) == part.of(form));
        let (start, end) = widened(text, alike, part, found);
        Some(Hit { start, end, mark })
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

/// The place of a match, widened to everything there that belongs to one of these forms, in complete
/// characters.
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

/// The length of the common prefix in bytes.
fn alike<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests;
