//! Where a key is pressed: what lies in front.

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
    /// What to write to a file is being chosen.
    Export,
    /// A theme is being chosen.
    Themes,
    /// The keys are shown.
    Help,
    /// Something that changes HSS waits for a yes.
    Confirm,
    /// What the program itself costs.
    Health,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 10] = [
        Self::Table,
        Self::Detail,
        Self::Filter,
        Self::Command,
        Self::Sort,
        Self::Export,
        Self::Themes,
        Self::Help,
        Self::Confirm,
        Self::Health,
    ];

    /// Whether it is a view, with nothing on it.
    pub fn is_view(self) -> bool {
        matches!(self, Self::Table | Self::Health)
    }
}
