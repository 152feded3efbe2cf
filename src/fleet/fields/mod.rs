//! The table of fields: everything that the program can say about a pod, one row per field.
//!
//! A row has HSS's name for the field and the lists that have it, the kind of its values, its typed names,
//! its names in files, its heading in the table and its label in the detail pane. The reader of answers, the
//! filter, `:sort`, completion, exports, the table, the detail pane and the help all use this table, so that
//! one word means one thing everywhere. [`table`] has the rows, [`orders`] lists them, [`names`] finds a field by a
//! typed name, [`values`] reads a pod. Must not: know how a value is stored, drawn or coloured.
//!
//! To add a text that HSS sends: a row in [`table`], in the section `sent texts`. Its place in the records of an
//! answer, its column in the store, in stored pods and in the past follow from the row, as does everything that
//! shows or reads it. `tests/one_field_more.rs` adds one.

pub mod columns;
mod enums;
pub mod names;
pub mod orders;
pub mod table;
pub mod values;

pub use columns::{ChosenColumn, ColumnFault, ColumnList, PodColumn};
pub use orders::{IN_FILES, IN_TABLE};
pub use table::{Col, PodField, PodNumber, PodText, TextField};
pub use values::{PodValues, TextOf};

use super::pseudonym::NameKind;
use super::query::Matching;
use super::words::ListedWord;

/// Which of the two lists of an answer have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// `data_list`: pods on nodes.
    Node,
    /// `pod_info_list`: serverless pods.
    Serverless,
    /// Either.
    Both,
}

/// HSS's name for a field, and the lists that have it (source: the API reference of `ListKubernetesPods`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The name in the answer.
    pub name: &'static str,
    /// The lists that have it.
    pub lists: Lists,
}

/// Whether a field is a text or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    Text(PodText),
    /// A number.
    Number(PodNumber),
}

/// The kind of a field's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Names, addresses or ids of this kind. While names are masked, pseudonyms of the kind replace them.
    Names(NameKind),
    /// One of these documented words; HSS may send others.
    Closed(&'static [ListedWord]),
}

/// The form of a value in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// The text that HSS sent.
    AsSent,
    /// Cores, as a plain number.
    Cores,
    /// Bytes, as a plain number.
    Bytes,
    /// Whole percent of the limit.
    Percent,
    /// A whole number.
    Score,
    /// A date with whole seconds, in UTC.
    Date,
    /// Milliseconds since 1970 UTC, as received.
    Milliseconds,
}

/// The facts about a field, without the kind of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name in filters and commands, which completion offers.
    pub name: &'static str,
    /// Other names that may be typed. The API's name and the names in files may be typed too.
    pub aliases: &'static [&'static str],
    /// Its heading in the table.
    pub title: &'static str,
    /// A shorter heading for a narrow column; empty if there is none.
    pub short_title: &'static str,
    /// The widths to which its column grows, the smallest first.
    pub widths: &'static [WidthStep],
    /// The column with HSS's own words, if the screen uses others.
    pub as_sent: Option<SentTitle>,
    /// Its label in the detail pane: at most 10 characters.
    pub label: &'static str,
    /// Whether a filter without a column searches it.
    pub is_searched: bool,
    /// Whether sorting by it begins with the largest value, because the worst comes first.
    pub starts_largest: bool,
    /// Its columns in a file.
    pub exports: &'static [(&'static str, ExportForm)],
}

/// A width to which a column grows, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WidthStep {
    /// The width in cells.
    pub cells: u8,
    /// Its turn: space is given to the steps of all columns in this order, the smallest turn first. Steps of
    /// numbers with the same turn are made together.
    pub turn: u8,
}

const fn step(cells: u8, turn: u8) -> WidthStep {
    WidthStep { cells, turn }
}

/// The turn of a column that is only shown if it is chosen: it comes after the names are readable.
const LATE: u8 = 23;

/// A column with HSS's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentTitle {
    /// Its heading.
    pub title: &'static str,
    /// Its cells.
    pub cells: u8,
}

impl FieldRow {
    /// An empty row.
    const EMPTY: Self = Self {
        name: "",
        aliases: &[],
        title: "",
        short_title: "",
        widths: &[step(15, LATE)],
        as_sent: None,
        label: "",
        is_searched: false,
        starts_largest: false,
        exports: &[],
    };
}

impl Wording {
    /// How a filter's word is compared with such texts.
    pub const fn matching(self) -> Matching {
        match self {
            Self::Names(_) => Matching::Part,
            Self::Closed(_) => Matching::WordStart,
        }
    }
}

impl PodText {
    /// How a filter's word is compared with its texts.
    pub const fn matching(self) -> Matching {
        self.wording().matching()
    }
}

impl PodField {
    /// What is typed for it.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The field by which pods are sorted for this one: of the two addresses, the pod's own.
    #[must_use]
    pub const fn sorted_by(self) -> Self {
        match self {
            Self::Ip => Self::PodIp,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::fleet::query::Query;

    #[test]
    fn every_field_has_a_name_a_title_and_a_label() {
        for field in PodField::ALL {
            let row = field.row();
            assert!(
                !row.name.is_empty() && !row.title.is_empty() && !row.label.is_empty(),
                "{field:?}"
            );
            assert!(
                !row.exports.is_empty() || field.sent().is_none(),
                "{field:?} is left out of files"
            );
        }
    }

    #[test]
    fn the_orders_hold_each_field_once() {
        let once = |order: &[PodField]| order.iter().collect::<HashSet<_>>().len() == order.len();
        assert!(once(IN_TABLE) && once(IN_FILES) && once(PodField::ALL));
        for field in PodField::ALL {
            assert_eq!(
                IN_FILES.contains(field),
                !field.row().exports.is_empty(),
                "{field:?}"
            );
        }
    }

    #[test]
    fn what_hss_sends_is_exported_by_its_own_name() {
        for field in PodField::ALL {
            let Some(sent) = field.sent() else { continue };
            assert!(
                field.row().exports.iter().any(|(name, _)| *name == sent.name),
                "{field:?}"
            );
        }
    }

    /// One word for one thing: a name that is accepted in one place is accepted in the others, for the same
    /// field.
    #[test]
    fn every_name_is_taken_by_filter_sort_and_completion_alike() {
        for field in PodField::ALL {
            for name in field.names() {
                let (value, sort) = match field.kind() {
                    FieldKind::Text(_) => (":none", field.sorted_by()),
                    FieldKind::Number(_) => ("=none", *field),
                };
                let query = Query::parse(&format!("{name}{value}")).unwrap();
                assert!(query.asks_for(*field), "{name}");
                assert_eq!(names::sortable(name), Some(sort), "{name}");
                assert_eq!(names::sortable(&name.to_uppercase()), Some(sort), "{name}");
                assert!(!names::beginning_with(name).is_empty(), "{name}");
            }
        }
        for (name, field) in [
            ("mem", PodField::Memory),
            ("memory", PodField::Memory),
            ("ns", PodField::Namespace),
            ("namespace", PodField::Namespace),
            ("pod", PodField::Name),
            ("name", PodField::Name),
            ("cluster_id", PodField::ClusterId),
            ("kind", PodField::Kind),
        ] {
            assert_eq!(names::named(name), Some(field), "{name}");
        }
    }
}
