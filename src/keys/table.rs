//! The keys, in one table for dispatch, hints, help and the manual.
//!
//! The order of the table is the order of the help. A binding applies only in its modes; in a prompt every
//! unbound key is text.

mod acts;
mod changes;
mod menus;
mod moves;
mod overview;
mod places;
mod prompts;

use std::sync::LazyLock;

use crossterm::event::KeyCode;

use super::action::{Action, ColumnEdit};
use super::hints::HintPlace::{Banner, In, Record};
use super::hints::{RowHint, joins, says};
use super::key::{Key, ctrl, key, named};
use super::mode::{Mode, ViewKind};
use crate::fleet::fields::PodField;
use places::VIEWS;

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The modes in which it applies.
    pub modes: &'static [Mode],
    /// Its keys.
    pub keys: &'static [Key],
    /// Their action.
    pub action: Action,
    /// The text of the help.
    pub help: &'static str,
    /// Where the last line has a hint of it.
    pub hints: &'static [RowHint],
}

pub(super) const fn bind(
    modes: &'static [Mode],
    keys: &'static [Key],
    action: Action,
    help: &'static str,
) -> Binding {
    Binding {
        modes,
        keys,
        action,
        help,
        hints: &[],
    }
}

impl Binding {
    /// The same with these hints.
    pub(super) const fn hinted(self, hints: &'static [RowHint]) -> Self {
        Self { hints, ..self }
    }
}

/// A key that sorts a view of pods.
const fn sort(keys: &'static [Key], field: PodField, help: &'static str) -> Binding {
    bind(OF_PODS, keys, Action::SortBy(field), help)
}

const TABLE: &[Mode] = &[Mode::Table];
/// The views that share the filter.
const OF_PODS: &[Mode] = &[Mode::Table, Mode::Overview];
/// Where the pods of a picture are shown.
const OF_PICTURE: &[Mode] = &[Mode::Table, Mode::Detail, Mode::Overview];
const TABLE_DETAIL: &[Mode] = &[Mode::Table, Mode::Detail];
const COLUMNS: &[Mode] = &[Mode::Columns];

const fn column(keys: &'static [Key], edit: ColumnEdit, help: &'static str) -> Binding {
    bind(COLUMNS, keys, Action::Column(edit), help)
}

/// Every key, in the order of the help.
pub static BINDINGS: LazyLock<Vec<Binding>> = LazyLock::new(|| {
    [
        moves::KEYS,
        KEYS,
        acts::KEYS,
        menus::KEYS,
        overview::KEYS,
        changes::KEYS,
        prompts::KEYS,
    ]
    .concat()
});

