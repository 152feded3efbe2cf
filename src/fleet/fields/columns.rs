//! A chosen list of columns: `risk,pod:40,ns`.
//!
//! Owns the language of a list of columns, which the table, the configuration and printed lists share: names
//! of fields, separated by commas or blanks, each optionally with its width in cells. If the screen
//! translates a field's words, the field has a second column with HSS's words, under the API's own name. Must
//! not: know the automatic width of a column, or draw one.

use std::fmt;

use super::names::{named, nearest};
use super::{IN_TABLE, PodField, SentTitle};

/// The smallest and the largest width of a column, in cells.
pub const COLUMN_CELLS: std::ops::RangeInclusive<u16> = 3..=120;

/// The default columns, as typed.
pub const STANDARD: &str = "risk,pod,ns,status,protect,detect,cpu%,mem%,age,cluster,node,podip,nodeip";

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PodColumn {
    /// A field, in the words of the screen.
    Shown(PodField),
    /// A field, as HSS sent it.
    Sent(PodField),
}

impl PodColumn {
    /// Every column: each field once, then the columns with HSS's own words.
    pub fn all() -> impl Iterator<Item = Self> {
        let fields = || PodField::ALL.iter().copied();
        let shown = fields().filter(|field| field.sorted_by() == *field);
        let sent = fields().filter(|field| field.row().as_sent.is_some());
        shown.map(Self::Shown).chain(sent.map(Self::Sent))
    }

    /// The column of this name, in upper or lower case.
    pub fn named(name: &str) -> Option<Self> {
        let mut sent = PodField::ALL.iter().copied();
        let sent = sent.find(|field| {
            let api = field.sent().filter(|_| field.row().as_sent.is_some());
            api.is_some_and(|api| api.name.eq_ignore_ascii_case(name))
        });
        sent.map(Self::Sent)
            .or_else(|| named(name).map(|field| Self::Shown(field.sorted_by())))
    }

    /// The field that it shows and sorts by.
    pub const fn field(self) -> PodField {
        match self {
            Self::Shown(field) | Self::Sent(field) => field,
        }
    }

    /// Its typed name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shown(field) => field.name(),
            Self::Sent(field) => field.sent().map_or(field.name(), |sent| sent.name),
        }
    }

    /// The column of HSS's words, if it is one.
    pub fn as_sent(self) -> Option<SentTitle> {
        match self {
            Self::Shown(_) => None,
            Self::Sent(field) => field.row().as_sent,
        }
    }

    /// Its heading, if there is room for it.
    pub fn title(self) -> &'static str {
        self.as_sent().map_or(self.field().row().title, |sent| sent.title)
    }
}

/// A column and its chosen width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChosenColumn {
    /// What it shows.
    pub column: PodColumn,
    /// Its width in cells, in [`COLUMN_CELLS`]; `None` for an automatic width.
    pub cells: Option<u16>,
}

impl From<PodField> for ChosenColumn {
    fn from(field: PodField) -> Self {
        Self {
            column: PodColumn::Shown(field),
            cells: None,
        }
    }
}

/// The columns of a table, from left to right: at least one, and each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnList(Vec<ChosenColumn>);

impl Default for ColumnList {
    /// The default columns.
    fn default() -> Self {
        Self(IN_TABLE.iter().copied().map(ChosenColumn::from).collect())
    }
}

impl ColumnList {
    /// Parses a list of columns.
    ///
    /// # Errors
    /// An unknown column, a duplicate, a wrong width, or an empty list.
    pub fn parse(text: &str) -> Result<Self, ColumnFault> {
        let words = text.split(|character: char| character == ',' || character.is_whitespace());
        let mut columns: Vec<ChosenColumn> = Vec::new();
        for word in words.filter(|word| !word.is_empty()) {
            let chosen = read(word)?;
            if columns.iter().any(|it| it.column == chosen.column) {
                return Err(ColumnFault::Twice(chosen.column));
            }
            columns.push(chosen);
        }
        Self::of(columns).ok_or(ColumnFault::Empty)
    }

    /// These columns, without duplicates; `None` if there are none.
    pub fn of(columns: Vec<ChosenColumn>) -> Option<Self> {
        let mut once: Vec<ChosenColumn> = Vec::with_capacity(columns.len());
        for chosen in columns {
            if once.iter().all(|it| it.column != chosen.column) {
                once.push(chosen);
            }
        }
        (!once.is_empty()).then_some(Self(once))
    }

    /// The columns, from left to right.
    pub fn columns(&self) -> &[ChosenColumn] {
        &self.0
    }

    /// Whether this column is among them.
    pub fn has(&self, column: PodColumn) -> bool {
        self.0.iter().any(|it| it.column == column)
    }
}

impl fmt::Display for ColumnList {
    /// The list as typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, chosen) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{}", chosen.column.name())?;
            if let Some(cells) = chosen.cells {
                write!(f, ":{cells}")?;
            }
        }
        Ok(())
    }
}

