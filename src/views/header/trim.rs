//! The order in which parts of the title are left out.

/// The parts that are left out one after the other if the title is too long. The last ones are the state, the
/// calls left, the remaining time of a sweep, and the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trim {
    Nothing,
    /// How fast records come.
    Pace,
    /// That the list changed during the sweep.
    Moved,
    /// Who signed in.
    Signer,
    /// The middle of a long project.
    Middle,
    /// The words behind the ages.
    Behind,
    /// The second unit of the ages.
    Unit,
    /// Long words before the ages.
    Words,
    /// The enterprise project.
    Enterprise,
    /// When the next call is due; when the last one was, while they come one after the other.
    Next,
    /// Where the service is.
    Place,
    /// When the last call was.
    Asked,
    /// How old the snapshot is.
    Snapshot,
    /// The project.
    Project,
    /// How long a sweep still takes.
    Left,
    /// The calls that are left.
    Calls,
}

impl Trim {
    pub(super) const ALL: [Self; 16] = [
        Self::Nothing,
        Self::Pace,
        Self::Moved,
        Self::Signer,
        Self::Middle,
        Self::Behind,
        Self::Unit,
        Self::Words,
        Self::Enterprise,
        Self::Next,
        Self::Place,
        Self::Asked,
        Self::Snapshot,
        Self::Project,
        Self::Left,
        Self::Calls,
    ];

    /// Whether this part is still there.
    pub(super) fn keeps(self, part: Self) -> bool {
        self < part
    }
}
