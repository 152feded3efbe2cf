//! Where a key is pressed: the view, and what lies in front.

/// A whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewKind {
    /// The pods.
    Pods,
    /// The namespaces, the worst first.
    Overview,
    /// What changed, snapshot by snapshot.
    Changes,
    /// What the program itself costs.
    Health,
}

impl ViewKind {
    /// Every view, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Pods, Self::Overview, Self::Changes, Self::Health];

    /// What its tab says.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pods => "Pods",
            Self::Overview => "Overview",
            Self::Changes => "Changes",
            Self::Health => "Health",
        }
    }

    /// What the keys mean where nothing lies on it.
    pub const fn mode(self) -> Mode {
        match self {
            Self::Pods => Mode::Table,
            Self::Overview => Mode::Overview,
            Self::Changes => Mode::Changes,
            Self::Health => Mode::Health,
        }
    }
}

/// What the keys mean at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The pod table.
    Table,
    /// One pod, all of it.
    Detail,
    /// A filter is being typed.
    Filter,
    /// A command is being typed.
    Command,
    /// A column to sort by is being chosen.
    Sort,
    /// The columns of the table are being chosen.
    Columns,
    /// What to write to a file is being chosen.
    Export,
    /// A theme is being chosen.
    Themes,
    /// The keys are shown.
    Help,
    /// Something that changes HSS waits for a yes.
    Confirm,
    /// The namespaces.
    Overview,
    /// What the program itself costs.
    Health,
    /// What changed.
    Changes,
    /// For how long to mute is being chosen.
    Mute,
    /// What can be done with the selected pod.
    RowMenu,
    /// Two pods side by side, or one pod before and after.
    Compare,
    /// A saved view is being chosen.
    Views,
    /// What to look for in the help is being typed.
    HelpSearch,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 18] = [
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
        Self::Mute,
        Self::RowMenu,
        Self::Compare,
        Self::Views,
        Self::HelpSearch,
    ];

    /// Whether it is a view, with nothing on it.
    pub fn is_view(self) -> bool {
        ViewKind::ALL.iter().any(|view| view.mode() == self)
    }
}
