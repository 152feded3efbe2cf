//! Where the keys of the table hold: lists of modes, each under the name that the table uses.

use crate::keys::mode::Mode;

pub(super) const TABLE: &[Mode] = &[Mode::Table];
pub(super) const TABLE_DETAIL: &[Mode] = &[Mode::Table, Mode::Detail];
pub(super) const VIEWS: &[Mode] = &[Mode::Table, Mode::Detail, Mode::Health, Mode::Changes];
pub(super) const CHANGES: &[Mode] = &[Mode::Changes];
pub(super) const MUTE: &[Mode] = &[Mode::Mute];
pub(super) const LISTS: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Columns,
    Mode::Changes,
];
pub(super) const COLUMNS: &[Mode] = &[Mode::Columns];
pub(super) const PROMPTS: &[Mode] = &[Mode::Filter, Mode::Command];
/// All but the prompts, where it is a letter.
pub(super) const LEFT_BY_Q: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Columns,
    Mode::Export,
    Mode::Confirm,
    Mode::Health,
    Mode::Changes,
    Mode::Mute,
];
pub(super) const CLOSABLE: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Columns,
    Mode::Export,
    Mode::Confirm,
    Mode::Filter,
    Mode::Command,
    Mode::Health,
    Mode::Changes,
    Mode::Mute,
];
/// Where the screen can be drawn anew.
pub(super) const OPEN: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Help,
    Mode::Sort,
    Mode::Columns,
    Mode::Health,
    Mode::Changes,
];
/// Where the help can be opened.
pub(super) const HELPED: &[Mode] = &[
    Mode::Table,
    Mode::Detail,
    Mode::Sort,
    Mode::Columns,
    Mode::Health,
    Mode::Changes,
];
