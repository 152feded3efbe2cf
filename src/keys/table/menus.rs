//! The keys of the help, of menus and of questions, and all keys that close something.

use crossterm::event::KeyCode;

use super::places::{CLOSABLE, LEFT_BY_Q};
use super::{Binding, bind};
use crate::keys::action::Action;
use crate::keys::hints::HintPlace::{In, PodsProblem, Problem, Record};
use crate::keys::hints::{joins, says};
use crate::keys::key::{ctrl, key, named};
use crate::keys::mode::Mode;
use crate::report::Format;

pub(super) const KEYS: &[Binding] = &[
    bind(
        CLOSABLE,
        &[named(KeyCode::Esc)],
        Action::Back,
        "close, clear or go back",
    )
    .hinted(&[
        says(Record, 1, "details"),
        says(Problem, 1, "close"),
        says(In(Mode::Mute), 2, "close"),
        says(In(Mode::Export), 3, "close"),
        says(In(Mode::Detail), 1, "back"),
        says(In(Mode::Decisions), 5, "changes"),
        says(In(Mode::Sort), 3, "close"),
        says(In(Mode::RowMenu), 3, "close"),
        says(In(Mode::Views), 5, "close"),
        says(In(Mode::Alerts), 4, "close"),
        says(In(Mode::Compare), 5, "close"),
        says(In(Mode::Themes), 3, "close"),
        says(In(Mode::Help), 4, "close"),
        says(In(Mode::Confirm), 2, "no"),
    ]),
    bind(
        &[Mode::Detail],
        &[named(KeyCode::Enter)],
        Action::Back,
        "back to the table",
    ),
    bind(
        &[Mode::Compare],
        &[key('a')],
        Action::ToggleAllFields,
        "all fields; again: only those that differ",
    )
    .hinted(&[says(In(Mode::Compare), 3, "all fields, or those that differ")]),
    bind(
        &[Mode::Compare],
        &[key('<')],
        Action::EarlierSnapshot,
        "left: the same pod one snapshot earlier",
    )
    .hinted(&[says(In(Mode::Compare), 1, "left date")]),
    bind(
        &[Mode::Compare],
        &[key('>')],
        Action::LaterSnapshot,
        "left: one snapshot later, up to now",
    )
    .hinted(&[joins(In(Mode::Compare), 1)]),
    bind(
        &[Mode::Compare],
        &[key('[')],
        Action::ComparedEarlier,
        "right: the same pod one snapshot earlier",
    )
    .hinted(&[says(In(Mode::Compare), 2, "right date")]),
    bind(
        &[Mode::Compare],
        &[key(']')],
        Action::ComparedLater,
        "right: one snapshot later, up to now",
    )
    .hinted(&[joins(In(Mode::Compare), 2)]),
    bind(&[Mode::Help], &[key('/')], Action::SearchHelp, "search the help").hinted(&[says(
        In(Mode::Help),
        2,
        "search",
    )]),
    bind(&[Mode::Help], &[key('n')], Action::NextMatch, "next match").hinted(&[says(
        In(Mode::Help),
        3,
        "next, previous match",
    )]),
    bind(
        &[Mode::Help],
        &[key('N')],
        Action::PreviousMatch,
        "previous match",
    )
    .hinted(&[joins(In(Mode::Help), 3)]),
    bind(
        &[Mode::Help],
        &[key('?'), named(KeyCode::F(1))],
        Action::Back,
        "close the help",
    ),
    bind(
        &[Mode::Sort],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "sort by it",
    )
    .hinted(&[says(In(Mode::Sort), 1, "sort; again reverses")]),
    bind(
        &[Mode::Themes],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "use it for this run",
    )
    .hinted(&[says(In(Mode::Themes), 1, "use it")]),
    bind(&[Mode::Themes], &[key('t')], Action::OpenThemes, "the next theme"),
    bind(
        &[Mode::RowMenu],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "do it",
    )
    .hinted(&[says(In(Mode::RowMenu), 1, "do it")]),
    bind(
        &[Mode::Views],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "show it",
    )
    .hinted(&[says(In(Mode::Views), 1, "show it")]),
    bind(
        &[Mode::Views],
        &[key('d'), named(KeyCode::Delete)],
        Action::DeleteView,
        "delete it",
    )
    .hinted(&[says(In(Mode::Views), 3, "delete")]),
    bind(
        &[Mode::Views],
        &[key('u')],
        Action::UndoDecision,
        "restore the last deleted one",
    )
    .hinted(&[says(In(Mode::Views), 4, "undo")]),
    bind(&[Mode::Views], &[key('V')], Action::OpenViews, "close"),
    bind(
        &[Mode::Alerts],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "go to the pod",
    )
    .hinted(&[says(In(Mode::Alerts), 1, "go to the pod")]),
    bind(&[Mode::Alerts], &[key('B')], Action::OpenAlerts, "close"),
    bind(
        &[Mode::Export],
        &[key('c')],
        Action::Export(Format::Csv),
        "CSV, for a spreadsheet",
    )
    .hinted(&[says(In(Mode::Export), 1, "CSV, for a spreadsheet")]),
    bind(
        &[Mode::Export],
        &[key('j')],
        Action::Export(Format::Json),
        "JSON, for a program",
    )
    .hinted(&[says(In(Mode::Export), 2, "JSON, for a program")]),
    bind(&[Mode::Confirm], &[key('y')], Action::Confirm, "yes").hinted(&[says(In(Mode::Confirm), 1, "yes")]),
    bind(&[Mode::Confirm], &[key('n')], Action::Back, "no"),
    bind(
        LEFT_BY_Q,
        &[key('q')],
        Action::CloseOrQuit,
        "close; pressed twice with nothing open: quit",
    )
    .hinted(&[says(In(Mode::Table), 11, "quit"), says(PodsProblem, 2, "quit")]),
    bind(CLOSABLE, &[ctrl('c')], Action::Quit, "quit at once"),
];
