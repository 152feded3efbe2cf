//! The hints in the last line, which are part of the table of keys.
//!
//! A row of the table says where its key is worth a hint, at which place among the others, and in which words; rows
//! may share one hint. Must not: know which keys an operator has bound, or how much room there is.

use super::action::Action;
use super::mode::Mode;
use super::table::{BINDINGS, Binding};

/// Where hints are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HintPlace {
    /// In this mode.
    In(Mode),
    /// While the record of a pod is in the place of its detail.
    Record,
    /// Beside an alert.
    Banner,
    /// Beside a problem, in a view of pods.
    PodsProblem,
    /// Beside a problem elsewhere.
    Problem,
}

/// A hint of a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowHint {
    /// Where it is shown.
    pub place: HintPlace,
    /// Its place among the hints there: a narrow line has room for the lowest.
    pub rank: u8,
    /// A few words; `None` if the key joins the hint of another row that has this rank.
    pub words: Option<&'static str>,
}

/// A hint in these words.
pub(super) const fn says(place: HintPlace, rank: u8, words: &'static str) -> RowHint {
    RowHint {
        place,
        rank,
        words: Some(words),
    }
}

/// One more key of the hint of this rank.
pub(super) const fn joins(place: HintPlace, rank: u8) -> RowHint {
    RowHint {
        place,
        rank,
        words: None,
    }
}

/// Actions, and a few words for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The actions. The words are those of the first.
    pub actions: Vec<Action>,
    /// The words.
    pub words: &'static str,
}

/// The hints of a place, the most important first.
pub fn hints(place: HintPlace) -> Vec<Hint> {
    of_rows(&BINDINGS, place)
}

fn of_rows(rows: &[Binding], place: HintPlace) -> Vec<Hint> {
    let mut found: Vec<(u8, Option<&'static str>, Action)> = rows
        .iter()
        .flat_map(|row| row.hints.iter().map(|hint| (hint, row.action)))
        .filter(|(hint, _)| hint.place == place)
        .map(|(hint, action)| (hint.rank, hint.words, action))
        .collect();
    // The row with the words comes first.
    found.sort_by_key(|(rank, words, _)| (*rank, words.is_none()));
    let hints = found.chunk_by(|a, b| a.0 == b.0).filter_map(|rows| {
        let (_, words, _) = rows.first()?;
        Some(Hint {
            actions: rows.iter().map(|(.., action)| *action).collect(),
            words: (*words)?,
        })
    });
    hints.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyMap;
    use crate::keys::key::key;
    use crate::keys::table::bind;

    const PLACES: [HintPlace; 4] = [
        HintPlace::Record,
        HintPlace::Banner,
        HintPlace::PodsProblem,
        HintPlace::Problem,
    ];

    fn places() -> impl Iterator<Item = HintPlace> {
        Mode::ALL.into_iter().map(HintPlace::In).chain(PLACES)
    }

    #[test]
    fn every_rank_has_its_words_once_and_each_hint_of_a_mode_has_its_keys_there() {
        for place in places() {
            let of_place = BINDINGS.iter().flat_map(|row| row.hints);
            let of_place: Vec<&RowHint> = of_place.filter(|hint| hint.place == place).collect();
            for hint in &of_place {
                let same = of_place.iter().filter(|other| other.rank == hint.rank);
                let worded = same.filter(|other| other.words.is_some());
                assert_eq!(worded.count(), 1, "{place:?} {}", hint.rank);
            }
            let HintPlace::In(mode) = place else { continue };
            for hint in hints(place) {
                for action in &hint.actions {
                    assert!(
                        KeyMap::default().key_of(mode, *action).is_some(),
                        "{mode:?} {hint:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn everything_that_closes_by_a_key_says_so() {
        for mode in Mode::ALL {
            let has_hints = !hints(HintPlace::In(mode)).is_empty();
            // In a prompt, the line itself is what is typed.
            let is_prompt = matches!(mode, Mode::Filter | Mode::Command | Mode::HelpSearch);
            assert_eq!(has_hints, !is_prompt, "{mode:?}");
        }
    }

    #[test]
    fn a_key_more_is_one_row() {
        const PLACE: HintPlace = HintPlace::In(Mode::Table);
        const ROW: Binding =
            bind(&[Mode::Table], &[key('X')], Action::Redraw, "draws").hinted(&[says(PLACE, 0, "draw")]);
        let rows = [BINDINGS.clone(), vec![ROW]].concat();
        let hints = of_rows(&rows, PLACE);
        assert_eq!(hints.first().map(|hint| hint.words), Some("draw"));
        assert_eq!(hints.len(), super::hints(PLACE).len() + 1);
    }
}
