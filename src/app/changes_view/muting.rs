//! What is about to be muted, and the lines of its menu.

use crate::fleet::changes::Change;
use crate::fleet::decisions::{Mute, MuteTarget};
use crate::keys::{Action, MuteChoice};

/// What is to be muted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Muting {
    /// The pod.
    pub pod: MuteTarget,
    /// Its namespace.
    pub namespace: MuteTarget,
    /// Whether the whole namespace is meant.
    pub is_namespace: bool,
    /// The mute that holds for the pod already.
    pub holds: Option<Mute>,
    /// The line of the menu under the cursor.
    pub choice: Action,
}

/// The lines of its menu, in their order.
const CHOICES: [Action; 7] = [
    Action::UndoDecision,
    Action::MuteFor(MuteChoice::UntilChanged),
    Action::MuteFor(MuteChoice::Hours),
    Action::MuteFor(MuteChoice::Days),
    Action::MuteFor(MuteChoice::Forever),
    Action::MuteNamespace,
    Action::Back,
];

impl Muting {
    /// What is meant.
    pub fn target(&self) -> &MuteTarget {
        if self.is_namespace {
            &self.namespace
        } else {
            &self.pod
        }
    }

    /// The lines of the menu: a mute can be ended where one holds.
    pub fn choices(&self) -> Vec<Action> {
        let is_there = |action: &Action| *action != Action::UndoDecision || self.holds.is_some();
        CHOICES.into_iter().filter(is_there).collect()
    }

    /// The place of the chosen line.
    pub fn place(&self) -> usize {
        let choices = self.choices();
        choices.iter().position(|it| *it == self.choice).unwrap_or(0)
    }

    /// Chooses the line at this place, or the last one.
    pub(in crate::app) fn go(&mut self, place: usize) {
        let choices = self.choices();
        if let Some(choice) = choices.get(place).or(choices.last()) {
            self.choice = *choice;
        }
    }

    pub(in crate::app) fn of(change: &Change) -> Self {
        Self {
            pod: MuteTarget::pod_of(change),
            namespace: MuteTarget::namespace_of(change),
            is_namespace: false,
            holds: None,
            choice: Action::MuteFor(MuteChoice::UntilChanged),
        }
    }
}
