//! The notes on stderr beside the changes: how the watching goes, each once.
//!
//! Must not: print.

use jiff::Timestamp;

use crate::cli::collector_word;
use crate::cli::fleet_fetch::FetchEnd;
use crate::collector::SyncStatus;
use crate::hss::collector_mark::ASK_WHO_RUNS_IT;
use crate::ui::format::count;

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct WatchNotes {
    problem: Option<String>,
    state: Option<String>,
    /// The trouble of the collector that answers.
    collector: Option<&'static str>,
    is_begun: bool,
    is_short: bool,
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchNote {
    pub(super) text: String,
    /// Whether it is said in any case: something is wrong.
    pub(super) is_error: bool,
}

impl WatchNote {
    pub(super) fn error(text: String) -> Self {
        Self { text, is_error: true }
    }

    fn news(text: String) -> Self {
        Self {
            text,
            is_error: false,
        }
    }
}

impl WatchNotes {
    /// What is to be said of this report of the collector.
    pub(super) fn of(&mut self, status: &SyncStatus, name: &str, now: Timestamp) -> Vec<WatchNote> {
        let mut notes = Vec::new();
        let problem = status.problem.as_ref().map(|problem| problem.error.to_string());
        if problem != self.problem {
            match (&status.problem, &problem) {
                (Some(told), Some(why)) => {
                    let end = FetchEnd::Failed(Box::new(told.error.clone()));
                    notes.push(WatchNote::error(format!("{why}; hss-top tries again")));
                    let advice = end.advice().into_iter();
                    notes.extend(advice.map(|advice| WatchNote::error(format!("→ {advice}"))));
                }
                _ => notes.push(WatchNote::news("HSS answers again".to_owned())),
            }
            self.problem = problem;
        }
        if status.state_trouble != self.state {
            notes.push(match &status.state_trouble {
                Some(why) => WatchNote::error(format!(
                    "{why}; changes are still printed, but --after may not find them later"
                )),
                None => WatchNote::news("changes are saved again".to_owned()),
            });
            self.state.clone_from(&status.state_trouble);
        }
        notes.extend(self.of_collector(status, now));
        notes.extend(status.state_notice.clone().map(WatchNote::error));
        let is_over = !status.loading && !status.restored && status.asked_at.is_some();
        if is_over && self.problem.is_none() {
            if !status.complete && !self.is_short {
                let total = status.total.map_or_else(|| "all".to_owned(), count);
                let met = count(status.met);
                notes.push(WatchNote::error(format!(
                    "HSS listed {met} of {total} pods: the changes of the others are not known yet"
                )));
            } else if status.complete && !self.is_begun {
                let pods = count(status.met);
                notes.push(WatchNote::news(format!("watching {pods} pods of {name}")));
                self.is_begun = true;
            }
            self.is_short = !status.complete;
        }
        notes
    }

    /// That the collector is in trouble, once for each kind of it, and that it is over. Its age grows with each report.
    fn of_collector(&mut self, status: &SyncStatus, now: Timestamp) -> Vec<WatchNote> {
        // While nobody answers, or HSS itself does, nothing is known of it.
        let Some(state) = status.through.filter(|_| status.problem.is_none()) else {
            return Vec::new();
        };
        let doubt = collector_word::doubt(status, now, None);
        let word = doubt.is_some().then(|| state.word());
        if std::mem::replace(&mut self.collector, word) == word {
            return Vec::new();
        }
        match doubt {
            Some(why) => vec![
                WatchNote::error(format!("{why}; changes follow when it is well again")),
                WatchNote::error(format!("→ {ASK_WHO_RUNS_IT}")),
            ],
            None => vec![WatchNote::news("the collector is well again".to_owned())],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::status::Problem;
    use crate::hss::error::{Error, ServiceError};

    fn texts(notes: &[WatchNote]) -> Vec<&str> {
        notes.iter().map(|note| note.text.as_str()).collect()
    }

    #[test]
    fn each_thing_is_said_once_and_so_is_its_end() {
        let mut notes = WatchNotes::default();
        let well = SyncStatus {
            asked_at: Some(Timestamp::UNIX_EPOCH),
            complete: true,
            met: 1111,
            ..SyncStatus::default()
        };
        assert_eq!(
            texts(&notes.of(&well, "p (r)", Timestamp::UNIX_EPOCH)),
            ["watching 1,111 pods of p (r)"]
        );
        assert_eq!(notes.of(&well, "p (r)", Timestamp::UNIX_EPOCH), []);
        let error: Error = ServiceError {
            status: 503,
            ..ServiceError::default()
        }
        .into();
        let failing = SyncStatus {
            problem: Some(Problem { error, until: None }),
            ..well.clone()
        };
        let told = notes.of(&failing, "p (r)", Timestamp::UNIX_EPOCH);
        assert!(told[0].is_error && told[0].text.ends_with("; hss-top tries again"));
        assert_eq!(notes.of(&failing, "p (r)", Timestamp::UNIX_EPOCH), []);
        assert_eq!(
            texts(&notes.of(&well, "p (r)", Timestamp::UNIX_EPOCH)),
            ["HSS answers again"]
        );
        let short = SyncStatus {
            complete: false,
            total: Some(1200),
            ..well.clone()
        };
        let told = notes.of(&short, "p (r)", Timestamp::UNIX_EPOCH);
        assert_eq!(
            texts(&told),
            ["HSS listed 1,111 of 1,200 pods: the changes of the others are not known yet"]
        );
        assert_eq!(notes.of(&short, "p (r)", Timestamp::UNIX_EPOCH), []);
        let unsaved = SyncStatus {
            state_trouble: Some("nothing is saved: the disk is full".to_owned()),
            ..well.clone()
        };
        assert_eq!(notes.of(&unsaved, "p (r)", Timestamp::UNIX_EPOCH).len(), 1);
        assert_eq!(
            texts(&notes.of(&well, "p (r)", Timestamp::UNIX_EPOCH)),
            ["changes are saved again"]
        );
    }

    #[test]
    fn a_collector_in_trouble_is_named_once_and_so_is_its_end() {
        use crate::hss::collector_mark::CollectorState;
        let mut notes = WatchNotes::default();
        let status = |state| SyncStatus {
            through: Some(state),
            asked_at: Some(Timestamp::UNIX_EPOCH),
            complete: true,
            ..SyncStatus::default()
        };
        let hour = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
        assert_eq!(notes.of(&status(CollectorState::Fresh), "p", hour(0)).len(), 1);
        let offline = status(CollectorState::Offline);
        assert_eq!(notes.of(&offline, "p", Timestamp::UNIX_EPOCH), []);
        let told = notes.of(&offline, "p", hour(10));
        assert_eq!(
            texts(&told),
            [
                "the collector is OFFLINE: it cannot reach HSS; HSS confirmed its list 10h ago; changes follow when it is \
                 well again",
                "→ ask whoever runs the collector to run hss-top doctor there"
            ]
        );
        assert!(told.iter().all(|note| note.is_error));
        assert_eq!(notes.of(&offline, "p", hour(11)), []);
        let refused = notes.of(&status(CollectorState::Auth), "p", hour(11));
        assert!(texts(&refused)[0].starts_with("the collector is AUTH"));
        let well = notes.of(&status(CollectorState::Fresh), "p", hour(11));
        assert_eq!(texts(&well), ["the collector is well again"]);
    }
}
