//! The mark of an answer that a collector of hss-top gave in the place of HSS.
//!
//! Owns the state word of that collector. A word of a newer version is not believed to be a good one. Must
//! not: decide what a screen shows.

use reqwest::header::{HeaderMap, HeaderName};

const SOURCE: HeaderName = HeaderName::from_static("x-hss-top-source");
const STATE: HeaderName = HeaderName::from_static("x-hss-top-state");

/// What to do about a collector that is in trouble: only its own machine can tell more.
pub const ASK_WHO_RUNS_IT: &str = "ask whoever runs the collector to run hss-top doctor there";

/// How current the list of a collector is, in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectorState {
    /// All of it, as of the newest snapshot.
    Fresh,
    /// A sweep is running; its list is the one before.
    Loading,
    /// The last sweep was incomplete; its list is an earlier one.
    Partial,
    /// HSS has not renewed the list for long.
    Old,
    /// Its last answer of HSS is old.
    Stale,
    /// HSS asked it to wait.
    Throttled,
    /// HSS does not accept its credential.
    Auth,
    /// It cannot reach HSS.
    Offline,
    /// Its credential may not read the list.
    Denied,
}

impl CollectorState {
    /// The states and their words.
    const WORDS: [(Self, &str); 9] = [
        (Self::Fresh, "FRESH"),
        (Self::Loading, "LOADING"),
        (Self::Partial, "PARTIAL"),
        (Self::Old, "OLD"),
        (Self::Stale, "STALE"),
        (Self::Throttled, "THROTTLED"),
        (Self::Auth, "AUTH"),
        (Self::Offline, "OFFLINE"),
        (Self::Denied, "DENIED"),
    ];

    /// What the headers of an answer say; `None` if HSS itself answered.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        headers.get(SOURCE)?;
        let word = headers.get(STATE).and_then(|word| word.to_str().ok());
        Some(Self::of(word.unwrap_or_default()))
    }

    /// The state with this word.
    pub fn of(word: &str) -> Self {
        let known = Self::WORDS.iter().find(|(_, known)| *known == word);
        known.map_or(Self::Stale, |(state, _)| *state)
    }

    /// Why its list is not renewed, about the collector; `None` where it is, or soon will be.
    pub const fn trouble(self) -> Option<&'static str> {
        Some(match self {
            Self::Fresh | Self::Loading | Self::Old | Self::Throttled => return None,
            Self::Partial => "HSS lists fewer pods for it than it counts",
            Self::Stale => "HSS does not answer it as it should",
            Self::Auth => "HSS refuses its credential",
            Self::Offline => "it cannot reach HSS",
            Self::Denied => "its credential may not list the pods",
        })
    }

    /// The word, as the collector says it.
    pub fn word(self) -> &'static str {
        let known = Self::WORDS.iter().find(|(state, _)| *state == self);
        known.map_or("STALE", |(_, word)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_says_how_current_its_list_is_and_an_unknown_word_is_no_good_one() {
        let read = |source: &[&str], state: &str| {
            let source = source.iter().map(|word| (SOURCE, word.parse().unwrap()));
            let state = (!state.is_empty()).then(|| (STATE, state.parse().unwrap()));
            CollectorState::read(&source.chain(state).collect())
        };
        for (state, word) in CollectorState::WORDS {
            assert_eq!((read(&["store"], word), state.word()), (Some(state), word));
        }
        assert_eq!(read(&["store"], "SPLENDID"), Some(CollectorState::Stale));
        assert_eq!(read(&["store"], ""), Some(CollectorState::Stale));
        assert_eq!(read(&[], "FRESH"), None);
    }
}
