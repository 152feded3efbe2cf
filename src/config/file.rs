//! The configuration file, as it stands.
//!
//! Owns its shape: keys at the top for everybody, `[profiles.NAME]` for one profile. Each value keeps its line. What is
//! not known is a warning with the nearest known name; what is of the wrong kind is an error. The file is only ever read.
//! One that holds a secret has to be private.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Wrong;
use super::key::{ConfigKey, ValueKind};
use super::nearest::nearest;
use crate::files;
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
    /// What it says for everybody.
    pub top: Section,
    /// What it says for a profile.
    pub profiles: BTreeMap<String, Section>,
    /// What it says that nobody knows.
    pub warnings: Vec<String>,
}

impl File {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Wrong> {
        let name = values::path(&path.display().to_string());
        let (text, metadata) = files::read_text(path).map_err(|why| Wrong(format!("{name}: {why}")))?;
        let file = Self::parse(path, &text)?;
        let sections = file.profiles.values().chain([&file.top]);
        let secret = |key: &ConfigKey| key.row().kind == ValueKind::Secret;
        if sections.flat_map(BTreeMap::keys).any(secret) {
            // Judged by the same rule as any file with a secret in it; a pipe of ours is as private.
            secret_file::check_private(&metadata)
                .map_err(|why| Wrong(format!("{name} holds a secret key: {why}")))?;
        }
        Ok(file)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Wrong> {
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
            Wrong(format!("{} line {line}: {message}", path.display()))
        })?;
        for (name, value) in table.get_ref() {
            if name.get_ref() == "profiles" {
                reader.profiles(value)?;
            } else {
                let set = reader.value(name, value, name.get_ref())?;
                reader.file.top.extend(set);
            }
        }
        reader.warnings.sort();
        reader.file.warnings = reader.warnings.into_iter().map(|(_, warning)| warning).collect();
        Ok(reader.file)
    }
}

/// The name of a key as it may be told: no key is that long, but a secret may be.
fn key_shown(name: &str) -> String {
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
    /// With their lines: the parser's tables are in alphabetical order.
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

    /// One value; a key that nobody knows is a warning.
    fn value(
        &mut self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        path: &str,
    ) -> Result<Option<(ConfigKey, Stated)>, Wrong> {
        let Some(key) = ConfigKey::named(name.get_ref()) else {
            let line = self.line(name.span());
            let known = match nearest(name.get_ref(), ["profiles"].into_iter())
                .or_else(|| ConfigKey::nearest(name.get_ref()))
            {
                Some(known) => format!("; did you mean {known}?"),
                None => String::new(),
            };
            // What stands in the place of a key may be a value.
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
            (ValueKind::Words, DeValue::Array(items)) => {
                let words = items.iter().map(|item| match item.get_ref() {
                    DeValue::String(word) => Some(word.to_string()),
                    _ => None,
                });
                match words.collect() {
                    Some(words) => Set::Words(words),
                    None => return Err(self.wrong(value.span(), path, row.allowed)),
                }
            }
            (ValueKind::Secret, _) => {
                let (file, line) = (self.file.path.display(), self.line(name.span()));
                return Err(Wrong(format!("{file} line {line}: {path} must be a text")));
            }
            _ => return Err(self.wrong(value.span(), path, row.allowed)),
        };
        let line = self.line(name.span());
        Ok(Some((key, Stated { set, line })))
    }

    /// Names file, line, key, value and what is allowed. Not for secrets.
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
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, Wrong> {
        File::parse(Path::new("config.toml"), text)
    }

    fn sentence(text: &str) -> String {
        parse(text).map(|_| ()).unwrap_err().to_string()
    }

    fn text(section: &Section, key: ConfigKey) -> Option<(&str, usize)> {
        match section.get(&key) {
            Some(Stated {
                set: Set::Text(text),
                line,
            }) => Some((text, *line)),
            _ => None,
        }
    }

    #[test]
    fn values_keep_their_lines() {
        let file = parse(
            "# mine\ninterval = \"2m\"\n\n[profiles.prod]\nregion = \"cn-north-4\"\npage_size = 50\n\
             allow_http = true\ncredential_process = [\"a b\", \"c\"]\n",
        )
        .unwrap();
        assert_eq!(text(&file.top, ConfigKey::Interval), Some(("2m", 2)));
        let prod = &file.profiles["prod"];
        assert_eq!(text(prod, ConfigKey::Region), Some(("cn-north-4", 5)));
        assert_eq!(text(prod, ConfigKey::PageSize), Some(("50", 6)));
        assert_eq!(text(prod, ConfigKey::AllowHttp), Some(("true", 7)));
        assert!(
            matches!(&prod[&ConfigKey::CredentialProcess].set, Set::Words(words) if words == &["a b", "c"])
        );
        assert!(file.warnings.is_empty());
    }

    #[test]
    fn an_unknown_key_is_a_warning_with_the_nearest_known_one() {
        let file = parse("regoin = \"x\"\n[profiles.a]\nxyzzy = 1\n").unwrap();
        assert_eq!(
            file.warnings,
            [
                "config.toml line 1: unknown key regoin; did you mean region?",
                "config.toml line 3: unknown key profiles.a.xyzzy",
            ]
        );
    }

    #[test]
    fn a_bad_value_is_told_with_file_line_key_value_and_what_is_allowed() {
        assert_eq!(
            sentence("\n[profiles.a]\npage_size = \"many\"\n"),
            "config.toml line 3: profiles.a.page_size is \"many\", but must be a number from 10 to 200"
        );
        assert_eq!(
            sentence("interval = 60"),
            "config.toml line 1: interval is 60, but must be a time from 1s to 1day, such as 60s or 5m"
        );
        assert!(sentence("credential_process = \"a b\"").contains("a list of texts"));
        assert!(sentence("profiles = 1").contains("[profiles.NAME]"));
        assert!(sentence("[profiles]\na = 1").contains("[profiles.NAME]"));
        assert!(sentence("[profiles.a]\nprofile = \"b\"").contains("without a profile"));
    }

    #[test]
    fn no_secret_is_repeated() {
        for text in [
            "secret_key = 12345678",
            "secret_key = [\"12345678\"]",
            "secret_key = \"12345678",
            "secret_key = 12345678\"",
            "secret_key = \"12345678\"\nsecret_key = \"12345678\"",
        ] {
            let sentence = sentence(text);
            assert!(
                sentence.contains("line ") && !sentence.contains("12345678"),
                "{sentence}"
            );
        }
    }
}
