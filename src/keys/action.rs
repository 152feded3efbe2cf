//! What the operator can mean by a key.

use super::mode::ViewKind;
use crate::fleet::fields::PodField;
use crate::fleet::overview::OverviewColumn;
use crate::report::Format;
use crate::report::copied::CopyItem;

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

/// A change to the choice of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnEdit {
    /// Shows the column, or hides it.
    Toggle,
    /// Moves it one place to the left in the table.
    Earlier,
    /// Moves it one place to the right in the table.
    Later,
    /// Makes it wider.
    Widen,
    /// Makes it narrower.
    Narrow,
    /// Makes it as wide as suits it.
    Suit,
    /// Shows all columns.
    All,
}

/// A change to the text, or to the place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A character to the left.
    Left,
    /// A character to the right.
    Right,
    /// To the start of the text.
    Start,
    /// To its end.
    End,
    /// Deletes the character before the cursor.
    DeleteBack,
    /// Deletes the character at the cursor.
    DeleteAt,
    /// Deletes the word before the cursor, and the space between.
    DeleteWord,
    /// Deletes all before the cursor.
    DeleteBefore,
    /// Deletes all from the cursor on.
    DeleteAfter,
}

/// For how long to mute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MuteChoice {
    /// Until the pod changes.
    UntilChanged,
    /// Two hours.
    Hours,
    /// Seven days.
    Days,
    /// Until it is taken back.
    Forever,
}

/// What the operator means; keys are bound to these in [`super::table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Move the cursor, or the text of the pane.
    Move(Motion),
    /// Show this view.
    Show(ViewKind),
    /// Show all of the selected pod.
    OpenDetail,
    /// Show the pods of the selected namespace.
    ShowNamespace,
    /// Charts of a longer time.
    LongerHistory,
    /// Charts of a shorter time.
    ShorterHistory,
    /// Show the pod's record as HSS sent it; again hides it.
    ShowRecord,
    /// In the record: go to the next line that holds what is sought.
    NextMatch,
    /// In the record: go to the one before.
    PreviousMatch,
    /// Close, then clear, then go back. Never quits.
    Back,
    /// Type a filter.
    OpenFilter,
    /// Type a command.
    OpenCommand,
    /// Choose a column to sort by.
    OpenSort,
    /// Go to the next pod whose score is high.
    NextRisk,
    /// Go to the one before.
    PreviousRisk,
    /// Choose the columns of the table.
    OpenColumns,
    /// Change the choice of columns.
    Column(ColumnEdit),
    /// Bring back the columns of the start.
    ResetColumns,
    /// Scroll the columns to those on the left.
    ColumnsLeft,
    /// Scroll the columns to those on the right.
    ColumnsRight,
    /// Choose what the pods shown are written to a file as.
    OpenExport,
    /// Write the pods shown to a file.
    Export(Format),
    /// Send something of the pod to the terminal's clipboard.
    Copy(CopyItem),
    /// Send the request id of the call under the cursor to the terminal's clipboard.
    CopyRequestId,
    /// Mark the pod, or take its mark away.
    ToggleMark,
    /// Take all marks away.
    ClearMarks,
    /// Show two pods side by side, or what changed of one.
    OpenCompare,
    /// In the comparison: show the fields that are alike too, or only those that differ.
    ToggleAllFields,
    /// Show what can be done with the pod.
    OpenRowMenu,
    /// Choose a theme; in the list of them: the next one.
    OpenThemes,
    /// Show the keys.
    OpenHelp,
    /// Sort by this column; again reverses.
    SortBy(PodField),
    /// Sort the namespaces by this column; again reverses.
    SortNamespaces(OverviewColumn),
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
    /// In the changes: take note of the one under the cursor, or of those that are marked.
    AcknowledgeChange,
    /// In the changes: take note of all that are shown.
    AcknowledgeAll,
    /// In the changes: mark the one under the cursor, for what is done next.
    MarkChange,
    /// Take back what was decided last.
    UndoDecision,
    /// In the changes: choose for how long to mute the pod of the one under the cursor.
    OpenMute,
    /// Mute for so long.
    MuteFor(MuteChoice),
    /// Mute the whole namespace instead of the pod; again the pod.
    MuteNamespace,
    /// In the changes: show those that are muted too; again hides them.
    ToggleMuted,
    /// In the changes: list what was decided; again the changes.
    ShowDecisions,
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
    /// Close what is open; where nothing is, end the program if it is pressed twice.
    CloseOrQuit,
    /// End the program at once.
    Quit,
}

