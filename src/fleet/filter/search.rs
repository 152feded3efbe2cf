//! Searching many texts that stand one after the other.
//!
//! Owns the speed of a search: a phrase is looked for in all texts at once, and only where it occurs is it asked which
//! text that is. Where texts hold upper-case or other letters, each is asked for itself. Must not: say anything else
//! than [`Pattern::matches`] says of each text.

use memchr::{memchr, memmem};
use regex::{Regex, RegexBuilder};

use crate::fleet::query::pattern::Glob;
use crate::fleet::query::{Matching, Pattern};

/// Texts, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// All of them.
    pub text: &'a str,
    /// Where each ends.
    pub ends: &'a [u32],
    /// Whether all are ASCII without upper-case letters.
    pub plain: bool,
}

/// Whether a text is ASCII without upper-case letters: then it is what it is folded to.
pub fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

impl<'a> Texts<'a> {
    fn bounds(&self, at: usize) -> Option<(usize, usize)> {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        Some((start.map_or(0, |end| *end as usize), *self.ends.get(at)? as usize))
    }

    fn each(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let texts = *self;
        (0..self.ends.len()).filter_map(move |at| {
            let (start, end) = texts.bounds(at)?;
            Some((at, texts.text.get(start..end)?))
        })
    }

    /// Calls `hit` with the place of each text that holds `needle`, to the letter.
    pub fn holding(&self, needle: &Needle, mut hit: impl FnMut(usize)) {
        let bytes = self.text.as_bytes();
        let (mut at, mut from) = (0, 0);
        while let Some(found) = bytes.get(from..).and_then(|rest| needle.find(rest)) {
            let start = from + found;
            at += text_of(self.ends.get(at..).unwrap_or_default(), start);
            let Some(end) = self.ends.get(at).map(|end| *end as usize) else {
                return;
            };
            if start + needle.len() <= end {
                hit(at);
                from = end;
            } else {
                from = start + 1; // it reaches into the next text
            }
        }
    }
}

/// Calls `hit` with the place of each text that matches an expression which [is local](crate::fleet::query::pattern::Expression::is_local): it is
/// looked for in all texts at once, and only the text where a match ends is asked for itself.
fn matching(texts: &Texts<'_>, regex: &Regex, mut hit: impl FnMut(usize)) {
    let (mut at, mut from) = (0, 0);
    while let Some(last) = regex
        .shortest_match_at(texts.text, from)
        .and_then(|end| end.checked_sub(1))
    {
        // Had an earlier text a match, it would have ended there.
        at += text_of(texts.ends.get(at..).unwrap_or_default(), last);
        let Some((start, end)) = texts.bounds(at) else {
            return;
        };
        if texts
            .text
            .get(start..end)
            .is_some_and(|text| regex.is_match(text))
        {
            hit(at);
        }
        from = end;
    }
}

/// The first text that ends after `start`. Mostly it is among the next few.
fn text_of(ends: &[u32], start: usize) -> usize {
    let after = |end: &u32| *end as usize > start;
    let mut step = 1;
    while ends.get(step).is_some_and(|end| !after(end)) {
        step *= 2;
    }
    let first = step / 2;
    let near = ends.get(first..ends.len().min(step + 1)).unwrap_or_default();
    first + near.partition_point(|end| !after(end))
}

/// A text to be found.
#[derive(Debug)]
pub struct Needle(memmem::Finder<'static>);

impl Needle {
    /// A needle; it has at least one byte.
    pub fn new(text: &str) -> Self {
        Self(memmem::Finder::new(text).into_owned())
    }

    fn len(&self) -> usize {
        self.0.needle().len()
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self.0.needle() {
            [byte] => memchr(*byte, bytes),
            _ => self.0.find(bytes),
        }
    }
}

/// A pattern, ready to be searched for in many texts.
#[derive(Debug)]
pub struct Search {
    pattern: Pattern,
    matching: Matching,
    fast: Option<Fast>,
}

/// How plain texts are searched.
#[derive(Debug)]
enum Fast {
    Needle(Box<Needle>),
    Regex(Regex),
}

impl Search {
    /// Prepares the search for `pattern`.
    pub fn new(pattern: &Pattern, matching: Matching) -> Self {
        let fast = match (pattern, matching) {
            (Pattern::Phrase(phrase), Matching::Part) if !phrase.folded().is_empty() => {
                Some(Fast::Needle(Box::new(Needle::new(phrase.folded()))))
            }
            (Pattern::Glob(glob), _) => of_glob(glob).map(Fast::Regex),
            _ => None,
        };
        Self {
            pattern: pattern.clone(),
            matching,
            fast,
        }
    }

    /// Whether one text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.pattern.matches(text, self.matching)
    }

    /// Calls `hit` with the place of each text that matches.
    pub fn each(&self, texts: Texts<'_>, mut hit: impl FnMut(usize)) {
        if let Pattern::Regex(expression) = &self.pattern
            && expression.is_local()
        {
            return matching(&texts, expression.regex(), hit);
        }
        match (&self.fast, texts.plain) {
            (Some(Fast::Needle(needle)), true) => texts.holding(needle, hit),
            (Some(Fast::Regex(regex)), true) => {
                texts
                    .each()
                    .filter(|(_, text)| regex.is_match(text))
                    .for_each(|(at, _)| hit(at));
            }
            _ => {
                for (at, text) in texts.each() {
                    if self.matches(text) {
                        hit(at);
                    }
                }
            }
        }
    }

    /// Whether a text of these characters alone can match.
    pub fn could_match(&self, made_of: impl Fn(char) -> bool) -> bool {
        match &self.pattern {
            Pattern::Phrase(phrase) => phrase.folded().chars().all(made_of),
            Pattern::Glob(glob) => glob
                .folded()
                .chars()
                .all(|c| matches!(c, '*' | '?') || made_of(c)),
            Pattern::Regex(_) => true,
        }
    }
}

/// The expression that fits the plain texts that the glob fits.
fn of_glob(glob: &Glob) -> Option<Regex> {
    let expression: String = glob
        .folded()
        .chars()
        .map(|character| match character {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            other => regex::escape(other.encode_utf8(&mut [0; 4])),
        })
        .collect();
    RegexBuilder::new(&format!("^{expression}$"))
        .dot_matches_new_line(true)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::{Query, Test};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn many_texts_at_once_answer_as_each_does(
            texts in prop::collection::vec(prop_oneof!["[a-c.0-]{0,6}", "[a-cA-Cé\n]{0,6}"], 0..40),
            pattern in prop_oneof![
                "[ab*?.]{1,3}|/[a-c]+[.]?/|\"[aAé]{1,2}\"",
                prop::sample::select(vec![r"/[a-c.]{2,3}/", r"/\b[ac]b?/", "/^a|b$/", "/[ac]*/", "/[a-b](?i)C/", "/a./", "/é|ab/"])
                    .prop_map(str::to_owned),
            ],
        ) {
            let query = Query::parse(&pattern).unwrap();
            let [term] = query.terms() else { return Ok(()) };
            let Test::Any(pattern) = &term.test else { return Ok(()) };
            let ends: Vec<u32> = texts
                .iter()
                .scan(0, |end, text| { *end += u32::try_from(text.len()).unwrap(); Some(*end) })
                .collect();
            let plain = texts.iter().all(|text| is_plain(text));
            let all = texts.concat();
            let mut found = Vec::new();
            Search::new(pattern, Matching::Part)
                .each(Texts { text: &all, ends: &ends, plain }, |at| found.push(at));
            let expected: Vec<usize> = (0..texts.len())
                .filter(|at| pattern.matches(&texts[*at], Matching::Part))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
