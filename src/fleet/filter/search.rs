//! Searches many texts that are stored one after the other.
//!
//! Owns the speed of a search. A phrase is searched in all texts at once, and only a hit needs to know which
//! text it is in. An expression runs only on texts that contain what every match must contain, on several of
//! them at a time. Texts with upper-case or non-ASCII letters are tested one by one. Must not: give another
//! result than [`Pattern::matches`] for each text.

use memchr::{memchr, memmem};

use super::automaton::Automaton;
use super::syntax;
use crate::fleet::query::{Matching, Pattern};

/// The shortest text that is searched before an expression runs: a single letter is in most texts.
const SHORTEST_NEEDLE: usize = 2;

/// Texts that are stored one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// All texts.
    pub text: &'a str,
    /// The end of each text.
    pub ends: &'a [u32],
    /// Whether all texts are ASCII without upper-case letters.
    pub plain: bool,
}

/// Whether a text is ASCII without upper-case letters: then it equals its folded form.
pub fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

impl<'a> Texts<'a> {
    /// Returns one text.
    pub fn get(&self, at: usize) -> Option<&'a str> {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.map_or(0, |end| *end as usize);
        self.text.get(start..*self.ends.get(at)? as usize)
    }

    /// Calls `hit` with the place of each text that contains `needle` exactly.
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
                from = start + 1; // this hit crosses the end of its text
            }
        }
    }
}

/// The first text that ends after `start`, which is usually one of the next few.
fn text_of(ends: &[u32], start: usize) -> usize {
    let after = |end: &u32| *end as usize > start;
    let mut step = 1;
    while ends.get(step).is_some_and(|end| !after(end)) {
        step <<= 1;
    }
    let first = step / 2;
    let near = ends.get(first..ends.len().min(step)).unwrap_or_default();
    first + near.partition_point(|end| !after(end))
}

