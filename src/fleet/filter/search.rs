//! Searching many texts that stand one after the other.
//!
//! Owns the speed of a search: a phrase is looked for in all texts at once, and only where it occurs is it asked which
//! text that is; an expression is asked only of the texts that hold what must occur in them, and of some of these at a
//! time. Where texts hold upper-case or other letters, each is asked for itself. Must not: say anything else than
//! [`Pattern::matches`] says of each text.

use memchr::{memchr, memmem};

use super::automaton::Automaton;
use super::syntax;
use crate::fleet::query::{Matching, Pattern};

/// Shortest text that is looked for before an expression is asked: a single letter is in most texts.
const SHORTEST_NEEDLE: usize = 2;

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
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One text.
    pub fn get(&self, at: usize) -> Option<&'a str> {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.map_or(0, |end| *end as usize);
        self.text.get(start..*self.ends.get(at)? as usize)
    }

    fn each(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let texts = *self;
        (0..self.len()).filter_map(move |at| Some((at, texts.get(at)?)))
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
    pub fn new(text: &[u8]) -> Self {
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
    plain: Plain,
}

/// How plain texts are searched.
#[derive(Debug)]
enum Plain {
    /// Where this occurs, it matches.
    Needle(Needle),
    /// The texts that hold the needle, if there is one, are asked.
    Expression(Option<Needle>, Option<Automaton>),
    /// Each is asked.
    Each,
}

impl Plain {
    fn of(pattern: &Pattern, matching: Matching) -> Self {
        let expression = match (pattern, matching) {
            (Pattern::Phrase(phrase), Matching::Part) if !phrase.folded().is_empty() => {
                return Self::Needle(Needle::new(phrase.folded().as_bytes()));
            }
            (Pattern::Phrase(_), _) => return Self::Each,
            (Pattern::Glob(glob), _) => syntax::of_glob(glob),
            (Pattern::Regex(expression), _) => syntax::for_plain(expression.parsed()),
        };
        let needle = syntax::required(&expression);
        let needle = (needle.len() >= SHORTEST_NEEDLE).then(|| Needle::new(needle));
        Self::Expression(needle, Automaton::of(&expression))
    }
}

impl Search {
    /// Prepares the search for `pattern`.
    pub fn new(pattern: &Pattern, matching: Matching) -> Self {
        Self {
            pattern: pattern.clone(),
            matching,
            plain: Plain::of(pattern, matching),
        }
    }

    /// Whether one text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.pattern.matches(text, self.matching)
    }

    /// Calls `hit` with the place of each text that matches.
    pub fn each(&self, texts: Texts<'_>, mut hit: impl FnMut(usize)) {
        match &self.plain {
            Plain::Needle(needle) if texts.plain => texts.holding(needle, hit),
            Plain::Expression(Some(needle), automaton) if texts.plain => {
                let mut holding = Vec::new();
                texts.holding(needle, |at| holding.push(at));
                self.ask(automaton.as_ref(), texts, holding, hit);
            }
            Plain::Expression(None, automaton) if texts.plain => {
                self.ask(automaton.as_ref(), texts, 0..texts.len(), hit);
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

    /// Asks some texts, by the automaton if there is one.
    fn ask(
        &self,
        automaton: Option<&Automaton>,
        texts: Texts<'_>,
        places: impl IntoIterator<Item = usize>,
        hit: impl FnMut(usize),
    ) {
        match automaton {
            Some(automaton) => automaton.each(&texts, places, hit),
            None => places
                .into_iter()
                .filter(|at| texts.get(*at).is_some_and(|text| self.matches(text)))
                .for_each(hit),
        }
    }

    /// Whether a text of these ASCII characters alone, none of them an upper-case letter, may match.
    pub fn may_match_text_of(&self, characters: &[u8]) -> bool {
        match &self.pattern {
            Pattern::Phrase(phrase) => phrase.folded().bytes().all(|byte| characters.contains(&byte)),
            Pattern::Glob(glob) => syntax::may_be_of(&syntax::of_glob(glob), characters),
            Pattern::Regex(expression) => syntax::may_be_of(expression.parsed(), characters),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::{Query, Test};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn many_texts_at_once_answer_as_each_does(
            texts in prop::collection::vec(prop_oneof!["[a-c.0-]{0,6}", "[a-cA-Cé\n]{0,6}"], 0..40),
            pattern in prop_oneof![
                "[ab*?.]{1,3}|/[a-c]+[.]?/|\"[aAé]{1,2}\"",
                "/[abcA.|()?*+^$]{1,8}/",
                prop::sample::select(vec![
                    "/[a-c.]{2,3}/", r"/\b[ac]b?/", "/^a|b$/", "/[ac]*/", "/[a-b](?i)C/", "/a./", "/é|ab/", "/^$/",
                    r"/(ab|b.)+\B/", "/(?s)a.*b/", "/(?m)^b$/", "/Ab|c/", "/a.{12}b|^.?a{3}/", "/[^a]b[^a]/", "/ab+[^c]{1,}/",
                    r"/(?-u:\w\b)/", r"/\w{3}/", "/(?i)k|ſ/", "a*b?", "*ab*", "?c*",
                ])
                    .prop_map(str::to_owned),
            ],
        ) {
            let Ok(query) = Query::parse(&pattern) else { return Ok(()) };
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
