//! Masking: the names on the screen while somebody else can see it.
//!
//! Owns what is hidden. Pods get their pseudonyms when they are read ([`Fleet::masked_by`]), so table,
//! detail, menus, copies and files cannot show anything else. Typed text, the source's names and sentences
//! from outside are masked here before they are shown. A filter is stored with real names and shown with
//! pseudonyms; a word that may be a name is shown as dots while it is typed. Must not: draw.

use std::borrow::Cow;
use std::sync::Arc;

use super::command::COMMANDS;
use super::model::Model;
use super::prompt::recall::Recalls;
use crate::fleet::RemoteText;
use crate::fleet::fields::names::{beginning_with, named};
use crate::fleet::fields::{PodText, Wording};
use crate::fleet::pseudonym::{NameKind, Pseudonyms};
use crate::fleet::query::{ChangeColumn, ParseError, ParseErrorKind, quoted_where_needed};
use crate::fleet::{Fleet, Pod, View};
use crate::hss::ProjectId;
use crate::hss::request::ALL_ENTERPRISE_PROJECTS;
use crate::keys::ViewKind;
use crate::state::typed_lines::TypedLines;

/// Replaces a sentence that may contain a name.
pub const HIDDEN: &str = "hidden while names are masked; :mask shows it";

/// The most digits of a number in a filter that does not count as a name.
const NUMBER_DIGITS: usize = 6;

/// The pseudonyms, if names are masked.
#[derive(Debug, Clone, Default)]
pub struct Masking {
    names: Option<Arc<Pseudonyms>>,
    /// Lines that were typed in the other mode: masked lines are not offered unmasked, and the reverse.
    other_recalls: Arc<Recalls>,
}

impl Masking {
    /// Whether names are masked.
    pub fn is_on(&self) -> bool {
        self.names.is_some()
    }

    /// The pods with their names or with pseudonyms.
    pub fn cover(&self, fleet: &Fleet) -> Fleet {
        fleet.masked_by(self.names.clone())
    }

    /// The rows with their names or with pseudonyms.
    pub fn cover_view(&self, view: View) -> View {
        let fleet = self.cover(&view.fleet);
        view.with_fleet(fleet)
    }

    /// A name as it may be shown.
    pub fn name<'a>(&self, kind: NameKind, name: &'a str) -> Cow<'a, str> {
        match &self.names {
            Some(names) => names.of(kind, name).into(),
            None => name.into(),
        }
    }

    /// A filter with real names, from the typed text.
    pub fn meant_filter<'a>(&self, typed: &'a str) -> Cow<'a, str> {
        match &self.names {
            Some(names) => names.meant(typed, quoted_where_needed).into(),
            None => typed.into(),
        }
    }

    /// A command with real names, from the typed text.
    pub fn meant_command<'a>(&self, typed: &'a str) -> Cow<'a, str> {
        match &self.names {
            Some(names) => names.meant(typed, str::to_owned).into(),
            None => typed.into(),
        }
    }

    /// The filter in force, in the form in which it may be typed again.
    pub fn typed_again<'a>(&self, filter: &'a str) -> Cow<'a, str> {
        match &self.names {
            Some(names) => names.renamed(filter).into(),
            None => filter.into(),
        }
    }

    /// The text being typed, as it may be shown; each character keeps its place.
    pub fn typing<'a>(&self, typed: &'a str) -> Cow<'a, str> {
        match &self.names {
            Some(names) => names.dotted(typed, is_public).into(),
            None => typed.into(),
        }
    }

    /// The filter in force, as it may be shown.
    pub fn filter<'a>(&self, filter: &'a str) -> Cow<'a, str> {
        match &self.names {
            Some(names) => names.dotted(&names.renamed(filter), is_public).into(),
            None => filter.into(),
        }
    }

    /// The error of a filter, as it may be shown: an expression's error may repeat its text.
    pub fn filter_fault(&self, error: &ParseError) -> String {
        match error.kind {
            ParseErrorKind::BadRegex(_) if self.is_on() => "this is not a regular expression".to_owned(),
            _ => error.to_string(),
        }
    }

    /// A sentence from outside, or one that may contain a name, as it may be shown.
    pub fn sentence<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.is_on() { HIDDEN.into() } else { text.into() }
    }
}

