//! The filter of the commands that print changes.
//!
//! Owns where it comes from: the flag, its variable, or a saved view; and the pod that it looks at. Must not: print.

use std::cell::OnceCell;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use jiff::Timestamp;

use super::check::NoPods;
use crate::config::{Config, ConfigKey};
use crate::fleet::change_log::last_records;
use crate::fleet::changes::Change;
use crate::fleet::query::change_query::ChangeQuery;
use crate::fleet::{Fleet, Pod, PodKey};
use crate::settings::{SavedView, Unready};

/// The command, whose filter is one of changes.
pub(super) fn with_filter_of_changes(command: clap::Command) -> clap::Command {
    let read = |text: &str| match ChangeQuery::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.at_shell()),
    };
    command.mut_arg("filter", |filter| filter.value_parser(read))
}

/// A filter of changes as it was typed.
#[derive(Debug)]
pub(super) struct TypedChangeFilter(Option<(String, ChangeQuery)>);

impl TypedChangeFilter {
    /// Takes the filter out of the configuration, where all others would read it as one of pods.
    ///
    /// # Errors
    /// It is not a filter.
    pub(super) fn take(config: &mut Config) -> Result<Self, Unready> {
        let Some(text) = config.text(ConfigKey::Filter).map(str::to_owned) else {
            return Ok(Self(None));
        };
        let parsed = ChangeQuery::parse(&text)
            .map_err(|error| config.wrong(ConfigKey::Filter, &format!("a filter: {}", error.at_shell())))?;
        config.forget(ConfigKey::Filter);
        Ok(Self(Some((text, parsed))))
    }

    /// Why no change may ever match, in a sentence.
    pub(super) fn doubt(&self) -> Option<String> {
        let (text, _) = self.0.as_ref()?;
        let why = ChangeQuery::parse_among(text, &NoPods).err()?;
        Some(format!("--filter may never match: {why}"))
    }

    /// The filter; without one that of this view.
    pub(super) fn or_of(self, view: Option<&SavedView>) -> ChangeQuery {
        let of_view = || ChangeQuery::parse(&view?.filter).ok();
        let typed = self.0.map(|(_, query)| query);
        typed.or_else(of_view).unwrap_or_default()
    }
}

/// The pods of changes.
pub(super) struct ChangedPodsOf<'a, C> {
    fleet: &'a Fleet,
    changes: C,
    told: OnceCell<HashMap<PodKey, Pod, RandomState>>,
}

impl<'a, C, I> ChangedPodsOf<'a, C>
where
    C: Fn() -> I,
    I: Iterator<Item = &'a Change>,
{
    /// The pods of `fleet`, and of these changes.
    pub(super) fn new(fleet: &'a Fleet, changes: C) -> Self {
        Self {
            fleet,
            changes,
            told: OnceCell::new(),
        }
    }

    /// Whether a change passes.
    pub(super) fn pass(&self, query: &ChangeQuery, change: &Change, now: Timestamp) -> bool {
        query.is_empty() || query.passes(change, &self.pod_of(change), now)
    }

    /// The pod of a change: as HSS lists it, or what its changes tell of it.
    fn pod_of(&self, change: &Change) -> Pod {
        let row = self.fleet.row_of(&change.pod, None);
        let listed = row.and_then(|row| self.fleet.pod(row));
        let told = || {
            let all = self.told.get_or_init(|| last_records((self.changes)(), |_| true));
            all.get(&change.pod).cloned()
        };
        listed.or_else(told).unwrap_or_else(|| change.pod_then())
    }
}
