//! The keys, in one table for dispatch, help and README.
//!
//! The order of the table is the order of the help. A binding applies only in its modes; in a prompt every
//! unbound key is text.

mod changes;
mod menus;
mod overview;
mod places;
mod prompts;

use std::sync::LazyLock;

use crossterm::event::KeyCode;

use super::action::{Action, ColumnEdit, Motion};
use super::key::{Key, ctrl, key, named};
use super::mode::{Mode, ViewKind};
use crate::fleet::fields::PodField;
use crate::report::copied::CopyItem;
use places::{CLOSABLE, LISTS, REDRAWN, VIEWS, VIEWS_ALERTS};

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
}

const fn bind(modes: &'static [Mode], keys: &'static [Key], action: Action, help: &'static str) -> Binding {
    Binding {
        modes,
        keys,
        action,
        help,
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
pub static BINDINGS: LazyLock<Vec<Binding>> =
    LazyLock::new(|| [KEYS, menus::KEYS, overview::KEYS, changes::KEYS, prompts::KEYS].concat());

/// The keys of the views and the detail.
const KEYS: &[Binding] = &[
    bind(
        LISTS,
        &[key('j'), named(KeyCode::Down)],
        Action::Move(Motion::Down),
        "down",
    ),
    bind(
        LISTS,
        &[key('k'), named(KeyCode::Up)],
        Action::Move(Motion::Up),
        "up",
    ),
    bind(
        LISTS,
        &[ctrl('f'), named(KeyCode::PageDown)],
        Action::Move(Motion::ScreenDown),
        "a screen down",
    ),
    bind(
        &[Mode::Detail, Mode::Help, Mode::Compare],
        &[key(' ')],
        Action::Move(Motion::ScreenDown),
        "a screen down",
    ),
    bind(
        LISTS,
        &[ctrl('b'), named(KeyCode::PageUp)],
        Action::Move(Motion::ScreenUp),
        "a screen up",
    ),
    bind(
        LISTS,
        &[ctrl('d')],
        Action::Move(Motion::HalfDown),
        "half a screen down",
    ),
    bind(
        LISTS,
        &[ctrl('u')],
        Action::Move(Motion::HalfUp),
        "half a screen up",
    ),
    bind(
        LISTS,
        &[key('g'), named(KeyCode::Home)],
        Action::Move(Motion::First),
        "first",
    ),
    bind(
        LISTS,
        &[key('G'), named(KeyCode::End)],
        Action::Move(Motion::Last),
        "last",
    ),
    bind(
        TABLE,
        &[key(']')],
        Action::Move(Motion::NextPage),
        "next page of the API (page_size pods)",
    ),
    bind(
        TABLE,
        &[key('[')],
        Action::Move(Motion::PreviousPage),
        "previous page of the API",
    ),
    bind(
        &[Mode::Detail],
        &[key(']')],
        Action::LongerHistory,
        "charts of a longer time range: 15 min, 6 h, 1 d, 7 d, 90 d",
    ),
    bind(
        &[Mode::Detail],
        &[key('[')],
        Action::ShorterHistory,
        "charts of a shorter time range",
    ),
    bind(
        &[Mode::Table, Mode::Changes],
        &[named(KeyCode::Enter)],
        Action::OpenDetail,
        "show details",
    ),
    bind(
        &[Mode::Table, Mode::Detail, Mode::Overview, Mode::Changes],
        &[key('/')],
        Action::OpenFilter,
        "filter as you type",
    ),
    bind(VIEWS, &[key(':')], Action::OpenCommand, "command"),
    bind(VIEWS, &[key('1')], Action::Show(ViewKind::Pods), "pod table"),
    bind(
        VIEWS,
        &[key('2')],
        Action::Show(ViewKind::Overview),
        "overview: the namespaces, the worst first",
    ),
    bind(
        VIEWS,
        &[key('3')],
        Action::Show(ViewKind::Changes),
        "changes, snapshot by snapshot",
    ),
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
        "only problems: score 20 and more",
    ),
    bind(
        OF_PICTURE,
        &[key('<')],
        Action::EarlierSnapshot,
        "the pods as they were in the previous snapshot",
    ),
    bind(
        OF_PICTURE,
        &[key('>')],
        Action::LaterSnapshot,
        "the next snapshot, up to now",
    ),
    bind(
        OF_PICTURE,
        &[key('F')],
        Action::Freeze,
        "freeze the picture; again: release it",
    ),
    bind(OF_PODS, &[key('s')], Action::OpenSort, "sort by a column"),
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
    bind(TABLE, &[key('w')], Action::OpenColumns, "choose the columns"),
    column(
        &[key(' '), named(KeyCode::Enter)],
        ColumnEdit::Toggle,
        "show or hide",
    ),
    column(&[key('J')], ColumnEdit::Later, "move to the right"),
    column(&[key('K')], ColumnEdit::Earlier, "move to the left"),
    column(&[key('+'), named(KeyCode::Right)], ColumnEdit::Widen, "wider"),
    column(&[key('-'), named(KeyCode::Left)], ColumnEdit::Narrow, "narrower"),
    column(&[key('0')], ColumnEdit::Suit, "automatic width"),
    column(&[key('a')], ColumnEdit::All, "show all columns"),
    bind(
        COLUMNS,
        &[key('r')],
        Action::ResetColumns,
        "the columns of the start",
    ),
    bind(COLUMNS, &[key('w')], Action::Back, "close"),
    bind(
        OF_PODS,
        &[key('e')],
        Action::OpenExport,
        "write what is shown to a new file",
    ),
    bind(
        TABLE,
        &[key(' ')],
        Action::ToggleMark,
        "mark the pod; again: remove the mark",
    ),
    bind(TABLE, &[key('U')], Action::ClearMarks, "remove all marks"),
    bind(
        TABLE_DETAIL,
        &[key('=')],
        Action::OpenCompare,
        "compare two marked pods, or one with this one; without marks: this pod at two dates",
    ),
    bind(
        TABLE_DETAIL,
        &[key('o')],
        Action::OpenRowMenu,
        "menu of the pod: copy, filter, mark, compare",
    ),
    bind(
        TABLE_DETAIL,
        &[key('y')],
        Action::ShowRecord,
        "the pod's record as HSS sent it",
    ),
    bind(
        &[Mode::Detail],
        &[key('n')],
        Action::NextMatch,
        "next match of what / sought in the record",
    ),
    bind(
        &[Mode::Detail],
        &[key('N')],
        Action::PreviousMatch,
        "the match before",
    ),
    bind(
        TABLE_DETAIL,
        &[key('c')],
        Action::Copy(CopyItem::Name),
        "copy the pod's name, if the terminal allows it",
    ),
    bind(
        TABLE_DETAIL,
        &[key('Y')],
        Action::Copy(CopyItem::Json),
        "copy the pod's record as JSON, as y shows it",
    ),
    bind(
        &[Mode::Health],
        &[key('c')],
        Action::CopyRequestId,
        "copy the call's request id, for a support ticket",
    ),
    bind(
        TABLE_DETAIL,
        &[key('a')],
        Action::AcknowledgePod,
        "acknowledge the findings of the pod",
    ),
    bind(
        TABLE_DETAIL,
        &[key('m')],
        Action::OpenMute,
        "mute the pod or its namespace, or end its mute",
    ),
    bind(
        TABLE_DETAIL,
        &[key('u')],
        Action::UndoDecision,
        "undo your last decision, for two minutes; 3 L lists older ones",
    ),
    bind(
        VIEWS_ALERTS,
        &[key('!')],
        Action::AcknowledgeAlerts,
        "acknowledge the alerts of the banner",
    ),
    bind(
        VIEWS,
        &[key('B')],
        Action::OpenAlerts,
        "list the alerts of the banner: what is open, what is over",
    ),
    bind(
        VIEWS,
        &[key('V')],
        Action::OpenViews,
        "saved views: show or delete one; :view save NAME saves what the screen shows",
    ),
    bind(VIEWS, &[key('t')], Action::OpenThemes, "choose a theme"),
    bind(
        VIEWS,
        &[ctrl('r'), named(KeyCode::F(5))],
        Action::AskNow,
        "ask the API now",
    ),
    bind(OF_PODS, &[key('+')], Action::Slower, "poll less often"),
    bind(OF_PODS, &[key('-')], Action::Faster, "poll more often"),
    bind(REDRAWN, &[ctrl('l')], Action::Redraw, "redraw"),
    bind(CLOSABLE, &[ctrl('z')], Action::Suspend, "suspend (fg resumes)"),
    bind(
        &[
            Mode::Table,
            Mode::Detail,
            Mode::Sort,
            Mode::Columns,
            Mode::Overview,
            Mode::Health,
            Mode::Changes,
            Mode::Decisions,
            Mode::Views,
            Mode::Alerts,
        ],
        &[key('?'), named(KeyCode::F(1))],
        Action::OpenHelp,
        "help",
    ),
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
