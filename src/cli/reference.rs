//! `hss-top keys`, `fields` and `themes --output`: the tables of the program, for a person, a page or another program.
//!
//! Owns how a table is written. Its contents come from the tables that the program itself works with. Must not: say
//! anything that these do not.

use std::fmt::Write as _;
use std::io;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::fleet::fields::{FieldKind, Lists, PodField};
use crate::keys::Mode;
use crate::keys::table::BINDINGS;
use crate::report::json;
use crate::ui::format::{left, width};
use crate::ui::themes::shipped_themes;

/// Flags of a command that prints a table of the program.
#[derive(Debug, Clone, Copy, Args)]
pub struct ReferenceArgs {
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: ReferenceOutput,
}

/// The form of such a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReferenceOutput {
    /// Columns, for people
    Text,
    /// An array of objects
    Json,
    /// For a page
    Markdown,
}

/// A table of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceTable {
    headings: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl ReferenceTable {
    /// The keys that hold while none is bound otherwise, in the order of the help.
    pub fn keys() -> Self {
        let rows = BINDINGS.iter().map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(|key| key.label()).collect();
            let modes: Vec<String> = binding.modes.iter().map(|mode| place(*mode)).collect();
            let everywhere = modes.len() == Mode::ALL.len();
            vec![
                keys.join(" "),
                binding.help.to_owned(),
                binding.action.name().to_owned(),
                if everywhere {
                    "everywhere".to_owned()
                } else {
                    modes.join(" ")
                },
            ]
        });
        Self {
            headings: &["key", "does", "action", "where"],
            rows: rows.collect(),
        }
    }

    /// The fields of a pod, as filters, `:sort`, columns and files name them.
    pub fn fields() -> Self {
        let rows = PodField::ALL.iter().map(|field| {
            let row = field.row();
            let (sent, lists) = field.sent().map_or(("", ""), |sent| {
                let lists = match sent.lists {
                    Lists::Node => "node",
                    Lists::Serverless => "serverless",
                    Lists::Both => "both",
                };
                (sent.name, lists)
            });
            let kind = match field.kind() {
                FieldKind::Text(_) => "text",
                FieldKind::Number(_) => "number",
            };
            let exports: Vec<&str> = row.exports.iter().map(|(name, _)| *name).collect();
            vec![
                row.name.to_owned(),
                row.aliases.join(" "),
                kind.to_owned(),
                row.title.to_owned(),
                sent.to_owned(),
                lists.to_owned(),
                exports.join(" "),
            ]
        });
        Self {
            headings: &[
                "name",
                "aliases",
                "kind",
                "column",
                "api_name",
                "api_lists",
                "exported_as",
            ],
            rows: rows.collect(),
        }
    }

    /// The themes that come with the program.
    pub fn themes() -> Self {
        let rows = shipped_themes().into_iter().map(|theme| {
            let on = match (theme.file.dark.is_some(), theme.file.light.is_some()) {
                (true, true) => "dark light",
                (true, false) => "dark",
                _ => "light",
            };
            vec![theme.name.clone(), theme.file.about.clone(), on.to_owned()]
        });
        Self {
            headings: &["name", "about", "backgrounds"],
            rows: rows.collect(),
        }
    }

    /// The table in this form.
    ///
    /// # Errors
    /// None that a buffer in memory could have.
    pub fn write(&self, output: ReferenceOutput) -> io::Result<String> {
        Ok(match output {
            ReferenceOutput::Text => self.text(),
            ReferenceOutput::Markdown => self.markdown(),
            ReferenceOutput::Json => self.json()?,
        })
    }

    fn text(&self) -> String {
        let headings: Vec<String> = self.headings.iter().map(|name| name.to_uppercase()).collect();
        let lines: Vec<&Vec<String>> = std::iter::once(&headings).chain(&self.rows).collect();
        let widest = |at: usize| {
            let cells = lines.iter().filter_map(|line| line.get(at));
            cells.map(|cell| width(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.headings.len()).map(widest).collect();
        lines.iter().fold(String::new(), |mut text, line| {
            let cells = line.iter().zip(&widths).map(|(cell, width)| left(cell, *width));
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
            text
        })
    }

    fn markdown(&self) -> String {
        let code = |cell: &String| match cell.as_str() {
            "" => String::new(),
            cell => format!("`{}`", cell.replace('|', "\\|")),
        };
        let mut text = format!(
            "| {} |\n|{}\n",
            self.headings.join(" | "),
            "---|".repeat(self.headings.len())
        );
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .zip(self.headings)
                .map(|(cell, heading)| match *heading {
                    "does" | "about" => cell.replace('|', "\\|"),
                    _ => code(cell),
                })
                .collect();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }

    fn json(&self) -> io::Result<String> {
        let mut out = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"[\n" } else { b",\n" });
            let members = self.headings.iter().zip(row);
            let members = members.map(|(name, cell)| ((*name).to_owned(), Value::from(cell.as_str())));
            json::value(&members.collect::<Map<String, Value>>(), &mut out)?;
        }
        out.extend_from_slice(b"\n]\n");
        String::from_utf8(out).map_err(io::Error::other)
    }
}

fn place(mode: Mode) -> String {
    format!("{mode:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_every_row_in_every_form() {
        for (table, rows) in [
            (ReferenceTable::keys(), BINDINGS.len()),
            (ReferenceTable::fields(), PodField::ALL.len()),
            (ReferenceTable::themes(), shipped_themes().len()),
        ] {
            let lines = |output| table.write(output).unwrap().lines().count();
            assert_eq!(lines(ReferenceOutput::Text), rows + 1);
            assert_eq!(lines(ReferenceOutput::Markdown), rows + 2);
            let json: Value = serde_json::from_str(&table.write(ReferenceOutput::Json).unwrap()).unwrap();
            assert_eq!(json.as_array().unwrap().len(), rows);
        }
        let keys = ReferenceTable::keys().write(ReferenceOutput::Text).unwrap();
        assert!(keys.contains("quit at once"), "{keys}");
    }
}
