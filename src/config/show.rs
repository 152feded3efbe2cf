//! `hss-top config show`: every value with its origin.

use std::path::Path;

use serde::Serialize;

use super::key::{Kind, TABLE};
use super::{Config, Set};
use crate::fleet::RemoteText;
use crate::settings::{Api, Settings, Target};

/// A line of what is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The key's name in the file.
    pub key: String,
    /// Its value; that of a secret is `(set)`.
    pub value: String,
    /// Who set it.
    pub origin: String,
}

/// Every key that has a value, in the order of the table; then, where the configuration is complete, what follows from it.
pub fn lines(config: &Config, settings: Option<&Settings>) -> Vec<Line> {
    let line = |row: &super::key::Row| {
        let value = config.get(row.key)?;
        let shown = match &value.set {
            _ if row.kind == Kind::Secret => "(set)".to_owned(),
            Set::Text(text) if row.key == super::Key::AccessKey => crate::hss::auth::masked(text),
            Set::Text(text) => text.clone(),
            // An argument may be a secret, against all advice.
            Set::Words(words) => match words.as_slice() {
                [] => String::new(),
                [program] => program.clone(),
                [program, ..] => format!("{program} …"),
            },
        };
        Some(Line {
            key: row.name.to_owned(),
            value: RemoteText::name(&shown).shown().to_owned(),
            origin: value.origin.to_string(),
        })
    };
    let mut lines: Vec<Line> = TABLE.iter().filter_map(line).collect();
    if let Some(Target::Api(api)) = settings.map(|settings| &settings.target) {
        lines.extend(followed(api));
    }
    lines
}

/// What follows from the configuration: endpoints and credential.
fn followed(api: &Api) -> Vec<Line> {
    let line = |key: &str, value: String, origin: &str| Line {
        key: key.to_owned(),
        value: RemoteText::name(&value).shown().to_owned(),
        origin: origin.to_owned(),
    };
    let hss: Vec<String> = api.setup.endpoints.iter().map(ToString::to_string).collect();
    let mut lines = vec![line("→ HSS", hss.join(", "), &api.located_by)];
    if let Some(iam) = &api.setup.iam {
        lines.push(line("→ IAM", iam.to_string(), ""));
    }
    lines.push(line("→ credential", api.setup.found.name.clone(), ""));
    lines
}

/// The same as JSON.
pub fn json(file: Option<&Path>, lines: &[Line]) -> String {
    let shown = serde_json::json!({ "file": file, "values": lines });
    format!("{shown:#}\n")
}

/// The lines as a table under the name of the file.
pub fn table(file: Option<&Path>, lines: &[Line]) -> String {
    let width = |field: fn(&Line) -> &String| {
        lines
            .iter()
            .map(|line| field(line).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (keys, values) = (width(|line| &line.key), width(|line| &line.value).min(60));
    let rows = lines.iter().map(|line| {
        let row = format!("{:keys$}  {:values$}  {}", line.key, line.value, line.origin);
        row.trim_end().to_owned() + "\n"
    });
    let file = file.map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    format!("configuration file: {file}\n\n{}", rows.collect::<String>())
}
