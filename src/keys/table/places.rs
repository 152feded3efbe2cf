//! The long lists of modes in which a key holds.

use crate::keys::mode::Mode;

/// All but the prompts, where it is a letter.
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
/// Where there is something to move in.
pub(super) const LISTS: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Overview,
    Mode::Help,
    Mode::Sort,
    Mode::Columns,
    Mode::Themes,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Views,
];
