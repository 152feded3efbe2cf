//! The keys of the overview only.

use crossterm::event::KeyCode;

use super::{Binding, bind};
use crate::fleet::overview::OverviewColumn;
use crate::keys::action::Action;
use crate::keys::hints::HintPlace::In;
use crate::keys::hints::says;
use crate::keys::key::{key, named};
use crate::keys::mode::Mode;

const OVERVIEW: &[Mode] = &[Mode::Overview];

pub(super) const KEYS: &[Binding] = &[
    bind(
        OVERVIEW,
        &[named(KeyCode::Enter)],
        Action::ShowNamespace,
        "show its pods; Esc returns",
    )
    .hinted(&[says(In(Mode::Overview), 2, "its pods")]),
    bind(
        OVERVIEW,
        &[key('O')],
        Action::SortNamespaces(OverviewColumn::Off),
        "sort by unprotected pods",
    ),
    bind(
        OVERVIEW,
        &[key('C'), key('M')],
        Action::SortNamespaces(OverviewColumn::NearLimit),
        "sort by pods near a limit",
    ),
];
