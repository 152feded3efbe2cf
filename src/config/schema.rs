//! `hss-top config schema`: a JSON Schema of the configuration file, with which editors complete and check
//! it.
//!
//! It is made from the tables of keys and sections only.

use serde_json::{Map, Value, json};

use super::key::{ConfigKey, KeyRow, TABLE, ValueKind};
use super::section::{
    ALERT_ROWS, ALERTMANAGER, ALERTMANAGER_ROWS, ALERTS, BASE, KIOSK, KIOSK_ROWS, SectionRow, VIEW_ROWS,
    WEBHOOK, WEBHOOK_ROWS, theme_names,
};
use crate::keys::Action;
use crate::keys::NOTHING;

/// The schema, with a line break at its end.
pub fn text() -> String {
    format!("{:#}\n", whole())
}

fn whole() -> Value {
    let mut top = keys(|_| true);
    let theme = top.remove(ConfigKey::Theme.row().name).unwrap_or_default();
    let sections = [
        ("theme", json!({ "anyOf": [theme, object(&colours())] })),
        (
            "profiles",
            named(&object(&keys(|row| row.key != ConfigKey::Profile))),
        ),
        (
            "views",
            named(&object(&VIEW_ROWS.iter().map(section_key).collect())),
        ),
        ("keys", bindings()),
        (
            ALERTS,
            json!({ "type": "array", "items": object(&ALERT_ROWS.iter().map(section_key).collect()) }),
        ),
        (
            ALERTMANAGER,
            object(&ALERTMANAGER_ROWS.iter().map(section_key).collect()),
        ),
        (WEBHOOK, object(&WEBHOOK_ROWS.iter().map(section_key).collect())),
        (KIOSK, object(&KIOSK_ROWS.iter().map(section_key).collect())),
    ];
    top.extend(sections.map(|(name, schema)| (name.to_owned(), schema)));
    let mut whole = object(&top);
    if let Value::Object(whole) = &mut whole {
        whole.insert(
            "$schema".to_owned(),
            "https://json-schema.org/draft/2020-12/schema".into(),
        );
        whole.insert("title".to_owned(), "Configuration of hss-top".into());
    }
    whole
}

/// A table with these keys and no others.
fn object(properties: &Map<String, Value>) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A table whose keys are names that the operator gives.
fn named(each: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": each })
}

fn keys(is_wanted: impl Fn(&KeyRow) -> bool) -> Map<String, Value> {
    let wanted = TABLE.iter().filter(|row| is_wanted(row));
    wanted.map(|row| (row.name.to_owned(), key(row))).collect()
}

fn key(row: &KeyRow) -> Value {
    let mut schema = of_kind(row.kind);
    let mut set = |name: &str, value: Value| {
        if let Value::Object(schema) = &mut schema {
            schema.insert(name.to_owned(), value);
        }
    };
    set(
        "description",
        format!("{}; must be {}", row.about, row.allowed).into(),
    );
    let (least, most) = row.range;
    if row.kind == ValueKind::Number {
        set("minimum", least.into());
        set("maximum", most.into());
    }
    if !row.choices.is_empty() {
        set("enum", row.choices.into());
    }
    if let Some(default) = row.default {
        let number = default
            .parse::<u64>()
            .ok()
            .filter(|_| row.kind == ValueKind::Number);
        let default = match row.kind {
            ValueKind::Switch => Value::from(default == "true"),
            ValueKind::Names => default.split(',').collect(),
            _ => number.map_or_else(|| Value::from(default), Value::from),
        };
        set("default", default);
    }
    schema
}

fn of_kind(kind: ValueKind) -> Value {
    match kind {
        ValueKind::Text | ValueKind::Secret => json!({ "type": "string" }),
        ValueKind::Number => json!({ "type": "integer" }),
        ValueKind::Switch => json!({ "type": "boolean" }),
        ValueKind::Words | ValueKind::Names => json!({ "type": "array", "items": { "type": "string" } }),
    }
}

fn section_key(row: &SectionRow) -> (String, Value) {
    let mut schema = of_kind(row.kind);
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), row.about.into());
    }
    (row.name.to_owned(), schema)
}

fn colours() -> Map<String, Value> {
    let colour = |name: &str| match name {
        BASE => json!({ "type": "string" }),
        _ => json!({ "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0, "maximum": 255 }] }),
    };
    theme_names()
        .map(|name| (name.to_owned(), colour(name)))
        .collect()
}

/// Keys, by any name, and their possible actions.
fn bindings() -> Value {
    let actions: Vec<&str> = Action::names().chain([NOTHING]).collect();
    named(&json!({ "type": "string", "enum": actions }))
}

#[cfg(test)]
mod tests;