/// Whether a word of a filter or a command is the beginning of one of our words, or a number.
fn is_public(word: &str) -> bool {
    let lower = word.to_lowercase();
    let begins = |of: &str| of.to_lowercase().starts_with(&lower);
    let is_command = || {
        let names = COMMANDS
            .iter()
            .flat_map(|row| [row.name].into_iter().chain(row.aliases.iter().copied()));
        names.into_iter().any(begins)
    };
    let is_word = || {
        let texts = PodText::ALL.iter().map(|text| text.wording());
        texts
            .filter_map(|wording| match wording {
                Wording::Closed(words) => Some(words),
                Wording::Names(_) => None,
            })
            .flatten()
            .any(|listed| begins(listed.typed) || begins(listed.raw))
    };
    let is_of_changes = || {
        let columns = ChangeColumn::ALL.into_iter();
        let mut words = columns.flat_map(|column| [vec![column.name()], column.values()].concat());
        words.any(begins)
    };
    let digits = word
        .bytes()
        .take_while(|it| it.is_ascii_digit() || *it == b'.')
        .count();
    let is_number = digits > 0
        && digits <= NUMBER_DIGITS
        && word.bytes().filter(|it| *it == b'.').count() <= 1
        && word
            .get(digits..)
            .is_some_and(|unit| unit.len() <= 2 && unit.bytes().all(|it| it.is_ascii_alphabetic()));
    named(&lower).is_some()
        || !beginning_with(&lower).is_empty()
        || begins("none")
        || is_of_changes()
        || is_number
        || is_command()
        || is_word()
}

/// The source of the pods, as it may be shown; unknown parts are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSource {
    /// The profile of the configuration file.
    pub profile: String,
    /// Where the service is.
    pub place: String,
    /// The project.
    pub project: String,
    /// The enterprise project.
    pub enterprise_project: String,
    /// Who signs in.
    pub signed_in_by: String,
}

impl Model {
    /// The source of the pods, as it may be shown.
    pub fn shown_source(&self) -> ShownSource {
        let found = self.status.project.as_ref().map(ProjectId::as_str);
        let name = |kind, text: &str| self.masking.name(kind, text).into_owned();
        let enterprise = match self.source.enterprise_project.as_str() {
            // These are words and not ids.
            word @ ("0" | ALL_ENTERPRISE_PROJECTS) => word.to_owned(),
            id => name(NameKind::Project, id),
        };
        ShownSource {
            profile: name(NameKind::Account, &self.source.profile),
            place: name(NameKind::Place, &self.source.place),
            project: name(NameKind::Project, found.unwrap_or(&self.source.project)),
            enterprise_project: enterprise,
            signed_in_by: name(NameKind::Account, &self.source.signed_in_by),
        }
    }

    /// The requested scope, as it may be shown: the name and the value of each filter.
    pub fn shown_scope(&self) -> Vec<(&'static str, String)> {
        let scope = &self.request.scope;
        let kind = |name: &str| match name {
            "ns" => NameKind::Namespace,
            "cluster" => NameKind::Cluster,
            _ => NameKind::Pod,
        };
        let terms = scope.terms();
        terms
            .map(|(name, value)| (name, self.masking.name(kind(name), value).into_owned()))
            .collect()
    }

    /// The same in one text, for sentences: `cluster:prod ns:pay`; `None` if the scope is all pods.
    pub fn scope_words(&self) -> Option<String> {
        let terms = self.shown_scope().into_iter();
        let words: Vec<String> = terms
            .map(|(name, value)| format!("{name}:{}", RemoteText::name(&value).shown()))
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// [`Model::pod`] with its real names, for requests, filters and mutes. Never show it.
    pub fn real_pod(&self) -> Option<Pod> {
        if self.focus.view() == ViewKind::Changes {
            return self.changes.opened.as_deref().cloned();
        }
        if let Some(absent) = self.absent_pod() {
            return Some(Pod::clone(&absent.pod));
        }
        let row = self.view.row(self.pods.cursor)?;
        self.view.fleet.masked_by(None).pod(row)
    }

    /// Takes the typed lines of earlier runs and of other dashboards. They contain names, so they are not
    /// offered while names are masked.
    pub(super) fn take_typed_lines(&mut self, lines: TypedLines) {
        let recalls = if self.masking.is_on() {
            &mut self.masking.other_recalls
        } else {
            &mut self.recalls
        };
        let recalls = Arc::make_mut(recalls);
        recalls.filters.renew(lines.filters);
        recalls.commands.renew(lines.commands);
    }

    /// Masks the names, or shows them again; returns whether that worked. Open overlays close, because they
    /// contain names.
    pub fn mask(&mut self, is_on: bool) -> bool {
        let names = is_on.then(Pseudonyms::random).flatten().map(Arc::new);
        if names.is_some() != is_on {
            return false;
        }
        if is_on != self.masking.is_on() {
            std::mem::swap(&mut self.masking.other_recalls, &mut self.recalls);
            self.masking.names = names;
        }
        self.fleet = self.masking.cover(&self.fleet);
        let masking = self.masking.clone();
        self.time.cover(|fleet| masking.cover(fleet));
        self.view = self.masking.cover_view(std::mem::take(&mut self.view));
        self.focus.show(self.focus.view());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_language_are_shown_and_what_may_be_a_name_is_not() {
        for word in [
            "ns",
            "status",
            "Failed",
            "cpu",
            "80",
            "1.5Gi",
            "none",
            "sort",
            "not-scanned",
            "changed",
            "gone",
            "serverless",
        ] {
            assert!(is_public(word), "{word}");
        }
        for word in [
            "payments", "10.0.0.1", "192.168", "web-0", "1234567", "05d8a4f1", "prod-a",
        ] {
            assert!(!is_public(word), "{word}");
        }
    }
}