/// The keys of the views and the detail.
const KEYS: &[Binding] = &[
    bind(
        &[Mode::Table, Mode::Changes],
        &[named(KeyCode::Enter)],
        Action::OpenDetail,
        "show details",
    )
    .hinted(&[
        says(In(Mode::Table), 4, "detail"),
        says(In(Mode::Changes), 3, "pod"),
    ]),
    bind(
        &[Mode::Table, Mode::Detail, Mode::Overview, Mode::Changes],
        &[key('/')],
        Action::OpenFilter,
        "filter as you type",
    )
    .hinted(&[
        says(In(Mode::Table), 2, "filter"),
        says(In(Mode::Overview), 3, "filter"),
        says(In(Mode::Changes), 2, "filter"),
        says(Record, 2, "search"),
    ]),
    bind(VIEWS, &[key(':')], Action::OpenCommand, "command").hinted(&[
        says(In(Mode::Table), 3, "command"),
        says(In(Mode::Overview), 8, "command"),
    ]),
    bind(VIEWS, &[key('1')], Action::Show(ViewKind::Pods), "pod table").hinted(&[
        says(In(Mode::Overview), 7, "pods"),
        says(In(Mode::Health), 4, "pods"),
    ]),
    bind(
        VIEWS,
        &[key('2')],
        Action::Show(ViewKind::Overview),
        "overview: the namespaces, the worst first",
    )
    .hinted(&[says(In(Mode::Table), 9, "overview")]),
    bind(
        VIEWS,
        &[key('3')],
        Action::Show(ViewKind::Changes),
        "changes, snapshot by snapshot",
    )
    .hinted(&[says(Banner, 3, "opens Changes")]),
    bind(
        VIEWS,
        &[key('4')],
        Action::Show(ViewKind::Health),
        "health: the state of the list, the last calls, hss-top's own use",
    ),
    bind(
        OF_PODS,
        &[key('p')],
        Action::ToggleProblems,
        "only problems: score 20 or more",
    )
    .hinted(&[
        says(In(Mode::Table), 7, "problems"),
        says(In(Mode::Overview), 5, "problems"),
    ]),
    bind(
        OF_PICTURE,
        &[key('<')],
        Action::EarlierSnapshot,
        "the pods as they were in the previous snapshot",
    )
    .hinted(&[says(In(Mode::Table), 15, "past")]),
    bind(
        OF_PICTURE,
        &[key('>')],
        Action::LaterSnapshot,
        "the next snapshot, up to now",
    )
    .hinted(&[joins(In(Mode::Table), 15)]),
    bind(
        OF_PICTURE,
        &[key('F')],
        Action::Freeze,
        "freeze the picture; again: release it",
    )
    .hinted(&[says(In(Mode::Table), 16, "freeze")]),
    bind(OF_PODS, &[key('s')], Action::OpenSort, "sort by a column").hinted(&[
        says(In(Mode::Table), 5, "sort"),
        says(In(Mode::Overview), 4, "sort"),
    ]),
    sort(&[key('R')], PodField::Risk, "sort by risk, the highest first"),
    bind(TABLE, &[key('n')], Action::NextRisk, "next pod at risk"),
    bind(TABLE, &[key('N')], Action::PreviousRisk, "previous pod at risk"),
    sort(&[ctrl('n')], PodField::Name, "sort by name"),
    sort(&[key('P')], PodField::Namespace, "sort by namespace"),
    sort(&[key('S')], PodField::Status, "sort by status"),
    bind(
        TABLE,
        &[key('C')],
        Action::SortBy(PodField::CpuPercent),
        "sort by CPU",
    ),
    bind(
        TABLE,
        &[key('M')],
        Action::SortBy(PodField::MemoryPercent),
        "sort by memory",
    ),
    bind(TABLE, &[key('A')], Action::SortBy(PodField::Age), "sort by age"),
    bind(OF_PODS, &[key('I')], Action::InvertSort, "reverse the order"),
    bind(
        TABLE,
        &[key('h'), named(KeyCode::Left)],
        Action::ColumnsLeft,
        "columns to the left",
    ),
    bind(
        TABLE,
        &[key('l'), named(KeyCode::Right)],
        Action::ColumnsRight,
        "columns to the right",
    ),
    bind(TABLE, &[key('w')], Action::OpenColumns, "choose the columns").hinted(&[says(
        In(Mode::Table),
        6,
        "columns",
    )]),
    column(
        &[key(' '), named(KeyCode::Enter)],
        ColumnEdit::Toggle,
        "show or hide",
    )
    .hinted(&[says(In(Mode::Columns), 1, "show, hide")]),
    column(&[key('J')], ColumnEdit::Later, "move to the right").hinted(&[says(In(Mode::Columns), 2, "move")]),
    column(&[key('K')], ColumnEdit::Earlier, "move to the left").hinted(&[joins(In(Mode::Columns), 2)]),
    column(&[key('+'), named(KeyCode::Right)], ColumnEdit::Widen, "wider").hinted(&[says(
        In(Mode::Columns),
        3,
        "width",
    )]),
    column(&[key('-'), named(KeyCode::Left)], ColumnEdit::Narrow, "narrower")
        .hinted(&[joins(In(Mode::Columns), 3)]),
    column(&[key('0')], ColumnEdit::Suit, "automatic width"),
    column(&[key('a')], ColumnEdit::All, "show all columns"),
    bind(COLUMNS, &[key('r')], Action::ResetColumns, "the initial columns").hinted(&[says(
        In(Mode::Columns),
        4,
        "reset",
    )]),
    bind(COLUMNS, &[key('w')], Action::Back, "close").hinted(&[says(In(Mode::Columns), 5, "close")]),
];

/// The default action of `key` in `mode`.
pub fn action(mode: Mode, key: Key) -> Option<Action> {
    BINDINGS
        .iter()
        .find(|binding| binding.modes.contains(&mode) && binding.keys.contains(&key))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests;
