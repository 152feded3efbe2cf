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
    Mode::Health,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Mute,
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
    Mode::Health,
    Mode::RowMenu,
    Mode::Compare,
    Mode::Changes,
    Mode::Mute,
];