/// A text to search for.
#[derive(Debug)]
pub struct Needle(memmem::Finder<'static>);

impl Needle {
    /// A needle from a text of at least one byte.
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

/// A pattern, prepared for the search in many texts.
#[derive(Debug)]
pub struct PatternSearch {
    pattern: Pattern,
    matching: Matching,
    plain: LiteralSearch,
}

/// How ASCII texts without upper-case letters are searched.
#[derive(Debug)]
enum LiteralSearch {
    /// Each text that contains this matches.
    Needle(Needle),
    /// The texts that contain the needle, or all if there is none, are tested.
    Expression(Option<Needle>, Option<Automaton>),
    /// Each text is tested.
    Each,
}

impl LiteralSearch {
    fn of(pattern: &Pattern, matching: Matching) -> Self {
        let expression = match (pattern, matching) {
            (Pattern::Phrase(phrase), Matching::Part) => {
                return Self::Needle(Needle::new(phrase.folded().as_bytes()));
            }
            (Pattern::Phrase(_), _) => return Self::Each,
            // Few texts have it anywhere, and those are compared.
            (Pattern::Whole(phrase), _) => {
                return Self::Expression(Some(Needle::new(phrase.folded().as_bytes())), None);
            }
            (Pattern::Glob(glob), _) => syntax::of_glob(glob),
            (Pattern::Regex(expression), _) => syntax::for_plain(expression.parsed()),
        };
        let needle = syntax::required(&expression);
        let needle = (needle.len() >= SHORTEST_NEEDLE).then(|| Needle::new(needle));
        Self::Expression(needle, Automaton::of(&expression))
    }
}

impl PatternSearch {
    /// Prepares the search for `pattern`.
    pub fn new(pattern: &Pattern, matching: Matching) -> Self {
        Self {
            pattern: pattern.clone(),
            matching,
            plain: LiteralSearch::of(pattern, matching),
        }
    }

    /// Whether one text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.pattern.matches(text, self.matching)
    }

    /// Calls `hit` with the place of each text that matches.
    pub fn each(&self, texts: Texts<'_>, hit: impl FnMut(usize)) {
        let all = 0..texts.ends.len();
        if !texts.plain {
            return self.ask(None, texts, all, hit);
        }
        match &self.plain {
            LiteralSearch::Needle(needle) => texts.holding(needle, hit),
            LiteralSearch::Expression(Some(needle), automaton) => {
                let mut holding = Vec::new();
                texts.holding(needle, |at| holding.push(at));
                self.ask(automaton.as_ref(), texts, holding, hit);
            }
            LiteralSearch::Expression(None, automaton) => self.ask(automaton.as_ref(), texts, all, hit),
            LiteralSearch::Each => self.ask(None, texts, all, hit),
        }
    }

    /// Tests some texts, with the automaton if there is one.
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

    /// Whether a text that consists only of these ASCII characters, without upper-case letters, may match.
    pub fn may_match_text_of(&self, characters: &[u8]) -> bool {
        match &self.pattern {
            Pattern::Phrase(phrase) | Pattern::Whole(phrase) => {
                phrase.folded().bytes().all(|byte| characters.contains(&byte))
            }
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

    fn pattern(text: &str) -> Pattern {
        let query = Query::parse(text).unwrap();
        let [term] = query.terms() else { panic!("one term") };
        let Test::Any(pattern) = &term.test else {
            panic!("a pattern")
        };
        pattern.clone()
    }

    /// The places of the texts that match, in a search of all at once.
    fn found(texts: &[impl AsRef<str>], pattern: &Pattern) -> Vec<usize> {
        let (mut all, mut ends) = (String::new(), Vec::new());
        for text in texts {
            all.push_str(text.as_ref());
            ends.push(u32::try_from(all.len()).unwrap());
        }
        let texts = Texts {
            text: &all,
            ends: &ends,
            plain: texts.iter().all(|text| is_plain(text.as_ref())),
        };
        let mut found = Vec::new();
        PatternSearch::new(pattern, Matching::Part).each(texts, |at| found.push(at));
        found
    }

    #[test]
    fn a_plain_text_equals_its_folded_form() {
        for text in ["", "web-0.x_/~", "\n", "0"] {
            assert!(is_plain(text), "{text}");
        }
        for text in ["Web", "weB", "A", "é", "产", "a\u{7f}\u{80}"] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn a_hit_across_two_texts_is_not_a_match() {
        for (text, places) in [
            ("aa", &[2, 7][..]),
            ("aab", &[7]),
            ("ba", &[]),
            ("a", &[0, 2, 4, 7]),
            ("/aa|b$/", &[2, 5, 7]),
            ("/ba/", &[]),
            ("*a", &[0, 2, 4]),
        ] {
            let texts = ["a", "", "aa", "", "a", "b", "", "aab"];
            assert_eq!(found(&texts, &pattern(text)), places, "{text}");
        }
    }

    #[test]
    fn a_text_far_after_the_last_match_is_found() {
        for (count, places) in [
            (1, &[0][..]),
            (2, &[1]),
            (9, &[0, 8]),
            (1000, &[3, 4, 7, 15, 16, 500, 999]),
        ] {
            let text = |at| if places.contains(&at) { "xyz" } else { "yx" };
            let texts: Vec<&str> = (0..count).map(text).collect();
            assert_eq!(found(&texts, &pattern("xyz")), places, "{count}");
        }
    }

    #[test]
    fn letters_of_either_case_are_found_in_texts_with_both() {
        for (text, places) in [
            ("web", &[0, 1, 3][..]),
            ("WEB-1", &[0, 3]),
            ("web*", &[0, 1, 3]),
            ("/web-[0-9]/", &[0, 3]),
            ("/Web-[0-9]/", &[3]),
            ("/[a-c]x/", &[]),
            ("/^k/", &[2]), // the sign of the unit kelvin
        ] {
            let texts = ["WEB-1", "web", "\u{212a}8s", "Web-1"];
            assert_eq!(found(&texts, &pattern(text)), places, "{text}");
        }
    }

    #[test]
    fn only_texts_with_the_required_part_are_tested() {
        for (text, expected) in [
            ("/web-[0-9]+/", Some("web-")),
            ("a?web*", Some("web")),
            ("/(de|stag)ing[0-9]/", Some("ing")),
            ("/ab?/", None), // one letter is in most texts
            ("/api|web/", None),
        ] {
            let LiteralSearch::Expression(needle, Some(_)) =
                LiteralSearch::of(&pattern(text), Matching::Part)
            else {
                panic!("{text} is an expression");
            };
            let needle = needle.map(|Needle(finder)| finder.needle().to_vec());
            assert_eq!(needle.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn a_pattern_tells_what_its_texts_may_be_made_of() {
        let of_digits =
            |text: &str| PatternSearch::new(&pattern(text), Matching::Part).may_match_text_of(b"0123456789.");
        for text in ["10.0", "\"172\"", "10.*", "*", "/^10/", "/[a-f0-9]{2}/"] {
            assert!(of_digits(text), "{text}");
        }
        for text in ["web", "10.0.0.x", "web-?", "/^fe80/", "/[a-f]{2}/"] {
            assert!(!of_digits(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn a_search_of_many_texts_finds_the_same_as_a_test_of_each(
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
            let found = found(&texts, pattern);
            let expected: Vec<usize> = (0..texts.len())
                .filter(|at| pattern.matches(&texts[*at], Matching::Part))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
