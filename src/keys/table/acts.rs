//! The keys that act: on the pod under the cursor, on what is shown, on alerts, on the program.

use crossterm::event::KeyCode;

use super::places::{CLOSABLE, REDRAWN, VIEWS, VIEWS_ALERTS};
use super::{Binding, OF_PODS, TABLE, TABLE_DETAIL, bind};
use crate::keys::action::Action;
use crate::keys::hints::HintPlace::{Banner, In, PodsProblem, Record};
use crate::keys::hints::{joins, says};
use crate::keys::key::{ctrl, key, named};
use crate::keys::mode::Mode;
use crate::report::copied::CopyItem;

pub(super) const KEYS: &[Binding] = &[
    bind(
        OF_PODS,
        &[key('e')],
        Action::OpenExport,
        "write what is shown to a new file",
    )
    .hinted(&[
        says(In(Mode::Table), 10, "export"),
        says(In(Mode::Overview), 6, "export"),
    ]),
    bind(
        TABLE,
        &[key(' ')],
        Action::ToggleMark,
        "mark the pod; again: remove the mark",
    )
    .hinted(&[says(In(Mode::Table), 13, "mark")]),
    bind(TABLE, &[key('U')], Action::ClearMarks, "remove all marks"),
    bind(
        TABLE_DETAIL,
        &[key('=')],
        Action::OpenCompare,
        "compare two marked pods, or one with this one; without marks: this pod at two dates",
    )
    .hinted(&[
        says(In(Mode::Table), 14, "compare"),
        says(In(Mode::Detail), 7, "compare"),
    ]),
    bind(
        TABLE_DETAIL,
        &[key('o')],
        Action::OpenRowMenu,
        "menu of the pod: copy, filter, mark, compare",
    )
    .hinted(&[says(In(Mode::Table), 12, "menu")]),
    bind(
        TABLE_DETAIL,
        &[key('y')],
        Action::ShowRecord,
        "show the pod's record as HSS sent it",
    )
    .hinted(&[says(In(Mode::Detail), 4, "record")]),
    bind(
        &[Mode::Detail],
        &[key('n')],
        Action::NextMatch,
        "next match of the / search in the record",
    )
    .hinted(&[says(Record, 3, "next, previous match")]),
    bind(
        &[Mode::Detail],
        &[key('N')],
        Action::PreviousMatch,
        "previous match",
    )
    .hinted(&[joins(Record, 3)]),
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
    )
    .hinted(&[says(In(Mode::Health), 2, "copy request id")]),
    bind(
        TABLE_DETAIL,
        &[key('a')],
        Action::AcknowledgePod,
        "acknowledge the findings of the pod",
    )
    .hinted(&[says(In(Mode::Detail), 5, "acknowledge")]),
    bind(
        TABLE_DETAIL,
        &[key('m')],
        Action::OpenMute,
        "mute the pod or its namespace, or end its mute",
    )
    .hinted(&[says(In(Mode::Detail), 6, "mute")]),
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
    )
    .hinted(&[
        says(Banner, 1, "acknowledges"),
        says(In(Mode::Alerts), 3, "acknowledge all sent"),
    ]),
    bind(
        VIEWS,
        &[key('B')],
        Action::OpenAlerts,
        "list the alerts of the banner: what is open, what is over",
    )
    .hinted(&[says(Banner, 2, "lists them")]),
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
        "ask HSS now",
    )
    .hinted(&[
        says(In(Mode::Table), 8, "ask now"),
        says(In(Mode::Overview), 9, "ask now"),
        says(In(Mode::Health), 3, "ask now"),
    ]),
    bind(OF_PODS, &[key('+')], Action::Slower, "ask less often"),
    bind(OF_PODS, &[key('-')], Action::Faster, "ask more often"),
    bind(REDRAWN, &[ctrl('l')], Action::Redraw, "redraw the screen"),
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
    )
    .hinted(&[
        says(In(Mode::Table), 1, "help"),
        says(In(Mode::Overview), 1, "help"),
        says(In(Mode::Changes), 1, "help"),
        says(In(Mode::Health), 1, "help"),
        says(Record, 5, "help"),
        says(PodsProblem, 1, "help"),
        says(In(Mode::Detail), 8, "help"),
        says(In(Mode::Decisions), 1, "help"),
        says(In(Mode::Columns), 7, "help"),
    ]),
];
