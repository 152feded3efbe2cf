//! The actions that keys are bound to.

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
    /// To the first row of this page, or of the previous one if already there.
    PreviousPage,
}

/// A change to the choice of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnEdit {
    /// Shows or hides the column.
    Toggle,
    /// Moves it one place to the left in the table.
    Earlier,
    /// Moves it one place to the right in the table.
    Later,
    /// Makes it wider.
    Widen,
    /// Makes it narrower.
    Narrow,
    /// Resets it to its automatic width.
    Suit,
    /// Shows all columns.
    All,
}

/// A change of the text or of the cursor's position.
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
    /// Deletes the word before the cursor and the space between.
    DeleteWord,
    /// Deletes everything before the cursor.
    DeleteBefore,
    /// Deletes everything after the cursor.
    DeleteAfter,
}

/// The duration of a mute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MuteChoice {
    /// Until the pod changes.
    UntilChanged,
    /// Two hours.
    Hours,
    /// Seven days.
    Days,
    /// Until it is undone.
    Forever,
}

/// An action; [`super::table`] binds keys to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Move the cursor, or the text of the pane.
    Move(Motion),
    /// Show this view.
    Show(ViewKind),
    /// Show the details of the selected pod.
    OpenDetail,
    /// Show the pods of the selected namespace.
    ShowNamespace,
    /// Charts of a longer time range.
    LongerHistory,
    /// Charts of a shorter time range.
    ShorterHistory,
    /// Show the pod's record as HSS sent it; again hides it.
    ShowRecord,
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
    /// Go to the previous one.
    PreviousRisk,
    /// Choose the columns of the table.
    OpenColumns,
    /// Change the choice of columns.
    Column(ColumnEdit),
    /// Restore the initial columns.
    ResetColumns,
    /// Scroll the columns to those on the left.
    ColumnsLeft,
    /// Scroll the columns to those on the right.
    ColumnsRight,
    /// Choose the format of an export.
    OpenExport,
    /// Export the pods shown.
    Export(Format),
    /// Send something of the pod to the terminal's clipboard.
    Copy(CopyItem),
    /// Send the request id of the call under the cursor to the terminal's clipboard.
    CopyRequestId,
    /// Mark the pod, or take its mark away.
    ToggleMark,
    /// Remove all marks.
    ClearMarks,
    /// Show two pods side by side, or the changes of one.
    OpenCompare,
    /// In the comparison: show all fields, or only the different ones.
    ToggleAllFields,
    /// Show the menu of the pod.
    OpenRowMenu,
    /// Show the saved views.
    OpenViews,
    /// In the menu of views: delete this one.
    DeleteView,
    /// Choose a theme; in the list of them: the next one.
    OpenThemes,
    /// Show the keys.
    OpenHelp,
    /// In the help: type what to look for.
    SearchHelp,
    /// In the help or the record: go to the next match.
    NextMatch,
    /// In the help or the record: go to previous match.
    PreviousMatch,
    /// Sort by this column; again reverses.
    SortBy(PodField),
    /// Sort the namespaces by this column; again reverses.
    SortNamespaces(OverviewColumn),
    /// Reverse the order.
    InvertSort,
    /// Show only pods with a problem; again shows all.
    ToggleProblems,
    /// Show the pods as they were one stored snapshot earlier.
    EarlierSnapshot,
    /// Show the pods as they were one stored snapshot later, or as they are now.
    LaterSnapshot,
    /// In a comparison of one pod: its right side one stored snapshot earlier.
    ComparedEarlier,
    /// In a comparison of one pod: its right side one stored snapshot later, or as it is now.
    ComparedLater,
    /// Freeze the picture while data continues to arrive; again to release it.
    Freeze,
    /// In a list of choices: take this one.
    Choose,
    /// In a prompt: apply the typed text.
    Submit,
    /// In a prompt: change the text or move the cursor.
    Edit(Edit),
    /// In a prompt: complete the word, or choose the next completion.
    Complete,
    /// In a prompt: choose the previous completion.
    CompleteBack,
    /// In a prompt: the previous entry of the history.
    Older,
    /// In a prompt: the next entry of the history.
    Newer,
    /// Mark all changes as read.
    Acknowledge,
    /// Take note of the alerts of the banner.
    AcknowledgeAlerts,
    /// Lists the alerts, or closes the list.
    OpenAlerts,
    /// In the changes: take note of the one under the cursor, or of those that are marked.
    AcknowledgeChange,
    /// Take note of what was found of the pod.
    AcknowledgePod,
    /// Write the report of the shift, since the last one.
    WriteReport,
    /// In the changes: take note of all that are shown.
    AcknowledgeAll,
    /// In the changes: mark the selected one for the next action.
    MarkChange,
    /// Undo the last decision.
    UndoDecision,
    /// In the changes: choose how long to mute the pod of the selected one.
    OpenMute,
    /// Mute for this duration.
    MuteFor(MuteChoice),
    /// Mute the whole namespace instead of the pod; again: the pod.
    MuteNamespace,
    /// In the changes: show muted ones too; again hides them.
    ToggleMuted,
    /// In the changes: list the decisions; again: the changes.
    ShowDecisions,
    /// Ask the API now.
    AskNow,
    /// Confirm.
    Confirm,
    /// Poll more often.
    Faster,
    /// Poll less often.
    Slower,
    /// Redraw everything.
    Redraw,
    /// Suspend to the shell until it resumes the program.
    Suspend,
    /// Close what is open; with nothing open, quit if pressed twice.
    CloseOrQuit,
    /// End the program at once.
    Quit,
}

