//! The keys that move: through lists, texts, pages and time ranges.

use crossterm::event::KeyCode;

use super::places::LISTS;
use super::{Binding, TABLE, bind};
use crate::keys::action::{Action, Motion};
use crate::keys::hints::HintPlace::{In, Record};
use crate::keys::hints::{joins, says};
use crate::keys::key::{ctrl, key, named};
use crate::keys::mode::Mode;

pub(super) const KEYS: &[Binding] = &[
    bind(
        LISTS,
        &[key('j'), named(KeyCode::Down)],
        Action::Move(Motion::Down),
        "down",
    )
    .hinted(&[
        says(Record, 4, "next, previous pod"),
        says(In(Mode::Detail), 2, "next, previous pod"),
        says(In(Mode::Decisions), 2, "choose"),
        says(In(Mode::Sort), 2, "choose"),
        says(In(Mode::RowMenu), 2, "choose"),
        says(In(Mode::Views), 2, "choose"),
        says(In(Mode::Alerts), 2, "choose"),
        says(In(Mode::Compare), 4, "scroll"),
        says(In(Mode::Columns), 6, "choose"),
        says(In(Mode::Themes), 2, "look"),
        says(In(Mode::Help), 1, "scroll"),
    ]),
    bind(
        LISTS,
        &[key('k'), named(KeyCode::Up)],
        Action::Move(Motion::Up),
        "up",
    )
    .hinted(&[
        joins(Record, 4),
        joins(In(Mode::Detail), 2),
        joins(In(Mode::Decisions), 2),
        joins(In(Mode::Sort), 2),
        joins(In(Mode::RowMenu), 2),
        joins(In(Mode::Views), 2),
        joins(In(Mode::Alerts), 2),
        joins(In(Mode::Compare), 4),
        joins(In(Mode::Columns), 6),
        joins(In(Mode::Themes), 2),
        joins(In(Mode::Help), 1),
    ]),
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
        "down by a page of HSS's API (page_size pods)",
    )
    .hinted(&[joins(In(Mode::Table), 17)]),
    bind(
        TABLE,
        &[key('[')],
        Action::Move(Motion::PreviousPage),
        "up by a page of HSS's API",
    )
    .hinted(&[says(In(Mode::Table), 17, "API page")]),
    bind(
        &[Mode::Detail],
        &[key(']')],
        Action::LongerHistory,
        "charts of a longer time range: 15 min, 6 h, 1 d, 7 d, 90 d",
    )
    .hinted(&[joins(In(Mode::Detail), 3)]),
    bind(
        &[Mode::Detail],
        &[key('[')],
        Action::ShorterHistory,
        "charts of a shorter time range",
    )
    .hinted(&[says(In(Mode::Detail), 3, "time")]),
];
