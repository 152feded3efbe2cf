//! The JSON Schemas of the output for programs.
//!
//! They are made from the table of columns, so they cannot differ from the output. A schema has a version in
//! its name, which changes if a member is removed or changes its meaning, but not for a new member. Must not:
//! describe what is never written.

use serde_json::{Map, Value, json};

use super::{ListEnd, ListFact, ListHead};
use crate::report::columns::{Content, FileColumn};

/// The name and the version of the schema of a list.
pub const LIST: &str = "hss-top.list/1";
/// The name and the version of the schema of a check.
pub const CHECK: &str = "hss-top.check/1";
/// The dialect.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The members of the list, except the pods.
const MEANINGS: [(&str, &str); 15] = [
    ("schema", "the name and the version of this schema"),
    ("project", "the project's id; empty if it is found by its region"),
    ("region", "the region, or host and port of the endpoint"),
    (
        "enterprise_project",
        "the enterprise project's id, or all_granted_eps",
    ),
    ("filter", "the filter, as typed"),
    ("listed", "how many pods are in this list"),
    ("total", "how many pods HSS says there are, whatever the filter"),
    ("complete", "whether every requested pod is in this list"),
    ("missing", "why pods may be missing or wrong; empty if complete"),
    (
        "stored",
        "whether the list comes from an earlier run, without a call",
    ),
    ("collected_at", "when HSS collected the list (UTC)"),
    ("asked_at", "when HSS was last asked (UTC)"),
    ("moved", "whether the list changed while it was read"),
    ("limited", "whether --limit left pods out"),
    (
        "collector",
        "the state word of the hss-top collector that answered; empty if HSS did",
    ),
];

/// The schema of a list in JSON, for all columns; with `--columns` a pod has the members that were named.
pub fn list() -> Value {
    let facts: Vec<(&str, ListFact)> = ListHead::default()
        .facts()
        .into_iter()
        .chain(ListEnd::default().facts())
        .collect();
    let mut properties: Map<String, Value> = facts
        .iter()
        .map(|(name, fact)| ((*name).to_owned(), described(name, fact)))
        .collect();
    properties.insert("schema".to_owned(), json!({ "const": LIST }));
    properties.insert("pods".to_owned(), json!({"type": "array", "items": pod()}));
    let required: Vec<&str> = facts.iter().map(|(name, _)| *name).chain(["pods"]).collect();
    json!({
        "$schema": DIALECT,
        "title": "Pods, as hss-top list --output json writes them",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn described(name: &str, fact: &ListFact) -> Value {
    let kind = match fact {
        ListFact::Text(_) => json!("string"),
        ListFact::Count(_) => json!(["integer", "null"]),
        ListFact::Flag(_) => json!("boolean"),
    };
    let meaning = MEANINGS.iter().find(|(it, _)| *it == name);
    json!({"type": kind, "description": meaning.map_or("", |(_, meaning)| meaning)})
}

/// A pod: each column has one type, and an unknown number is null.
fn pod() -> Value {
    let columns = FileColumn::of_present_pods();
    let member = |column: &FileColumn| {
        let kind = match column.content() {
            Content::Text => json!("string"),
            Content::Count | Content::Whole => json!(["integer", "null"]),
            Content::Decimal => json!(["number", "null"]),
        };
        (column.name.to_owned(), json!({ "type": kind }))
    };
    let properties: Map<String, Value> = columns.iter().map(member).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": true})
}

/// The schema of a check in JSON.
pub fn check() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let matches = |about: &str, kind: Value| {
        json!({
            "type": kind,
            "description": about,
            "properties": {
                "filter": text("the filter, as typed"),
                "count": {"type": "integer", "description": "how many pods match it"},
                "pods": {"type": "array", "items": pod(), "description": "the worst 1000 of them"},
            },
            "required": ["filter", "count", "pods"],
            "additionalProperties": false,
        })
    };
    let properties = json!({
        "schema": {"const": CHECK},
        "project": text("the project's id; empty if it is found by its region"),
        "region": text("the region, or host and port of the endpoint"),
        "enterprise_project": text("the enterprise project's id, or all_granted_eps"),
        "filter": text("the filter that chose the pods to check, as typed"),
        "verdict": {"enum": ["ok", "warnings", "findings", "unknown"], "description": "what the check found"},
        "exit_code": {"type": "integer", "description": "the exit code of the program"},
        "checked": {"type": "integer", "description": "how many pods were checked"},
        "complete": {"type": "boolean", "description": "whether every pod was checked"},
        "doubt": text("why finding no pod proves nothing; else empty"),
        "stored": {"type": "boolean", "description": "whether the list comes from an earlier run, without a call"},
        "collected_at": text("when HSS collected the list (UTC)"),
        "asked_at": text("when HSS was last asked (UTC)"),
        "collector": text("the state word of the hss-top collector that answered; empty if HSS did"),
        "fail_on": matches("the pods that match --fail-on", json!("object")),
        "warn_on": matches("the pods that match --warn-on; null without it", json!(["object", "null"])),
    });
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({
        "$schema": DIALECT,
        "title": "A verdict, as hss-top check --output json writes it",
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema of what `doctor --output json` prints.
pub fn doctor() -> Value {
    let text = |meaning: &str| json!({"type": "string", "description": meaning});
    json!({
        "$schema": DIALECT,
        "title": "What hss-top doctor --output json found",
        "type": "object",
        "properties": {
            "ok": {"type": "boolean", "description": "whether no check has a problem"},
            "checks": {
                "type": "array",
                "description": "the checks, in their order",
                "items": {
                    "type": "object",
                    "properties": {
                        "check": text("what was checked"),
                        "verdict": {"enum": ["ok", "problem", "warning", "skipped"]},
                        "found": text("what was found; more than one line if several things were"),
                        "advice": text("what to do about it; absent where there is nothing to do"),
                    },
                    "required": ["check", "verdict", "found"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["ok", "checks"],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_has_a_meaning_and_every_meaning_a_member() {
        let schema = list();
        let properties = schema["properties"].as_object().unwrap();
        for (name, meaning) in MEANINGS {
            assert!(properties.contains_key(name) && !meaning.is_empty(), "{name}");
        }
        assert_eq!(properties.len(), MEANINGS.len() + 1);
        assert_eq!(
            properties["pods"]["items"]["properties"]["risk"]["type"],
            json!(["integer", "null"])
        );
    }
}
