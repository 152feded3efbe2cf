//! The long lists of modes.

use crate::keys::mode::Mode;

/// All except the prompts, where the key is a letter.
pub(super) const LEFT_BY_Q: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Themes,
    Mode::Columns,
    Mode::Export,
    Mode::Confirm,
    Mode::Overview,
    Mode::Health,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Decisions,
    Mode::Mute,
    Mode::Views,
    Mode::Alerts,
];
pub(super) const CLOSABLE: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Themes,
    Mode::Columns,
    Mode::Export,
    Mode::Confirm,
    Mode::Filter,
    Mode::Command,
    Mode::Overview,
    Mode::Health,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Decisions,
    Mode::Mute,
    Mode::Views,
    Mode::Alerts,
    Mode::HelpSearch,
];
/// The views, and the detail.
pub(super) const VIEWS: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Overview,
    Mode::Health,
    Mode::Changes,
    Mode::Decisions,
];
/// The same, and the list of the alerts.
pub(super) const VIEWS_ALERTS: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Overview,
    Mode::Health,
    Mode::Changes,
    Mode::Decisions,
    Mode::Alerts,
];
/// The modes with something to move in.
pub(super) const LISTS: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Overview,
    Mode::Health,
    Mode::Help,
    Mode::Sort,
    Mode::Columns,
    Mode::Themes,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Decisions,
    Mode::Mute,
    Mode::Views,
    Mode::Alerts,
];
/// Where a key can mean that the screen is drawn anew.
pub(super) const REDRAWN: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Overview,
    Mode::Themes,
    Mode::Columns,
    Mode::Health,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Decisions,
    Mode::Views,
    Mode::Alerts,
];
