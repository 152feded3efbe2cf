//! A judge of JSON by a JSON Schema.

use serde_json::Value;

/// What is wrong with `value` by `schema`: the parts of the standard that the schema uses.
pub fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => unreachable!("{other}"),
    };
    let mut found = Vec::new();
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        Value::Null => Vec::new(),
        kind => vec![kind.clone()],
    };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        found.push(format!("{path}: {value} is not {}", schema["type"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{path}: {value} is not {}", schema["const"]));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{path}: {name} is missing"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => found.extend(faults(schema, member, &format!("{path}.{name}"))),
            None if schema["additionalProperties"] == false => found.push(format!("{path}.{name}: unknown")),
            None => {}
        }
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(faults(&schema["items"], item, path));
    }
    found
}
