//! The keys of the changes view, and of the choice of a mute's duration.

use crossterm::event::KeyCode;

use super::{Binding, bind};
use crate::keys::action::{Action, MuteChoice};
use crate::keys::hints::HintPlace::In;
use crate::keys::hints::says;
use crate::keys::key::{key, named};
use crate::keys::mode::Mode;

const CHANGES: &[Mode] = &[Mode::Changes];
const DECISIONS: &[Mode] = &[Mode::Decisions];
const BOTH: &[Mode] = &[Mode::Changes, Mode::Decisions];
const MUTE: &[Mode] = &[Mode::Mute];

pub(super) const KEYS: &[Binding] = &[
    bind(
        CHANGES,
        &[key('a')],
        Action::AcknowledgeChange,
        "acknowledge the change or the marked ones",
    )
    .hinted(&[says(In(Mode::Changes), 4, "acknowledge")]),
    bind(
        CHANGES,
        &[key('A')],
        Action::AcknowledgeAll,
        "acknowledge all changes shown",
    ),
    bind(
        CHANGES,
        &[key(' ')],
        Action::MarkChange,
        "mark the change, so that a acknowledges several; moves down",
    )
    .hinted(&[says(In(Mode::Changes), 11, "mark")]),
    bind(
        CHANGES,
        &[key('r')],
        Action::Acknowledge,
        "mark all listed changes as read",
    )
    .hinted(&[says(In(Mode::Changes), 9, "read")]),
    bind(
        CHANGES,
        &[key('m')],
        Action::OpenMute,
        "mute the pod or its namespace, or end its mute",
    )
    .hinted(&[says(In(Mode::Changes), 5, "mute")]),
    bind(
        CHANGES,
        &[key('p')],
        Action::ToggleProblems,
        "only problems: changes that began or ended one",
    )
    .hinted(&[says(In(Mode::Changes), 7, "problems")]),
    bind(CHANGES, &[key('n')], Action::NextRisk, "next risk that HSS found").hinted(&[says(
        In(Mode::Changes),
        8,
        "next risk",
    )]),
    bind(
        CHANGES,
        &[key('N')],
        Action::PreviousRisk,
        "previous risk that HSS found",
    ),
    bind(
        BOTH,
        &[key('R')],
        Action::WriteReport,
        "write a report of the shift to a file: since the last report, or of the last 8 h",
    )
    .hinted(&[
        says(In(Mode::Changes), 10, "report"),
        says(In(Mode::Decisions), 4, "report"),
    ]),
    bind(
        CHANGES,
        &[key('M')],
        Action::ToggleMuted,
        "show muted changes too",
    )
    .hinted(&[says(In(Mode::Changes), 12, "muted")]),
    bind(
        CHANGES,
        &[key('L')],
        Action::ShowDecisions,
        "list acknowledgements and mutes, the newest first",
    )
    .hinted(&[says(In(Mode::Changes), 13, "decisions")]),
    bind(
        CHANGES,
        &[key('u')],
        Action::UndoDecision,
        "undo your last decision, for two minutes; L lists older ones",
    )
    .hinted(&[says(In(Mode::Changes), 6, "undo")]),
    bind(DECISIONS, &[key('L')], Action::ShowDecisions, "show the changes"),
    bind(
        DECISIONS,
        &[key('u')],
        Action::UndoDecision,
        "undo the selected decision; asks first if it is somebody else's",
    )
    .hinted(&[says(In(Mode::Decisions), 3, "undo this one")]),
    bind(MUTE, &[named(KeyCode::Enter)], Action::Choose, "choose the line").hinted(&[says(
        In(Mode::Mute),
        1,
        "choose the line",
    )]),
    bind(
        MUTE,
        &[key('m')],
        Action::MuteFor(MuteChoice::UntilChanged),
        "mute until it changes",
    ),
    bind(
        MUTE,
        &[key('h')],
        Action::MuteFor(MuteChoice::Hours),
        "mute for 2 h, or until it gets worse",
    ),
    bind(
        MUTE,
        &[key('d')],
        Action::MuteFor(MuteChoice::Days),
        "mute for 7 d, or until it gets worse",
    ),
    bind(
        MUTE,
        &[key('f')],
        Action::MuteFor(MuteChoice::Forever),
        "mute until it gets worse",
    ),
    bind(
        MUTE,
        &[key('n')],
        Action::MuteNamespace,
        "mute the whole namespace; again: only the pod",
    ),
    bind(MUTE, &[key('u')], Action::UndoDecision, "end the mute of the pod"),
];
