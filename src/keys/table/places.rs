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
    Mode::Mute,
    Mode::Views,
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
    Mode::Mute,
    Mode::Views,
    Mode::HelpSearch,
];
/// The views, and the detail.
pub(super) const VIEWS: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Overview,
    Mode::Health,
    Mode::Changes,
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
    Mode::Views,
];
