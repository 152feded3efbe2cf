//! The columns that `--columns` names.
//!
//! Owns the meaning of a list of columns ([`ColumnList`]) here: a name of an exported file means that column
//! for programs, and its field for people. Must not: know the forms.

use crate::fleet::fields::{ChosenColumn, ColumnFault, ColumnList};
use crate::report::columns::FileColumn;

/// Chosen columns, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames(Vec<(ChosenColumn, FileColumn)>);

impl ColumnNames {
    /// Reads names between commas or blanks: those of the filter, of the API and of exported files, each
    /// optionally with a width.
    ///
    /// # Errors
    /// Those of a list of columns. `cpu` and `cpu_cores` are two columns for programs.
    pub fn read(text: &str) -> Result<Self, ColumnFault> {
        let words = text.split(|character: char| character == ',' || character.is_whitespace());
        let mut columns: Vec<(ChosenColumn, FileColumn)> = Vec::new();
        for word in words.filter(|word| !word.is_empty()) {
            let list = ColumnList::parse(word)?;
            let name = word.split([':', '=']).next().unwrap_or(word);
            let file = FileColumn::named(name).ok_or_else(|| ColumnFault::Unknown(name.to_owned()))?;
            for chosen in list.columns() {
                if columns.iter().any(|(_, other)| other.name == file.name) {
                    return Err(ColumnFault::Twice(chosen.column));
                }
                columns.push((*chosen, file));
            }
        }
        if columns.is_empty() {
            return Err(ColumnFault::Empty);
        }
        Ok(Self(columns))
    }

    /// The columns for people: each field once.
    pub(super) fn for_people(&self) -> Vec<ChosenColumn> {
        let columns = ColumnList::of(self.0.iter().map(|(chosen, _)| *chosen).collect());
        columns.unwrap_or_default().columns().to_vec()
    }

    /// The columns for programs.
    pub(super) fn for_programs(&self) -> Vec<FileColumn> {
        self.0.iter().map(|(_, column)| *column).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::{PodColumn, PodField};

    #[test]
    fn each_name_is_that_of_a_field_and_for_programs_that_of_a_column_of_files() {
        let names = ColumnNames::read("ns, pod:40,cpu_cores,cpu").unwrap();
        let files: Vec<&str> = names.for_programs().iter().map(|column| column.name).collect();
        assert_eq!(files, ["namespace_name", "pod_name", "cpu_cores", "cpu"]);
        let people = names.for_people();
        assert_eq!(people.len(), 3, "cpu stands there once");
        assert_eq!(
            (people[1].cells, people[2].column),
            (Some(40), PodColumn::Shown(PodField::Cpu))
        );
        for (text, told) in [
            ("pod,nodee", "no column nodee; did you mean node?"),
            ("", "a list of columns has at least one, such as risk,pod,ns"),
            ("ns,namespace", "column ns is listed twice"),
            ("pod:1", "the width of column pod must be a number from 3 to 120"),
        ] {
            let fault = ColumnNames::read(text).unwrap_err();
            assert_eq!(fault.to_string(), told);
        }
    }
}
