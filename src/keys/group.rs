//! What kind of a thing a key does: the help has its keys in three groups.

use super::action::Action;

/// A group of keys in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionGroup {
    /// Goes to another place, or to another view.
    Move,
    /// Shows something else or in another way.
    Look,
    /// Does something: copies, writes, decides, asks HSS, ends.
    Do,
}

impl ActionGroup {
    /// Every group, in the order of the help.
    pub const ALL: [Self; 3] = [Self::Move, Self::Look, Self::Do];

    /// Its title in the help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Look => "Look",
            Self::Do => "Do",
        }
    }
}

impl Action {
    /// The group that it is in.
    pub const fn group(self) -> ActionGroup {
        match self {
            Self::Move(_)
            | Self::Show(_)
            | Self::OpenDetail
            | Self::ShowNamespace
            | Self::Back
            | Self::NextRisk
            | Self::PreviousRisk
            | Self::NextMatch
            | Self::PreviousMatch
            | Self::ColumnsLeft
            | Self::ColumnsRight => ActionGroup::Move,
            Self::Export(_)
            | Self::OpenExport
            | Self::Copy(_)
            | Self::ToggleMark
            | Self::ClearMarks
            | Self::OpenRowMenu
            | Self::OpenCommand
            | Self::Acknowledge
            | Self::AcknowledgeChange
            | Self::AcknowledgeAll
            | Self::MarkChange
            | Self::UndoDecision
            | Self::DeleteView
            | Self::OpenMute
            | Self::MuteFor(_)
            | Self::MuteNamespace
            | Self::AskNow
            | Self::Slower
            | Self::Faster
            | Self::Redraw
            | Self::Suspend
            | Self::Confirm
            | Self::Choose
            | Self::Submit
            | Self::CloseOrQuit
            | Self::Quit => ActionGroup::Do,
            _ => ActionGroup::Look,
        }
    }
}
