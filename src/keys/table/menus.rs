//! The keys of the help, of menus and of questions, and all keys that close something.

use crossterm::event::KeyCode;

use super::places::{CLOSABLE, LEFT_BY_Q};
use super::{Binding, bind};
use crate::keys::action::Action;
use crate::keys::key::{ctrl, key, named};
use crate::keys::mode::Mode;
use crate::report::Format;

pub(super) const KEYS: &[Binding] = &[
    bind(
        CLOSABLE,
        &[named(KeyCode::Esc)],
        Action::Back,
        "close, clear, back",
    ),
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
        "all fields; again: only the different ones",
    ),
    bind(
        &[Mode::Compare],
        &[key('<')],
        Action::EarlierSnapshot,
        "left: the same pod one snapshot earlier",
    ),
    bind(
        &[Mode::Compare],
        &[key('>')],
        Action::LaterSnapshot,
        "left: one snapshot later, up to now",
    ),
    bind(
        &[Mode::Compare],
        &[key('[')],
        Action::ComparedEarlier,
        "right: the same pod one snapshot earlier",
    ),
    bind(
        &[Mode::Compare],
        &[key(']')],
        Action::ComparedLater,
        "right: one snapshot later, up to now",
    ),
    bind(&[Mode::Help], &[key('/')], Action::SearchHelp, "search the help"),
    bind(&[Mode::Help], &[key('n')], Action::NextMatch, "next match"),
    bind(
        &[Mode::Help],
        &[key('N')],
        Action::PreviousMatch,
        "previous match",
    ),
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
    ),
    bind(
        &[Mode::Themes],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "use it for this run",
    ),
    bind(&[Mode::Themes], &[key('t')], Action::OpenThemes, "the next theme"),
    bind(
        &[Mode::RowMenu],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "confirm",
    ),
    bind(
        &[Mode::Views],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "show it",
    ),
    bind(
        &[Mode::Views],
        &[key('d'), named(KeyCode::Delete)],
        Action::DeleteView,
        "delete it",
    ),
    bind(
        &[Mode::Views],
        &[key('u')],
        Action::UndoDecision,
        "restore the last deleted one",
    ),
    bind(&[Mode::Views], &[key('V')], Action::OpenViews, "close"),
    bind(
        &[Mode::Alerts],
        &[named(KeyCode::Enter)],
        Action::Choose,
        "go to the pod",
    ),
    bind(&[Mode::Alerts], &[key('B')], Action::OpenAlerts, "close"),
    bind(
        &[Mode::Export],
        &[key('c')],
        Action::Export(Format::Csv),
        "CSV, for a spreadsheet",
    ),
    bind(
        &[Mode::Export],
        &[key('j')],
        Action::Export(Format::Json),
        "JSON, for a program",
    ),
    bind(&[Mode::Confirm], &[key('y')], Action::Confirm, "yes"),
    bind(&[Mode::Confirm], &[key('n')], Action::Back, "no"),
    bind(
        LEFT_BY_Q,
        &[key('q')],
        Action::CloseOrQuit,
        "close; pressed twice with nothing open: quit",
    ),
    bind(CLOSABLE, &[ctrl('c')], Action::Quit, "quit at once"),
];
