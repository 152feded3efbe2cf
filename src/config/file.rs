//! The configuration file, before its values are interpreted.
//!
//! Owns its shape: keys at the top for all profiles, `[profiles.NAME]` for one profile, and other
//! [`section`](super::section)s. Each value has its line. An unknown key is a warning with the nearest known
//! name. A value of the wrong kind is an error, except where alerts go and on a wall: a mistake there must not
//! cost anybody the whole dashboard, so it is a warning, and the rest applies. The file is only read. One
//! that contains a secret must be private.

mod sections;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Wrong;
use super::key::{ConfigKey, ValueKind};
use super::nearest::nearest;
use super::section::{
    ALERTMANAGER, ALERTMANAGER_ROWS, ALERTS, KIOSK, SECTIONS, Sections, StatedName, WEBHOOK, WEBHOOK_ROWS,
};
use crate::files::{self, FileFault};
use crate::fleet::RemoteText;
use crate::hss::auth::secret_file;
use crate::secrets::values::{self, shortened};

/// What a key was set to.
#[derive(Clone, PartialEq, Eq)]
pub enum Set {
    /// A text, a number or a switch, as text.
    Text(String),
    /// A list.
    Words(Vec<String>),
}

/// A value and its line, counted from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Stated {
    /// The value.
    pub set: Set,
    /// The line.
    pub line: usize,
}

/// Values by key.
pub type Section = BTreeMap<ConfigKey, Stated>;

/// A file.
#[derive(Clone, Default)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// The values for all profiles.
    pub top: Section,
    /// The values of each profile.
    pub profiles: BTreeMap<String, Section>,
    /// The other sections.
    pub sections: Sections,
    /// Warnings about unknown keys, and about what was left out.
    pub warnings: Vec<String>,
}

impl File {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Wrong> {
        let name = values::path(&path.display().to_string());
        let unread = |why: FileFault| Wrong(format!("{name}: {why}"));
        let opened = files::open(path).map_err(|error| unread(error.into()))?;
        let text = files::text_of(&opened).map_err(unread)?;
        let file = Self::parse(path, &text)?;
        let sections = file.profiles.values().chain([&file.top]);
        let secret = |key: &ConfigKey| key.row().kind == ValueKind::Secret;
        if sections.flat_map(BTreeMap::keys).any(secret) {
            // The same rule as for any file with a secret; a pipe of ours is private too.
            secret_file::check_private(&opened)
                .map_err(|why| Wrong(format!("{name} holds a secret key: {why}")))?;
        }
        Ok(file)
    }

    /// Reads the text of a file; `path` is only told.
    ///
    /// # Errors
    /// It is no TOML, or a value is of the wrong kind.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Wrong> {
        let mut reader = ConfigReader {
            text,
            file: Self {
                path: path.to_owned(),
                ..Self::default()
            },
            warnings: Vec::new(),
        };
        let table = DeTable::parse(text).map_err(|error| {
            let line = reader.line(error.span().unwrap_or_default());
            // The message alone: the text around it may hold a secret.
            let message = RemoteText::message(error.message());
            let key = error.span().and_then(|span| text.get(span));
            // The parser does not name it.
            let key = key.filter(|_| error.message() == "duplicate key");
            let key = key.map_or_else(String::new, |key| {
                format!(" {}", RemoteText::name(&key_shown(key.trim())))
            });
            let advice = advice(text, error.message());
            Wrong(format!("{} line {line}: {message}{key}{advice}", path.display()))
        })?;
        for (name, value) in table.get_ref() {
            match (&**name.get_ref(), value.get_ref()) {
                ("profiles", _) => reader.profiles(value)?,
                ("views", _) => reader.views(value)?,
                ("keys", _) => reader.keys(value)?,
                (ALERTS, _) => reader.alerts(value),
                (ALERTMANAGER, _) => {
                    let server = reader.server(value, ALERTMANAGER, &ALERTMANAGER_ROWS);
                    reader.file.sections.alertmanager = server;
                }
                (KIOSK, _) => reader.kiosk(value),
                (WEBHOOK, _) => {
                    let server = reader.server(value, WEBHOOK, &WEBHOOK_ROWS);
                    reader.file.sections.webhook = server;
                }
                ("theme", DeValue::Table(_)) => reader.theme(value)?,
                // The key `profile` names one of [profiles.NAME].
                ("profile", DeValue::Table(profiles)) => {
                    let first = profiles.keys().next().map_or("NAME", |name| name.get_ref());
                    let (file, line) = (path.display(), reader.line(name.span()));
                    let meant = RemoteText::name(&key_shown(first));
                    return Err(Wrong(format!(
                        "{file} line {line}: [profile.{meant}] is no section; did you mean [profiles.{meant}]?"
                    )));
                }
                _ => {
                    let set = reader.value(name, value, name.get_ref())?;
                    reader.file.top.extend(set);
                }
            }
        }
        let by_line = |one: &StatedName, other: &StatedName| one.stated.line.cmp(&other.stated.line);
        reader.file.sections.keys.sort_by(by_line);
        reader.file.sections.theme.sort_by(by_line);
        reader.warnings.sort();
        reader.file.warnings = reader.warnings.into_iter().map(|(_, warning)| warning).collect();
        Ok(reader.file)
    }
}

