//! The modes in which keys are pressed: views and overlays.

/// A whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewKind {
    /// The pods.
    Pods,
    /// The namespaces, the worst first.
    Overview,
    /// What changed, snapshot by snapshot.
    Changes,
    /// Why the list is as current as it is, the last calls, and what the program itself costs.
    Health,
}

impl ViewKind {
    /// Every view, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Pods, Self::Overview, Self::Changes, Self::Health];

    /// The text of its tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pods => "Pods",
            Self::Overview => "Overview",
            Self::Changes => "Changes",
            Self::Health => "Health",
        }
    }

    /// The mode of the view without an overlay.
    pub const fn mode(self) -> Mode {
        match self {
            Self::Pods => Mode::Table,
            Self::Overview => Mode::Overview,
            Self::Changes => Mode::Changes,
            Self::Health => Mode::Health,
        }
    }
}

/// The current meaning of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The pod table.
    Table,
    /// The details of one pod.
    Detail,
    /// A filter is being typed.
    Filter,
    /// A command is being typed.
    Command,
    /// A column to sort by is being chosen.
    Sort,
    /// The columns of the table are being chosen.
    Columns,
    /// The format of an export is being chosen.
    Export,
    /// A theme is being chosen.
    Themes,
    /// The keys are shown.
    Help,
    /// A change at HSS waits for confirmation.
    Confirm,
    /// The namespaces.
    Overview,
    /// The program's own use of resources.
    Health,
    /// What changed.
    Changes,
    /// What operators decided, in place of the changes.
    Decisions,
    /// The duration of a mute is being chosen.
    Mute,
    /// The menu of the selected pod.
    RowMenu,
    /// Two pods side by side, or one pod before and after.
    Compare,
    /// A saved view is being chosen.
    Views,
    /// The alerts are listed.
    Alerts,
    /// What to look for in the help is being typed.
    HelpSearch,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 20] = [
        Self::Table,
        Self::Detail,
        Self::Filter,
        Self::Command,
        Self::Sort,
        Self::Columns,
        Self::Export,
        Self::Themes,
        Self::Help,
        Self::Confirm,
        Self::Overview,
        Self::Health,
        Self::Changes,
        Self::Decisions,
        Self::Mute,
        Self::RowMenu,
        Self::Compare,
        Self::Views,
        Self::Alerts,
        Self::HelpSearch,
    ];

    /// Whether it is a view without an overlay.
    pub fn is_view(self) -> bool {
        ViewKind::ALL.iter().any(|view| view.mode() == self)
    }
}
