//! An expression as a table with the next state for each state and byte.
//!
//! Owns testing many texts at once. Each step of one text waits for the step before it, so several texts are
//! read in parallel, which halves the time for any expression. Must not: know more about a text than that it
//! is ASCII.

use std::collections::HashMap;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Input, MatchKind};
use regex_syntax::hir::Hir;

use super::search::Texts;

const ASCII: usize = 128;
/// The most states; each takes 256 bytes.
const MOST_STATES: usize = 1024;
/// The most memory for computing the states, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// The number of texts that are read in parallel.
const LANES: usize = 4;
/// After this many bytes it is checked whether all of them are decided.
const STRIDE: usize = 8;

/// It will not match, whatever follows.
const NO: u16 = 0;
/// It has matched.
const YES: u16 = 1;
/// Nothing was read.
const START: u16 = 2;

/// A table that decides whether an expression matches somewhere in a text.
#[derive(Debug)]
pub struct Automaton {
    next: Vec<[u16; ASCII]>,
    /// For each state, whether a text that ends there matches.
    accepts: Vec<bool>,
}

impl Automaton {
    /// The table of an expression, unless it needs too many states.
    pub fn of(expression: &Hir) -> Option<Self> {
        let nfa = thompson::Config::new()
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(MOST_BYTES));
        let nfa = thompson::Compiler::new()
            .configure(nfa)
            .build_from_hir(expression)
            .ok()?;
        let config = Config::new()
            .match_kind(MatchKind::All)
            .unicode_word_boundary(true) // it would only quit on what is not ASCII, which is not read here
            .cache_capacity(MOST_BYTES)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let mut cache = dfa.create_cache();
        let start = dfa.start_state_forward(&mut cache, &Input::new("")).ok()?;
        let mut automaton = Self {
            next: vec![[NO; ASCII], [YES; ASCII]],
            accepts: vec![false, true],
        };
        let mut states = States::from(start);
        while let Some(state) = states.get(automaton.next.len()) {
            automaton.add(&dfa, &mut cache, state, &mut states)?;
        }
        Some(automaton)
    }

    /// Adds the transitions of a known state; the states that follow it become known.
    fn add(&mut self, dfa: &DFA, cache: &mut Cache, state: LazyStateID, states: &mut States) -> Option<()> {
        let mut next = [NO; ASCII];
        for (byte, next) in (0..).zip(&mut next) {
            *next = match dfa.next_state(cache, state, byte).ok()? {
                dead if dead.is_dead() => NO,
                found if found.is_match() => YES,
                other => states.number(other)?,
            };
        }
        self.next.push(next);
        self.accepts
            .push(dfa.next_eoi_state(cache, state).ok()?.is_match());
        Some(())
    }

    /// Calls `hit` with each of these places whose text matches, in order. All texts must be ASCII.
    pub fn each(
        &self,
        texts: &Texts<'_>,
        places: impl IntoIterator<Item = usize>,
        mut hit: impl FnMut(usize),
    ) {
        let mut places = places.into_iter();
        loop {
            let mut taken = [None; LANES];
            taken
                .iter_mut()
                .zip(&mut places)
                .for_each(|(to, at)| *to = Some(at));
            if taken[0].is_none() {
                return;
            }
            let lanes = taken.map(|at| at.and_then(|at| texts.get(at)).unwrap_or_default());
            let ends = self.run(lanes.map(str::as_bytes));
            for (at, end) in taken.into_iter().zip(ends) {
                if let Some(at) = at
                    && self.accepts.get(usize::from(end)) == Some(&true)
                {
                    hit(at);
                }
            }
        }
    }

    /// The states in which these texts end or are decided earlier.
    fn run(&self, texts: [&[u8]; LANES]) -> [u16; LANES] {
        let (mut states, read) = self.side_by_side(texts);
        for (state, text) in states.iter_mut().zip(texts) {
            for byte in text.get(read..).unwrap_or_default() {
                if *state <= YES {
                    break;
                }
                *state = self.step(*state, *byte);
            }
        }
        states
    }

    /// The states after the bytes that all these texts have, and how many of those were read: fewer if all
    /// are decided earlier.
    fn side_by_side(&self, texts: [&[u8]; LANES]) -> ([u16; LANES], usize) {
        let mut states = [START; LANES];
        let shortest = texts.iter().map(|text| text.len()).min().unwrap_or(0);
        let heads = texts.map(|text| text.get(..shortest).unwrap_or_default());
        let mut read = 0;
        while read < shortest && states.iter().any(|state| *state > YES) {
            let until = shortest.min(read + STRIDE);
            for at in read..until {
                for (state, head) in states.iter_mut().zip(heads) {
                    *state = self.step(*state, head[at]);
                }
            }
            read = until;
        }
        (states, read)
    }

    fn step(&self, state: u16, byte: u8) -> u16 {
        let next = self.next.get(usize::from(state));
        next.map_or(NO, |next| next[usize::from(byte) % ASCII])
    }
}

/// The known states, numbered from [`START`] on.
struct States {
    met: Vec<LazyStateID>,
    numbers: HashMap<LazyStateID, u16>,
}

impl From<LazyStateID> for States {
    fn from(start: LazyStateID) -> Self {
        Self {
            met: vec![start],
            numbers: HashMap::from([(start, START)]),
        }
    }
}

impl States {
    fn get(&self, number: usize) -> Option<LazyStateID> {
        self.met.get(number - usize::from(START)).copied()
    }

    /// The number of a known or new state; `None` if there are too many.
    fn number(&mut self, state: LazyStateID) -> Option<u16> {
        if let Some(number) = self.numbers.get(&state) {
            return Some(*number);
        }
        if self.met.len() >= MOST_STATES {
            return None;
        }
        let number = START + u16::try_from(self.met.len()).ok()?;
        self.met.push(state);
        self.numbers.insert(state, number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_many_states_is_no_table() {
        let parse = |source: &str| regex_syntax::parse(source).unwrap();
        assert!(Automaton::of(&parse("a.{8}b")).is_some());
        assert!(Automaton::of(&parse("a.{12}b")).is_none());
        assert!(Automaton::of(&parse(r"(\w{50}){50}")).is_none());
    }

    #[test]
    fn texts_are_read_until_they_end_or_are_decided() {
        let automaton = |source: &str| Automaton::of(&regex_syntax::parse(source).unwrap()).unwrap();
        let (long, short) = ([b'a'; 30].as_slice(), [b'a'; 20].as_slice());
        for (source, texts, read) in [
            ("a{9}$", [long, long, short, long], 20),
            ("^b", [long; LANES], STRIDE),
            ("^a", [long; LANES], STRIDE),
            ("a{9}", [long; LANES], 2 * STRIDE),
            ("^b", [long, long, &[], long], 0),
        ] {
            assert_eq!(automaton(source).side_by_side(texts).1, read, "{source}");
        }
        assert_eq!(
            automaton("^b").run([b"a", b"b-", b"ab", b""]),
            [NO, YES, NO, START]
        );
    }
}
