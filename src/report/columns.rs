//! The columns of an exported file, from the table of fields: name, kind and value. The names are those of
//! the API if it has one.
//!
//! HSS reports some values in mixed units (`0.092`, `183m`; `270Mi`, `122674338`). Such a value has two
//! columns: the original text, and a plain number of cores or bytes. A column of numbers contains only
//! numbers, because one word in it would make programs read it as a column of text; unknown and unreadable
//! values are empty there.

use jiff::Timestamp;

use super::listing::direct::DirectValue;
use crate::fleet::fields::{ExportForm, FieldKind, IN_FILES, PodField, PodNumber, PodValues, names};
use crate::fleet::pod::created_at;
use crate::fleet::quantity::{MOST, Measure, Quantity};
use crate::fleet::text::RemoteText;
use crate::fleet::{Field, Pod};

/// The data of a row.
#[derive(Debug, Clone)]
pub struct ExportRow {
    /// The pod.
    pub pod: Pod,
    /// When the pod vanished, if it did.
    pub gone_since: Option<Timestamp>,
}

/// The value of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportValue {
    /// HSS does not report it.
    Absent,
    /// HSS reports something unreadable.
    Unreadable,
    /// A text, from the API or ours.
    Text(RemoteText),
    /// A whole number.
    Number(i128),
    /// A number, in billionths.
    Billionths(u64),
}

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Texts; an absent one is empty.
    Text,
    /// Whole numbers of at least zero.
    Count,
    /// Whole numbers.
    Whole,
    /// Numbers with a fraction.
    Decimal,
}

impl Content {
    /// The column's type in SQL, as DuckDB names it.
    pub fn sql_type(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Count => "UBIGINT",
            Self::Whole => "BIGINT",
            Self::Decimal => "DOUBLE",
        }
    }
}

impl ExportValue {
    fn date(raw: &str) -> Self {
        Self::Text(RemoteText::name(raw))
    }

    fn of<T>(field: &Field<T>, value: impl Fn(&T) -> Self) -> Self {
        match field {
            Field::Absent => Self::Absent,
            Field::Unreadable => Self::Unreadable,
            Field::Value(inner) => value(inner),
        }
    }

    fn text(field: Field<RemoteText>) -> Self {
        match field {
            Field::Absent => Self::Absent,
            Field::Unreadable => Self::Unreadable,
            Field::Value(text) => Self::Text(text),
        }
    }

    fn quantity(field: &Field<Quantity>) -> Self {
        Self::of(field, |quantity| Self::Text(quantity.text.clone()))
    }

    /// An amount as a plain number; absent if it is capped, because HSS did not report the cap.
    fn amount(field: &Field<Quantity>, number: impl Fn(u64) -> Self) -> Self {
        match field {
            Field::Value(quantity) => exact_amount(quantity).map_or(Self::Absent, number),
            Field::Absent | Field::Unreadable => Self::Absent,
        }
    }

    fn cores(field: &Field<Quantity>) -> Self {
        Self::amount(field, Self::Billionths)
    }

    fn bytes(field: &Field<Quantity>) -> Self {
        Self::amount(field, |bytes| Self::Number(bytes.into()))
    }

    fn percent(facts: &impl PodValues, measure: Measure, used: PodNumber, limit: PodNumber) -> Self {
        let is_capped = |number| {
            let field = facts.quantity_of(number);
            matches!(field.as_ref(), Field::Value(it) if exact_amount(it).is_none())
        };
        if is_capped(used) || is_capped(limit) {
            return Self::Absent;
        }
        let percent = facts.usage_of(measure).percent();
        let percent = percent.filter(|percent| *percent < u32::MAX);
        percent.map_or(Self::Absent, |percent| Self::Number(percent.into()))
    }

    /// Whole seconds, because jq and others do not parse fractions. The milliseconds have a column of their
    /// own.
    pub(crate) fn time(at: Timestamp) -> Self {
        // Without a fraction this is how a timestamp is written, and faster than a pattern.
        let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
        Self::date(&seconds.to_string())
    }
}

/// The amount of a quantity, if it has one and is not capped.
fn exact_amount(quantity: &Quantity) -> Option<u64> {
    quantity.amount.filter(|amount| *amount < MOST)
}

/// Formats billionths as a plain number: `0.092`, `2`.
pub fn decimal(billionths: u64) -> String {
    const ONE: u64 = 1_000_000_000;
    let (whole, part) = (billionths / ONE, billionths % ONE);
    let text = format!("{whole}.{part:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A column of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileColumn {
    /// Its name.
    pub name: &'static str,
    source: Source,
}

/// The source of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A field of the pod in this form.
    Field(PodField, ExportForm),
    /// When the pod vanished, which is not one of its fields but our observation.
    GoneSince,
    /// The moment that the pods of the file are of.
    AsOf(Timestamp),
}

/// All columns in the order of a file: the fields of the table, and when a pod vanished. That one keeps its place, behind the
/// fields of the first files: programs read by position, and a new field comes last.
pub fn columns() -> impl Iterator<Item = FileColumn> + Clone {
    IN_FILES.iter().flat_map(|field| {
        let exports = field.row().exports.iter();
        let exports = exports.map(|(name, form)| FileColumn {
            name,
            source: Source::Field(*field, *form),
        });
        let gone = (*field == PodField::Age).then_some(FileColumn {
            name: "gone_since",
            source: Source::GoneSince,
        });
        exports.chain(gone)
    })
}

