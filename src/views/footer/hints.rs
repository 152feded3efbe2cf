//! The hints of the overlays.

use crate::keys::{Action, ColumnEdit, Mode, Motion, MuteChoice};
use crate::report::Format;

/// An action, and a few words for it.
pub type Hint = (&'static [Action], &'static str);

const DOWN_UP: &[Action] = &[Action::Move(Motion::Down), Action::Move(Motion::Up)];

/// What is worth a hint while the record of a pod is in the place of the rest.
pub(super) const OF_RECORD: &[Hint] = &[
    (&[Action::Back], "details"),
    (&[Action::OpenFilter], "search"),
    (
        &[Action::NextMatch, Action::PreviousMatch],
        "next, previous match",
    ),
    (DOWN_UP, "next, previous pod"),
    (&[Action::OpenHelp], "help"),
];

/// What is worth a hint in what lies on a view. Which keys do it is the key map's.
pub(super) const HINTS: [(&[Mode], &[Hint]); 13] = [
    (
        &[Mode::Mute],
        &[
            (&[Action::MuteFor(MuteChoice::UntilChanged)], "mute"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Export],
        &[
            (&[Action::Export(Format::Csv)], "CSV, for a spreadsheet"),
            (&[Action::Export(Format::Json)], "JSON, for a program"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Detail],
        &[
            (&[Action::Back], "back"),
            (DOWN_UP, "next, previous pod"),
            (&[Action::ShorterHistory, Action::LongerHistory], "time"),
            (&[Action::ShowRecord], "record"),
            (&[Action::AcknowledgePod], "acknowledge"),
            (&[Action::OpenMute], "mute"),
            (&[Action::OpenCompare], "compare"),
            (&[Action::OpenHelp], "help"),
        ],
    ),
    (
        &[Mode::Decisions],
        &[
            (&[Action::OpenHelp], "help"),
            (DOWN_UP, "choose"),
            (&[Action::UndoDecision], "undo this one"),
            (&[Action::WriteReport], "report"),
            (&[Action::Back], "changes"),
        ],
    ),
    (
        &[Mode::Sort],
        &[
            (&[Action::Choose], "sort; again reverses"),
            (DOWN_UP, "choose"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::RowMenu],
        &[
            (&[Action::Choose], "confirm"),
            (DOWN_UP, "choose"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Views],
        &[
            (&[Action::Choose], "show it"),
            (DOWN_UP, "choose"),
            (&[Action::DeleteView], "delete"),
            (&[Action::UndoDecision], "undo"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Alerts],
        &[
            (&[Action::Choose], "go to the pod"),
            (DOWN_UP, "choose"),
            (&[Action::AcknowledgeAlerts], "acknowledge all"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Compare],
        &[
            (&[Action::EarlierSnapshot, Action::LaterSnapshot], "left date"),
            (&[Action::ComparedEarlier, Action::ComparedLater], "right date"),
            (&[Action::ToggleAllFields], "all fields, or those that differ"),
            (DOWN_UP, "scroll"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Columns],
        &[
            (&[Action::Column(ColumnEdit::Toggle)], "show, hide"),
            (
                &[
                    Action::Column(ColumnEdit::Later),
                    Action::Column(ColumnEdit::Earlier),
                ],
                "move",
            ),
            (
                &[
                    Action::Column(ColumnEdit::Widen),
                    Action::Column(ColumnEdit::Narrow),
                ],
                "width",
            ),
            (&[Action::ResetColumns], "reset"),
            (&[Action::Back], "close"),
            (DOWN_UP, "choose"),
            (&[Action::OpenHelp], "help"),
        ],
    ),
    (
        &[Mode::Themes],
        &[
            (&[Action::Choose], "use it"),
            (DOWN_UP, "look"),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Help],
        &[
            (DOWN_UP, "scroll"),
            (&[Action::SearchHelp], "search"),
            (
                &[Action::NextMatch, Action::PreviousMatch],
                "next, previous match",
            ),
            (&[Action::Back], "close"),
        ],
    ),
    (
        &[Mode::Confirm],
        &[(&[Action::Confirm], "yes"), (&[Action::Back], "no")],
    ),
];
