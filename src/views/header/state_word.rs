//! The word for how current the list is, and its meaning.

use crate::app::Model;
use crate::collector::SyncState;
use crate::keys::ViewKind;
use crate::ui::format::{AHEAD, CORRECTED, age, clock, count, elapsed, short_age};
use crate::ui::{Role, signs};

/// Sign and meaning of the word.
pub fn meaning(state: SyncState) -> (&'static str, Role) {
    match state {
        SyncState::Fresh => (signs::FINE, Role::Good),
        SyncState::Recorded => (signs::PENDING, Role::Warn),
        SyncState::Loading { .. } => (signs::BUSY, Role::Busy),
        SyncState::Partial { .. } => (signs::PENDING, Role::Warn),
        SyncState::Throttled(_) => (signs::BUSY, Role::Warn),
        SyncState::Old(_) => (signs::RISK, Role::Warn),
        SyncState::Stale(_) | SyncState::Auth | SyncState::Offline | SyncState::Denied => {
            (signs::FAILED, Role::Bad)
        }
    }
}

/// Sign, meaning and word in the header: good news of the list that HSS has now is no news of pods of an earlier time.
pub(super) fn shown(model: &Model) -> (&'static str, Role, String) {
    let state = model.state();
    let ((sign, role), word) = (meaning(state), text(state, model));
    let is_of_now =
        model.time.is_live() || matches!(model.focus.view(), ViewKind::Changes | ViewKind::Health);
    if is_of_now || role != Role::Good {
        return (sign, role, word);
    }
    (signs::PENDING, Role::Muted, format!("now {word}"))
}

/// The word with its figures.
fn text(state: SyncState, model: &Model) -> String {
    let now = model.now;
    let word = state.word();
    match state {
        SyncState::Loading {
            met,
            total: Some(total),
        } => format!("{word} {} of {}", count(met), count(total)),
        SyncState::Loading { met: 0, total: None } => word.to_owned(),
        SyncState::Loading { met, total: None } => format!("{word} {}", count(met)),
        SyncState::Partial { met, total } => format!("{word} {} of {}", count(met), count(total)),
        SyncState::Stale(Some(since)) => match elapsed(since, now, CORRECTED) {
            Some(seconds) => format!("{word} {}", age(seconds)),
            None => word.to_owned(),
        },
        SyncState::Old(of) => {
            let seconds = elapsed(of, model.status.service_time(now), AHEAD);
            seconds.map_or_else(
                || word.to_owned(),
                |seconds| format!("{word} {}", short_age(seconds)),
            )
        }
        SyncState::Throttled(Some(until)) => format!("{word} until {}", clock(until, &model.zone)),
        SyncState::Fresh
        | SyncState::Recorded
        | SyncState::Stale(None)
        | SyncState::Throttled(None)
        | SyncState::Auth
        | SyncState::Offline
        | SyncState::Denied => word.to_owned(),
    }
}