/// The same, and in a file of pods as they were the moment: a file that is passed on must not be taken for the pods of now.
pub fn columns_as_of(as_of: Option<Timestamp>) -> Vec<FileColumn> {
    let moment = as_of.map(|at| FileColumn {
        name: "as_of",
        source: Source::AsOf(at),
    });
    columns().chain(moment).collect()
}

impl FileColumn {
    /// The column of this name, or else that of the field with this name. A field that is in no file has a
    /// column of its own name.
    pub fn named(name: &str) -> Option<Self> {
        let is_it = |column: &Self| column.name.eq_ignore_ascii_case(name);
        let of_pods = || columns().filter(|column| column.source != Source::GoneSince);
        of_pods().find(is_it).or_else(|| names::named(name).map(Self::of))
    }

    /// The first column of a field.
    pub fn of(field: PodField) -> Self {
        let first = field.row().exports.first().copied();
        let (name, form) = first.unwrap_or((field.name(), ExportForm::AsSent));
        Self {
            name,
            source: Source::Field(field, form),
        }
    }

    /// All columns of pods that are there.
    pub fn of_present_pods() -> Vec<Self> {
        columns()
            .filter(|column| column.source != Source::GoneSince)
            .collect()
    }

    /// The content of the column.
    pub fn content(self) -> Content {
        match self.source {
            Source::GoneSince | Source::AsOf(_) | Source::Field(_, ExportForm::AsSent | ExportForm::Date) => {
                Content::Text
            }
            Source::Field(_, ExportForm::Cores) => Content::Decimal,
            Source::Field(_, ExportForm::Bytes | ExportForm::Percent | ExportForm::Score) => Content::Count,
            Source::Field(_, ExportForm::Milliseconds) => Content::Whole,
        }
    }

    /// The column's value in a row.
    pub fn value(self, row: &ExportRow) -> ExportValue {
        match self.source {
            Source::GoneSince => row.gone_since.map_or(ExportValue::Absent, ExportValue::time),
            Source::AsOf(_) | Source::Field(..) => self.value_of(&row.pod),
        }
    }

    /// The column's value for a pod that is there.
    pub fn value_of(self, facts: &impl PodValues) -> ExportValue {
        match self.source {
            Source::GoneSince => ExportValue::Absent,
            Source::AsOf(at) => ExportValue::time(at),
            Source::Field(field, form) => match field.kind() {
                FieldKind::Text(text) => ExportValue::text(facts.text_sent(text)),
                FieldKind::Number(number) => number_of(facts, number, form),
            },
        }
    }

    /// The value that may be written at once into a JSON record, if it is one of those.
    pub(super) fn direct(self) -> Option<DirectValue> {
        let Source::Field(field, form) = self.source else {
            return None;
        };
        let number = match field.kind() {
            FieldKind::Text(text) => return Some(DirectValue::Text(text)),
            FieldKind::Number(number) => number,
        };
        match (number, form) {
            (PodNumber::Age, ExportForm::Milliseconds) => Some(DirectValue::Milliseconds),
            (PodNumber::Age, _) => Some(DirectValue::Date),
            (PodNumber::CpuPercent | PodNumber::MemoryPercent | PodNumber::Risk, _) => None,
            (number, ExportForm::Cores) => Some(DirectValue::Cores(number)),
            (number, ExportForm::Bytes) => Some(DirectValue::Bytes(number)),
            (number, _) => Some(DirectValue::Quantity(number)),
        }
    }

    /// The field of its values; `None` if they do not come from a field.
    pub(super) fn field(self) -> Option<PodField> {
        match self.source {
            Source::Field(field, _) => Some(field),
            Source::GoneSince | Source::AsOf(_) => None,
        }
    }
}

/// A number of a pod in the form of a file.
fn number_of(facts: &impl PodValues, number: PodNumber, form: ExportForm) -> ExportValue {
    match number {
        PodNumber::CpuPercent => {
            ExportValue::percent(facts, Measure::Cpu, PodNumber::Cpu, PodNumber::CpuLimit)
        }
        PodNumber::MemoryPercent => {
            ExportValue::percent(facts, Measure::Memory, PodNumber::Memory, PodNumber::MemoryLimit)
        }
        PodNumber::Risk => ExportValue::Number(facts.risk_score().into()),
        PodNumber::Cpu | PodNumber::Memory | PodNumber::CpuLimit | PodNumber::MemoryLimit => {
            let quantity = facts.quantity_of(number);
            match form {
                ExportForm::Cores => ExportValue::cores(&quantity),
                ExportForm::Bytes => ExportValue::bytes(&quantity),
                _ => ExportValue::quantity(&quantity),
            }
        }
        PodNumber::Age if form == ExportForm::Milliseconds => match facts.creation_ms() {
            Field::Value(ms) => ExportValue::Number(ms.into()),
            Field::Absent | Field::Unreadable => ExportValue::Absent,
        },
        PodNumber::Age => match created_at(facts.creation_ms()) {
            Field::Value(at) => ExportValue::time(at),
            Field::Absent | Field::Unreadable => ExportValue::Absent,
        },
    }
}

/// The column types to pass to DuckDB (`pod_name: 'VARCHAR', …`), so that it reads each column with the right
/// type even if its first value comes late.
pub fn sql_columns() -> String {
    const IN_A_LINE: usize = 4;
    let column = |column: FileColumn| format!("{}: '{}'", column.name, column.content().sql_type());
    let columns: Vec<String> = columns().map(column).collect();
    let lines: Vec<String> = columns.chunks(IN_A_LINE).map(|line| line.join(", ")).collect();
    lines.join(",\n  ")
}

#[cfg(test)]
mod tests;
