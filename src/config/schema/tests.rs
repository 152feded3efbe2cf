//! The schema is complete, and the project's own examples conform to it.

use toml::de::{DeTable, DeValue};

use super::*;
use crate::config::init;

/// What is wrong with `value` according to `schema`; knows only the parts of the standard that our schema
/// uses.
fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let Value::Object(rules) = schema else {
        return vec![format!("{path}: no schema")];
    };
    let mut faults = Vec::new();
    for (rule, expected) in rules {
        let holds = match rule.as_str() {
            "$schema" | "title" | "description" | "default" => true,
            "type" => match expected.as_str().unwrap() {
                "object" => value.is_object(),
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "boolean" => value.is_boolean(),
                "array" => value.is_array(),
                other => panic!("type {other}"),
            },
            "enum" => expected.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().is_none_or(|it| it >= expected.as_i64().unwrap()),
            "maximum" => value.as_u64().is_none_or(|it| it <= expected.as_u64().unwrap()),
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    faults.extend(self::faults(expected, item, path));
                }
                true
            }
            "anyOf" => expected
                .as_array()
                .unwrap()
                .iter()
                .any(|it| self::faults(it, value, path).is_empty()),
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = expected.get(name) {
                        faults.extend(self::faults(schema, value, &format!("{path}.{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                for (name, value) in value.as_object().into_iter().flatten() {
                    if known.is_some_and(|known| known.contains_key(name)) {
                        continue;
                    }
                    let path = format!("{path}.{name}");
                    if *expected == Value::Bool(false) {
                        faults.push(format!("{path}: unknown"));
                    } else {
                        faults.extend(self::faults(expected, value, &path));
                    }
                }
                true
            }
            other => panic!("{other} is not checked here"),
        };
        if !holds {
            faults.push(format!("{path}: {value} breaks {rule} {expected}"));
        }
    }
    faults
}

fn of_toml(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(number) => number.as_str().parse::<i64>().unwrap().into(),
        DeValue::Boolean(switch) => (*switch).into(),
        DeValue::Array(items) => items.iter().map(|item| of_toml(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let pairs = table.iter();
            pairs
                .map(|(name, value)| (name.get_ref().to_string(), of_toml(value.get_ref())))
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

/// What is wrong with a file.
fn faults_of(text: &str) -> Vec<String> {
    let table = DeTable::parse(text).unwrap();
    let value = of_toml(&DeValue::Table(table.into_inner()));
    let schema = serde_json::from_str(&text_of_schema()).unwrap();
    faults(&schema, &value, "")
}

fn text_of_schema() -> String {
    super::text()
}

#[test]
fn every_key_of_the_table_stands_there_with_its_kind_its_range_and_its_words() {
    let schema: Value = serde_json::from_str(&text_of_schema()).unwrap();
    let profile = "/properties/profiles/additionalProperties/properties";
    for row in &TABLE {
        let top = schema.pointer(&format!("/properties/{}", row.name)).unwrap();
        if row.key == ConfigKey::Theme {
            assert_eq!(top.pointer("/anyOf/0/type").unwrap(), "string");
            continue;
        }
        let kind = match row.kind {
            ValueKind::Text | ValueKind::Secret => "string",
            ValueKind::Number => "integer",
            ValueKind::Switch => "boolean",
            ValueKind::Words | ValueKind::Names => "array",
        };
        assert_eq!(top["type"], kind, "{}", row.name);
        assert!(top["description"].as_str().unwrap().contains(row.about));
        assert_eq!(
            row.kind == ValueKind::Number,
            top["minimum"] == row.range.0,
            "{}",
            row.name
        );
        assert_eq!(row.choices.is_empty(), top["enum"].is_null(), "{}", row.name);
        let of_profile = schema.pointer(&format!("{profile}/{}", row.name));
        assert_eq!(
            of_profile.is_none(),
            row.key == ConfigKey::Profile,
            "{}",
            row.name
        );
    }
    let actions = schema
        .pointer("/properties/keys/additionalProperties/enum")
        .unwrap();
    assert_eq!(actions.as_array().unwrap().len(), Action::names().count() + 1);
    let roles = schema.pointer("/properties/theme/anyOf/1/properties").unwrap();
    assert_eq!(roles.as_object().unwrap().len(), theme_names().count());
}

#[test]
fn the_file_of_config_init_conforms_with_every_key_in_it() {
    assert!(faults_of(&init::text()).is_empty());
    let bare = init::bare();
    assert_eq!(faults_of(&bare), Vec::<String>::new(), "{bare}");
    let table = DeTable::parse(&bare).unwrap();
    let names: Vec<&str> = table
        .get_ref()
        .iter()
        .map(|(name, _)| &**name.get_ref())
        .collect();
    assert!(TABLE.iter().all(|row| names.contains(&row.name)), "{bare}");
}

#[test]
fn the_examples_of_the_manual_conform() {
    let pages = [
        include_str!("../../../docs/setup.md"),
        include_str!("../../../docs/screen.md"),
        include_str!("../../../docs/terminals.md"),
        include_str!("../../../docs/alerts.md"),
    ];
    let examples = pages.iter().flat_map(|page| page.split("```toml\n").skip(1));
    let examples = examples.map(|rest| rest.split("```").next().unwrap());
    // The example of a theme's file is not a configuration.
    let examples: Vec<&str> = examples.filter(|example| !example.contains("[roles]")).collect();
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        assert_eq!(faults_of(example), Vec::<String>::new(), "{example}");
    }
}

#[test]
fn what_the_program_warns_of_or_refuses_does_not_conform() {
    for text in [
        "regoin = \"x\"",
        "page_size = 9",
        "page_size = 201",
        "page_size = \"many\"",
        "calls_per_minute = 0",
        "log_level = \"loud\"",
        "theme = 1",
        "credential_process = \"a b\"",
        "credential_process = [1]",
        "allow_http = 1",
        "[profiles.a]\nprofile = \"b\"",
        "[profiles.a]\nxyzzy = 1",
        "[views.a]\nfilt = \"x\"",
        "[views.a]\nproblems = 1",
        "[views.a]\ncolumns = \"pod\"",
        "columns = \"pod\"",
        "[keys]\nx = \"refesh\"",
        "[theme]\nbase = 1",
        "[theme]\nwarnings = \"red\"",
        "[theme]\nwarning = 256",
        "[[alerts]]\nnmae = \"x\"",
        "[[alerts]]\nvia = \"bell\"",
    ] {
        assert_eq!(faults_of(text).len(), 1, "{text}: {:?}", faults_of(text));
    }
}
