//! Records for programs, with a table of their members: JSON lines, CSV, the JSON Schema and the types for
//! SQL all come from it.
//!
//! Every record has every member, and each member has one type: an unknown text is empty, an unknown number
//! is `null` in JSON and empty in CSV. So a program that guesses the types from the first records guesses
//! right. Must not: know the subject of the records.

use std::io;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};

use super::columns::{Content, ExportValue};
use super::listing::schema::DIALECT;
use super::{csv, json};

/// A member of a record `R`.
pub struct RecordMember<R> {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub content: Content,
    /// What it is, in a sentence.
    pub meaning: &'static str,
    /// Its value.
    pub value: fn(&R) -> ExportValue,
}

/// All members of a record, in their order.
pub struct RecordTable<R: 'static> {
    /// The name and the version of its schema, which is the value of the member `schema`.
    pub schema: &'static str,
    /// What a record is.
    pub title: &'static str,
    /// The members.
    pub members: &'static [RecordMember<R>],
}

/// A record with its table.
struct Tabled<'a, R: 'static>(&'a RecordTable<R>, &'a R);

impl<R> Serialize for Tabled<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table, record) = self;
        let mut object = serializer.serialize_map(Some(table.members.len()))?;
        for member in table.members {
            match (member.value)(record) {
                ExportValue::Absent if member.content == Content::Text => {
                    object.serialize_entry(member.name, "")?;
                }
                value => object.serialize_entry(member.name, &value)?,
            }
        }
        object.end()
    }
}

impl<R> RecordTable<R> {
    /// Writes a record as a line of JSON.
    ///
    /// # Errors
    /// Those of the writer; a buffer in memory has none.
    pub fn write_json(&self, record: &R, out: &mut Vec<u8>) -> io::Result<()> {
        json::value(&Tabled(self, record), &mut *out)?;
        out.push(b'\n');
        Ok(())
    }

    /// Writes a record as a line of CSV.
    ///
    /// # Errors
    /// Those of the writer; a buffer in memory has none.
    pub fn write_csv(&self, record: &R, out: &mut Vec<u8>) -> io::Result<()> {
        let cells = self
            .members
            .iter()
            .map(|member| csv::cell(&(member.value)(record)));
        csv::line(b',', cells, out)
    }

    /// Writes the first line of a CSV file.
    ///
    /// # Errors
    /// Those of the writer; a buffer in memory has none.
    pub fn write_csv_head(&self, out: &mut Vec<u8>) -> io::Result<()> {
        csv::line(b',', self.members.iter().map(|member| member.name), out)
    }

    /// The JSON Schema of one record.
    pub fn json_schema(&self) -> Value {
        let member = |member: &RecordMember<R>| {
            let kind = match member.content {
                Content::Text => json!("string"),
                Content::Count | Content::Whole => json!(["integer", "null"]),
                Content::Decimal => json!(["number", "null"]),
            };
            let about = json!({"type": kind, "description": member.meaning});
            (member.name.to_owned(), about)
        };
        let mut properties: Map<String, Value> = self.members.iter().map(member).collect();
        properties.insert("schema".to_owned(), json!({ "const": self.schema }));
        let required: Vec<&str> = self.members.iter().map(|member| member.name).collect();
        json!({
            "$schema": DIALECT,
            "title": self.title,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    /// The types of the members for DuckDB, so that it does not guess.
    pub fn sql_columns(&self) -> String {
        const IN_A_LINE: usize = 4;
        // Some names are words of SQL.
        let column = |member: &RecordMember<R>| format!("'{}': '{}'", member.name, member.content.sql_type());
        let columns: Vec<String> = self.members.iter().map(column).collect();
        let lines: Vec<String> = columns.chunks(IN_A_LINE).map(|line| line.join(", ")).collect();
        lines.join(",\n  ")
    }
}