/// The name of each action in `[keys]` of the configuration.
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
    ("filter", Action::OpenFilter),
    ("command", Action::OpenCommand),
    ("pods", Action::Show(ViewKind::Pods)),
    ("overview", Action::Show(ViewKind::Overview)),
    ("changes", Action::Show(ViewKind::Changes)),
    ("health", Action::Show(ViewKind::Health)),
    ("problems", Action::ToggleProblems),
    ("earlier-snapshot", Action::EarlierSnapshot),
    ("later-snapshot", Action::LaterSnapshot),
    ("freeze", Action::Freeze),
    ("sort", Action::OpenSort),
    ("sort-risk", Action::SortBy(PodField::Risk)),
    ("sort-name", Action::SortBy(PodField::Name)),
    ("sort-namespace", Action::SortBy(PodField::Namespace)),
    ("sort-status", Action::SortBy(PodField::Status)),
    ("sort-cpu", Action::SortBy(PodField::CpuPercent)),
    ("sort-memory", Action::SortBy(PodField::MemoryPercent)),
    ("sort-age", Action::SortBy(PodField::Age)),
    ("sort-off", Action::SortNamespaces(OverviewColumn::Off)),
    (
        "sort-near-limit",
        Action::SortNamespaces(OverviewColumn::NearLimit),
    ),
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
    ("saved-views", Action::OpenViews),
    ("delete-view", Action::DeleteView),
    ("mark", Action::ToggleMark),
    ("clear-marks", Action::ClearMarks),
    ("compare", Action::OpenCompare),
    ("all-fields", Action::ToggleAllFields),
    ("compared-earlier", Action::ComparedEarlier),
    ("compared-later", Action::ComparedLater),
    ("theme", Action::OpenThemes),
    ("read-all", Action::Acknowledge),
    ("acknowledge-pod", Action::AcknowledgePod),
    ("report", Action::WriteReport),
    ("acknowledge-alerts", Action::AcknowledgeAlerts),
    ("alerts", Action::OpenAlerts),
    ("acknowledge-change", Action::AcknowledgeChange),
    ("acknowledge-all", Action::AcknowledgeAll),
    ("mark-change", Action::MarkChange),
    ("undo", Action::UndoDecision),
    ("mute", Action::OpenMute),
    ("mute-until-changed", Action::MuteFor(MuteChoice::UntilChanged)),
    ("mute-2h", Action::MuteFor(MuteChoice::Hours)),
    ("mute-7d", Action::MuteFor(MuteChoice::Days)),
    ("mute-until-worse", Action::MuteFor(MuteChoice::Forever)),
    ("mute-namespace", Action::MuteNamespace),
    ("show-muted", Action::ToggleMuted),
    ("decisions", Action::ShowDecisions),
    ("refresh", Action::AskNow),
    ("less-often", Action::Slower),
    ("more-often", Action::Faster),
    ("redraw", Action::Redraw),
    ("suspend", Action::Suspend),
    ("help", Action::OpenHelp),
    ("search-help", Action::SearchHelp),
    ("next-match", Action::NextMatch),
    ("previous-match", Action::PreviousMatch),
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
        // Every action with a key has a name; a test checks this.
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