/// What an operator calls each action in `[keys]` of the configuration.
const NAMES: &[(&str, Action)] = &[
    ("down", Action::Move(Motion::Down)),
    ("up", Action::Move(Motion::Up)),
    ("screen-down", Action::Move(Motion::ScreenDown)),
    ("screen-up", Action::Move(Motion::ScreenUp)),
    ("half-down", Action::Move(Motion::HalfDown)),
    ("half-up", Action::Move(Motion::HalfUp)),
    ("first", Action::Move(Motion::First)),
    ("last", Action::Move(Motion::Last)),
    ("next-page", Action::Move(Motion::NextPage)),
    ("previous-page", Action::Move(Motion::PreviousPage)),
    ("detail", Action::OpenDetail),
    ("namespace-pods", Action::ShowNamespace),
    ("longer-history", Action::LongerHistory),
    ("shorter-history", Action::ShorterHistory),
    ("record", Action::ShowRecord),
    ("next-match", Action::NextMatch),
    ("previous-match", Action::PreviousMatch),
    ("filter", Action::OpenFilter),
    ("command", Action::OpenCommand),
    ("pods", Action::Show(ViewKind::Pods)),
    ("overview", Action::Show(ViewKind::Overview)),
    ("changes", Action::Show(ViewKind::Changes)),
    ("health", Action::Show(ViewKind::Health)),
    ("problems", Action::ToggleProblems),
    ("sort", Action::OpenSort),
    ("sort-risk", Action::SortBy(PodField::Risk)),
    ("sort-name", Action::SortBy(PodField::Name)),
    ("sort-namespace", Action::SortBy(PodField::Namespace)),
    ("sort-status", Action::SortBy(PodField::Status)),
    ("sort-cpu", Action::SortBy(PodField::CpuPercent)),
    ("sort-memory", Action::SortBy(PodField::MemoryPercent)),
    ("sort-age", Action::SortBy(PodField::Age)),
    ("sort-off", Action::SortNamespaces(OverviewColumn::Off)),
    ("reverse", Action::InvertSort),
    ("next-risk", Action::NextRisk),
    ("previous-risk", Action::PreviousRisk),
    ("columns", Action::OpenColumns),
    ("columns-left", Action::ColumnsLeft),
    ("columns-right", Action::ColumnsRight),
    ("column-toggle", Action::Column(ColumnEdit::Toggle)),
    ("column-earlier", Action::Column(ColumnEdit::Earlier)),
    ("column-later", Action::Column(ColumnEdit::Later)),
    ("column-wider", Action::Column(ColumnEdit::Widen)),
    ("column-narrower", Action::Column(ColumnEdit::Narrow)),
    ("column-suit", Action::Column(ColumnEdit::Suit)),
    ("columns-all", Action::Column(ColumnEdit::All)),
    ("columns-reset", Action::ResetColumns),
    ("export", Action::OpenExport),
    ("export-csv", Action::Export(Format::Csv)),
    ("export-json", Action::Export(Format::Json)),
    ("copy-name", Action::Copy(CopyItem::Name)),
    ("copy-json", Action::Copy(CopyItem::Json)),
    ("copy-request-id", Action::CopyRequestId),
    ("menu", Action::OpenRowMenu),
    ("mark", Action::ToggleMark),
    ("clear-marks", Action::ClearMarks),
    ("compare", Action::OpenCompare),
    ("all-fields", Action::ToggleAllFields),
    ("theme", Action::OpenThemes),
    ("acknowledge", Action::Acknowledge),
    ("acknowledge-change", Action::AcknowledgeChange),
    ("acknowledge-all", Action::AcknowledgeAll),
    ("mark-change", Action::MarkChange),
    ("undo", Action::UndoDecision),
    ("mute", Action::OpenMute),
    ("mute-until-changed", Action::MuteFor(MuteChoice::UntilChanged)),
    ("mute-2h", Action::MuteFor(MuteChoice::Hours)),
    ("mute-7d", Action::MuteFor(MuteChoice::Days)),
    ("mute-forever", Action::MuteFor(MuteChoice::Forever)),
    ("mute-namespace", Action::MuteNamespace),
    ("show-muted", Action::ToggleMuted),
    ("decisions", Action::ShowDecisions),
    ("refresh", Action::AskNow),
    ("less-often", Action::Slower),
    ("more-often", Action::Faster),
    ("redraw", Action::Redraw),
    ("suspend", Action::Suspend),
    ("help", Action::OpenHelp),
    ("back", Action::Back),
    ("close", Action::CloseOrQuit),
    ("quit", Action::Quit),
    ("choose", Action::Choose),
    ("confirm", Action::Confirm),
    ("apply", Action::Submit),
    ("complete", Action::Complete),
    ("complete-back", Action::CompleteBack),
    ("older", Action::Older),
    ("newer", Action::Newer),
    ("cursor-left", Action::Edit(Edit::Left)),
    ("cursor-right", Action::Edit(Edit::Right)),
    ("cursor-start", Action::Edit(Edit::Start)),
    ("cursor-end", Action::Edit(Edit::End)),
    ("delete-back", Action::Edit(Edit::DeleteBack)),
    ("delete", Action::Edit(Edit::DeleteAt)),
    ("delete-word", Action::Edit(Edit::DeleteWord)),
    ("delete-before", Action::Edit(Edit::DeleteBefore)),
    ("delete-after", Action::Edit(Edit::DeleteAfter)),
];

impl Action {
    /// The action of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, action)| *action)
    }

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        // Every action that a key is bound to has a name: a test sees to it.
        NAMES
            .iter()
            .find(|(_, action)| *action == self)
            .map_or("", |(name, _)| name)
    }

    /// The name of every action.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }
}