/// A solution for the parser's message about a duplicate key.
fn advice(text: &str, message: &str) -> &'static str {
    let lines = || text.lines().map(str::trim_start);
    let is_key = |line: &str| {
        line.strip_prefix("theme")
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let is_both = lines().any(|line| line.starts_with("[theme]")) && lines().any(is_key);
    if message.contains("duplicate") && is_both {
        "; theme is a key and a table here: write base = \"NAME\" in [theme] instead of theme = \"NAME\""
    } else {
        ""
    }
}

/// A list of names as text with commas; `None` if it contains anything else.
fn names(value: &Spanned<DeValue<'_>>) -> Option<String> {
    let DeValue::Array(items) = value.get_ref() else {
        return None;
    };
    let names = items.iter().map(|item| match item.get_ref() {
        DeValue::String(name) => Some(name.as_ref()),
        _ => None,
    });
    names.collect::<Option<Vec<&str>>>().map(|names| names.join(","))
}

/// A list of words; `None` where it holds anything else.
fn words(value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
    let DeValue::Array(items) = value.get_ref() else {
        return None;
    };
    let words = items.iter().map(|item| match item.get_ref() {
        DeValue::String(word) => Some(word.to_string()),
        _ => None,
    });
    words.collect()
}

/// The name of a key as it may be told: no key is that long, but a secret may be.
pub fn key_shown(name: &str) -> String {
    const LONGEST_KEY: usize = 32;
    if name.chars().count() > LONGEST_KEY {
        shortened(name)
    } else {
        name.to_owned()
    }
}

struct ConfigReader<'t> {
    text: &'t str,
    file: File,
    /// Sorted by line, because the parser's tables are in alphabetical order.
    warnings: Vec<(usize, String)>,
}

impl ConfigReader<'_> {
    fn profiles(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        let DeValue::Table(profiles) = value.get_ref() else {
            return Err(self.wrong(value.span(), "profiles", "made of tables: [profiles.NAME]"));
        };
        for (profile, section) in profiles {
            let path = format!("profiles.{}", profile.get_ref());
            let DeValue::Table(section) = section.get_ref() else {
                return Err(self.wrong(section.span(), &path, "a table: [profiles.NAME]"));
            };
            let mut values = Section::new();
            for (name, value) in section {
                values.extend(self.value(name, value, &format!("{path}.{}", name.get_ref()))?);
            }
            if values.contains_key(&ConfigKey::Profile) {
                return Err(self.wrong(profile.span(), &path, "without a profile of its own"));
            }
            self.file.profiles.insert(profile.get_ref().to_string(), values);
        }
        Ok(())
    }

    /// One value; an unknown key is a warning.
    fn value(
        &mut self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        path: &str,
    ) -> Result<Option<(ConfigKey, Stated)>, Wrong> {
        let Some(key) = ConfigKey::named(name.get_ref()) else {
            let line = self.line(name.span());
            let known = match nearest(name.get_ref(), SECTIONS.into_iter())
                .or_else(|| ConfigKey::nearest(name.get_ref()))
            {
                Some(known) => format!("; did you mean {known}?"),
                None => String::new(),
            };
            // A value may have been written in the place of a key.
            let path = path.split('.').map(key_shown).collect::<Vec<_>>().join(".");
            let (file, path) = (self.file.path.display(), RemoteText::name(&path));
            let warning = format!("{file} line {line}: unknown key {path}{known}");
            self.warnings.push((line, warning));
            return Ok(None);
        };
        let row = key.row();
        let set = match (row.kind, value.get_ref()) {
            (ValueKind::Number, DeValue::Integer(number)) => Set::Text(number.as_str().to_owned()),
            (ValueKind::Switch, DeValue::Boolean(switch)) => Set::Text(switch.to_string()),
            (ValueKind::Text | ValueKind::Secret, DeValue::String(text)) => Set::Text(text.to_string()),
            (ValueKind::Words, DeValue::Array(_)) => match words(value) {
                Some(words) => Set::Words(words),
                None => return Err(self.wrong(value.span(), path, row.allowed)),
            },
            (ValueKind::Names, DeValue::Array(_)) => match names(value) {
                Some(names) => Set::Text(names),
                None => return Err(self.wrong(value.span(), path, row.allowed)),
            },
            (ValueKind::Secret, _) => {
                let (file, line) = (self.file.path.display(), self.line(name.span()));
                return Err(Wrong(format!("{file} line {line}: {path} must be text")));
            }
            _ => return Err(self.wrong(value.span(), path, row.allowed)),
        };
        let line = self.line(name.span());
        Ok(Some((key, Stated { set, line })))
    }

    /// Names the file, line, key, value and allowed values. Not for secrets.
    fn wrong(&self, span: Range<usize>, path: &str, allowed: &str) -> Wrong {
        let line = self.line(span.clone());
        let value = shortened(self.text.get(span).unwrap_or_default());
        let value = RemoteText::name(&value);
        let (file, path) = (self.file.path.display(), RemoteText::name(path));
        Wrong(format!(
            "{file} line {line}: {path} is {value}, but must be {allowed}"
        ))
    }

    fn line(&self, span: Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        before.split(|byte| *byte == b'\n').count()
    }
}

#[cfg(test)]
mod tests;
