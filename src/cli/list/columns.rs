//! The columns that `--columns` names.

use crate::fleet::fields::{PodField, names};
use crate::report::columns::FileColumn;

/// Names of columns, each of which is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames(Vec<(PodField, FileColumn)>);

impl ColumnNames {
    /// Reads names between commas: those of the filter, of the API and of exported files.
    ///
    /// # Errors
    /// A sentence that names the one that is wrong, for the command line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut columns: Vec<(PodField, FileColumn)> = Vec::new();
        for name in text.split(',').map(str::trim) {
            let Some((field, column)) = names::named(name).zip(FileColumn::named(name)) else {
                let meant =
                    names::nearest(name).map_or_else(String::new, |field| format!("; did you mean {field}?"));
                return Err(format!("unknown column {name:?}{meant}"));
            };
            if columns.iter().any(|(_, other)| other.name == column.name) {
                return Err(format!("{name} is named twice"));
            }
            columns.push((field, column));
        }
        Ok(Self(columns))
    }

    /// The fields, for people.
    pub(super) fn fields(&self) -> Vec<PodField> {
        self.0.iter().map(|(field, _)| *field).collect()
    }

    /// The columns of files, for programs.
    pub(super) fn of_files(&self) -> Vec<FileColumn> {
        self.0.iter().map(|(_, column)| *column).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_that_of_a_field_and_stands_once() {
        let names = ColumnNames::read("ns, pod,cpu_cores,cpu").unwrap();
        let files: Vec<&str> = names.of_files().iter().map(|column| column.name).collect();
        assert_eq!(files, ["namespace_name", "pod_name", "cpu_cores", "cpu"]);
        assert_eq!(names.fields()[2], PodField::Cpu);
        for (text, told) in [
            ("pod,nodee", "unknown column \"nodee\"; did you mean node?"),
            ("", "unknown column \"\""),
            ("ns,namespace", "namespace is named twice"),
        ] {
            assert_eq!(ColumnNames::read(text), Err(told.to_owned()));
        }
    }
}
