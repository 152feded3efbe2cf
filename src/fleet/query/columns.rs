//! The columns that a filter can name.
//!
//! Owns their names, how the texts of each are matched, and the unit of each number. Must not: know how a column
//! is stored or drawn.

use std::fmt;

use super::number::Unit;
use super::pattern::Matching;

/// A column of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextColumn {
    /// The pod's name.
    Pod,
    /// The namespace's name.
    Namespace,
    /// The cluster's name.
    Cluster,
    /// The node's name.
    Node,
    /// The addresses of the pod and of its node.
    Ip,
    /// The status word.
    Status,
    /// The protection word.
    Protection,
    /// The detection word.
    Detection,
    /// The region.
    Region,
    /// The kind of cluster.
    ClusterType,
    /// The record's id.
    Id,
}

/// A column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberColumn {
    /// CPU used, of its limit.
    CpuPercent,
    /// Memory used, of its limit.
    MemoryPercent,
    /// CPU used.
    Cpu,
    /// Memory used.
    Memory,
    /// CPU allowed.
    CpuLimit,
    /// Memory allowed.
    MemoryLimit,
    /// How old the pod is.
    Age,
    /// The risk score.
    Risk,
}

/// A column of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Of texts.
    Text(TextColumn),
    /// Of numbers.
    Number(NumberColumn),
}

impl TextColumn {
    /// Every text column.
    pub const ALL: [Self; 11] = [
        Self::Pod,
        Self::Namespace,
        Self::Cluster,
        Self::Node,
        Self::Ip,
        Self::Status,
        Self::Protection,
        Self::Detection,
        Self::Region,
        Self::ClusterType,
        Self::Id,
    ];

    /// Its name, and the other names it answers to.
    const fn names(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Pod => ("pod", &["name"]),
            Self::Namespace => ("ns", &["namespace"]),
            Self::Cluster => ("cluster", &[]),
            Self::Node => ("node", &[]),
            Self::Ip => ("ip", &[]),
            Self::Status => ("status", &[]),
            Self::Protection => ("protect", &["protection"]),
            Self::Detection => ("detect", &["detection"]),
            Self::Region => ("region", &[]),
            Self::ClusterType => ("type", &[]),
            Self::Id => ("id", &[]),
        }
    }

    /// How a word is looked for in its texts.
    pub const fn matching(self) -> Matching {
        match self {
            Self::Status | Self::Protection | Self::Detection | Self::ClusterType => Matching::WordStart,
            Self::Pod | Self::Namespace | Self::Cluster | Self::Node | Self::Ip | Self::Region | Self::Id => {
                Matching::Part
            }
        }
    }
}

impl NumberColumn {
    /// Every number column.
    pub const ALL: [Self; 8] = [
        Self::CpuPercent,
        Self::MemoryPercent,
        Self::Cpu,
        Self::Memory,
        Self::CpuLimit,
        Self::MemoryLimit,
        Self::Age,
        Self::Risk,
    ];

    /// Its name, and the other names it answers to.
    const fn names(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::CpuPercent => ("cpu%", &[]),
            Self::MemoryPercent => ("mem%", &["memory%"]),
            Self::Cpu => ("cpu", &[]),
            Self::Memory => ("mem", &["memory"]),
            Self::CpuLimit => ("cpulimit", &[]),
            Self::MemoryLimit => ("memlimit", &["memorylimit"]),
            Self::Age => ("age", &[]),
            Self::Risk => ("risk", &[]),
        }
    }

    /// What its numbers count.
    pub const fn unit(self) -> Unit {
        match self {
            Self::CpuPercent | Self::MemoryPercent => Unit::Percent,
            Self::Cpu | Self::CpuLimit => Unit::Cores,
            Self::Memory | Self::MemoryLimit => Unit::Bytes,
            Self::Age => Unit::Age,
            Self::Risk => Unit::Points,
        }
    }
}

impl Column {
    /// Every column, in the order in which completion offers them.
    pub fn all() -> impl Iterator<Item = Self> {
        let texts = TextColumn::ALL.into_iter().map(Self::Text);
        texts.chain(NumberColumn::ALL.into_iter().map(Self::Number))
    }

    /// The column of this name; upper and lower case are alike.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|column| column.all_names().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// The column that somebody meant who typed `name`: one that begins so, or else the one that is the fewest
    /// slips away.
    pub fn nearest(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let length = name.chars().count();
        let begins_so =
            || Self::all().find(|column| column.all_names().any(|known| known.starts_with(&name)));
        let fewest_slips = || {
            Self::all()
                .flat_map(|column| column.all_names().map(move |known| (column, known)))
                .map(|(column, known)| (strsim::osa_distance(known, &name), column))
                .filter(|(slips, _)| *slips <= (length / 3).clamp(1, 3))
                .min_by_key(|(slips, _)| *slips)
                .map(|(_, column)| column)
        };
        match length {
            2..=20 => begins_so().or_else(fewest_slips),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    const fn names(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Text(column) => column.names(),
            Self::Number(column) => column.names(),
        }
    }

    fn all_names(self) -> impl Iterator<Item = &'static str> {
        let (name, others) = self.names();
        std::iter::once(name).chain(others.iter().copied())
    }
}

impl fmt::Display for TextColumn {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().0)
    }
}

impl fmt::Display for NumberColumn {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().0)
    }
}

impl fmt::Display for Column {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_leads_to_its_column_and_to_no_other() {
        let mut met = HashSet::new();
        for column in Column::all() {
            for name in column.all_names() {
                assert!(met.insert(name), "{name} twice");
                assert_eq!(Column::named(name), Some(column));
                assert_eq!(Column::named(&name.to_uppercase()), Some(column));
            }
        }
        assert_eq!(Column::named(""), None);
    }

    #[test]
    fn a_slip_finds_the_column_that_was_meant() {
        let cases = [
            ("stauts", "status"),
            ("Statis", "status"),
            ("stat", "status"),
            ("nss", "ns"),
            ("nane", "pod"),
            ("mem%%", "mem%"),
            ("cpulimits", "cpulimit"),
            ("protct", "protect"),
            ("protetcoin", "protect"),
            ("nmaesapce", "ns"),
            ("memroylimt", "memlimit"),
        ];
        for (typed, meant) in cases {
            assert_eq!(Column::nearest(typed).map(Column::name), Some(meant), "{typed}");
        }
        for typed in ["", "x", "http", "https", "10.0.0.1", "fe80", &"status".repeat(99)] {
            assert_eq!(Column::nearest(typed), None, "{typed}");
        }
    }
}