fn read(word: &str) -> Result<ChosenColumn, ColumnFault> {
    let (name, width) = match word.split_once([':', '=']) {
        Some((name, width)) => (name, Some(width)),
        None => (word, None),
    };
    let column = PodColumn::named(name).ok_or_else(|| ColumnFault::Unknown(name.to_owned()))?;
    let wanted = |width: &str| {
        let cells = width.parse().ok().filter(|cells| COLUMN_CELLS.contains(cells));
        cells.ok_or(ColumnFault::Width(column))
    };
    Ok(ChosenColumn {
        column,
        cells: width.map(wanted).transpose()?,
    })
}

/// Completions of the last word of a list of columns, each as the complete list. Columns that are listed
/// already are left out.
pub fn completions(typed: &str) -> Vec<String> {
    let start = typed
        .rfind(|character: char| character == ',' || character.is_whitespace())
        .map_or(0, |at| at + 1);
    let (before, word) = typed.split_at_checked(start).unwrap_or(("", typed));
    let listed = ColumnList::parse(before).ok();
    let is_listed = |column| listed.as_ref().is_some_and(|list| list.has(column));
    let word = word.to_lowercase();
    PodColumn::all()
        .filter(|column| column.name().starts_with(&word) && !is_listed(*column))
        .map(|column| format!("{before}{}", column.name()))
        .collect()
}

/// Why a list of columns is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnFault {
    /// No column has this name.
    Unknown(String),
    /// This column is listed twice.
    Twice(PodColumn),
    /// The width of this column is not a number of [`COLUMN_CELLS`].
    Width(PodColumn),
    /// No column is listed.
    Empty,
}

impl ColumnFault {
    /// The same with the name changed by `told`, which shortens a name that may be a secret.
    #[must_use]
    pub fn told(self, told: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Unknown(name) => Self::Unknown(told(&name)),
            other => other,
        }
    }
}

impl fmt::Display for ColumnFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => {
                write!(f, "no column {name}; ")?;
                if let Some(field) = nearest(name) {
                    return write!(f, "did you mean {field}?");
                }
                let names: Vec<&str> = PodColumn::all().map(PodColumn::name).collect();
                write!(f, "there are {}", names.join(" "))
            }
            Self::Twice(column) => write!(f, "column {} is listed twice", column.name()),
            Self::Width(column) => {
                let (least, most) = (COLUMN_CELLS.start(), COLUMN_CELLS.end());
                let name = column.name();
                write!(
                    f,
                    "the width of column {name} must be a number from {least} to {most}"
                )
            }
            Self::Empty => f.write_str("a list of columns has at least one, such as risk,pod,ns"),
        }
    }
}

impl std::error::Error for ColumnFault {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(text: &str) -> String {
        match ColumnList::parse(text) {
            Ok(list) => list.to_string(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_list_is_read_however_it_is_written_and_written_in_one_way() {
        for (typed, written) in [
            ("risk,pod,ns", "risk,pod,ns"),
            (" RISK  name, Namespace ,", "risk,pod,ns"),
            ("pod:40 cpu%=9", "pod:40,cpu%:9"),
            ("ip", "podip"),
            ("cluster_id scan list", "clusterid,detect,kind"),
            ("create_time age", "create_time,age"),
            ("protect protect_status", "protect,protect_status"),
        ] {
            assert_eq!(read_back(typed), written, "{typed}");
        }
        assert_eq!(ColumnList::default().to_string(), STANDARD);
    }

    #[test]
    fn what_is_no_list_says_what_was_expected() {
        for (typed, said) in [
            ("risk stauts", "no column stauts; did you mean status?"),
            ("http", "no column http; there are pod ns cluster"),
            ("pod name", "column pod is listed twice"),
            ("podip,ip", "column podip is listed twice"),
            ("pod:2", "the width of column pod must be a number from 3 to 120"),
            ("pod:", "the width of column pod must be a number from 3 to 120"),
            (" , ", "a list of columns has at least one"),
            ("", "a list of columns has at least one"),
        ] {
            assert!(
                read_back(typed).starts_with(said),
                "{typed}: {}",
                read_back(typed)
            );
        }
    }

    #[test]
    fn the_last_word_is_completed_with_what_is_not_listed_yet() {
        assert_eq!(completions("risk,pr"), ["risk,protect", "risk,protect_status"]);
        assert_eq!(completions("node,no"), ["node,nodeip"]);
        assert_eq!(completions("pod n"), ["pod ns", "pod node", "pod nodeip"]);
        assert_eq!(completions("").len(), PodColumn::all().count());
        assert!(completions("x").is_empty() && completions("pod,pod").contains(&"pod,podip".to_owned()));
    }

    #[test]
    fn every_column_is_found_by_its_name_and_has_a_title_and_each_field_one() {
        for column in PodColumn::all() {
            assert_eq!(PodColumn::named(column.name()), Some(column));
            assert!(!column.title().is_empty());
        }
        for field in PodField::ALL {
            assert!(
                PodColumn::all().any(|it| it.field() == field.sorted_by()),
                "{field:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(
            columns in prop::collection::vec(
                (prop::sample::select(PodColumn::all().collect::<Vec<_>>()), prop::option::of(COLUMN_CELLS)),
                1..9,
            ),
        ) {
            let columns = columns.into_iter().map(|(column, cells)| ChosenColumn { column, cells });
            let list = ColumnList::of(columns.collect()).unwrap();
            prop_assert_eq!(ColumnList::parse(&list.to_string()), Ok(list));
        }
    }
}
