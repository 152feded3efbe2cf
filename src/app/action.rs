//! What the operator can mean by a key.

use super::prompt::Edit;
use crate::fleet::sort::SortKey;
use crate::report::Format;

/// A movement in a list or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// A screen down.
    ScreenDown,
    /// A screen up.
    ScreenUp,
    /// Half a screen down.
    HalfDown,
    /// Half a screen up.
    HalfUp,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// To the first row of the next page.
    NextPage,
    /// To the first row of this page, or of the one before if there already.
    PreviousPage,
}

/// What the operator means; keys are bound to these in [`super::keymap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Move the cursor, or the text of the pane.
    Move(Motion),
    /// Show the pods.
    ShowPods,
    /// Show what the program itself costs.
    ShowHealth,
    /// Show all of the selected pod.
    OpenDetail,
    /// Close, then clear, then go back. Never quits.
    Back,
    /// Type a filter.
    OpenFilter,
    /// Type a command.
    OpenCommand,
    /// Choose a column to sort by.
    OpenSort,
    /// Choose what the pods shown are written to a file as.
    OpenExport,
    /// Write the pods shown to a file.
    Export(Format),
    /// Show the keys.
    OpenHelp,
    /// Sort by this column; again reverses.
    SortBy(SortKey),
    /// Reverse the order.
    InvertSort,
    /// Show only the pods that are a problem; again shows all.
    ToggleProblems,
    /// In a list of choices: take this one.
    Choose,
    /// In a prompt: keep what was typed.
    Submit,
    /// In a prompt: change the text, or go to another place in it.
    Edit(Edit),
    /// In a prompt: complete the word, or take the next completion.
    Complete,
    /// In a prompt: take the completion before.
    CompleteBack,
    /// In a prompt: what was typed before.
    Older,
    /// In a prompt: what was typed after that.
    Newer,
    /// The changes so far have been seen.
    Acknowledge,
    /// Ask the API now.
    AskNow,
    /// Yes, change it.
    Confirm,
    /// Poll more often.
    Faster,
    /// Poll less often.
    Slower,
    /// Draw everything anew.
    Redraw,
    /// Go to the shell until it brings the program back.
    Suspend,
    /// End the program.
    Quit,
}
