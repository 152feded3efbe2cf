//! The configuration: the value of each key and its origin.
//!
//! Owns the precedence: flag, then variable, then the profile, then the file, then the default; every value
//! has its origin, so that an error can name it and `config show` can list it. [`key`] is the table of keys,
//! [`section`] the other parts of the file, [`mod@file`] reads the file, [`flags`] the command line,
//! [`schema`] describes the file to editors. Must not: know what a value means; that is the task of
//! [`crate::settings`].

pub mod file;
pub mod flags;
pub mod forms;
pub mod init;
pub mod interval;
pub mod key;
mod nearest;
pub mod schema;
pub mod section;
pub mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use file::{File, Set};
pub use flags::Flags;
pub use key::ConfigKey;
pub(crate) use nearest::nearest;
pub use section::Sections;

use crate::env::Variables;
use crate::fleet::RemoteText;
use crate::secrets::values::{self, shortened};
use key::{KeyRow, TABLE, ValueKind};

/// A sentence about a configuration that cannot be used: exit code 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(pub String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

/// The origin of a value. The order is that of precedence: the greater one wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody.
    Default,
    /// The file, at the top, in this line.
    File(usize),
    /// The profile of this name, in this line of the file.
    Profile(String, usize),
    /// A variable.
    Variable(&'static str),
    /// A flag, with its dashes.
    Flag(String),
}

impl Origin {
    /// Its rank, for comparing.
    fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File(_) => 1,
            Self::Profile(..) => 2,
            Self::Variable(_) => 3,
            Self::Flag(_) => 4,
        }
    }

    /// Whether this overrides `other`, even for another key.
    pub fn wins_against(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(line) => write!(f, "file line {line}"),
            Self::Profile(name, line) => write!(f, "profile {name} line {line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value with its origin.
#[derive(Clone)]
pub struct ConfigValue {
    /// The value.
    pub set: Set,
    /// Its origin.
    pub origin: Origin,
}

/// Everything that is set.
#[derive(Clone, Default)]
pub struct Config {
    values: BTreeMap<ConfigKey, ConfigValue>,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// The folder of the file, whether it exists or not.
    pub folder: Option<PathBuf>,
    /// The names of the profiles in the file.
    pub profiles: Vec<String>,
    /// The other sections of the file.
    pub sections: Sections,
    /// Warnings about unknown keys in the file, and about what was left out of it.
    pub warnings: Vec<String>,
}

impl Config {
    /// Merges flags, variables, profile, file and defaults.
    ///
    /// # Errors
    /// A file that cannot be read or used, or a missing profile.
    pub fn resolve(flags: &Flags, variables: Variables<'_>) -> Result<Self, Wrong> {
        let place = path(flags, variables);
        let folder = place
            .as_ref()
            .and_then(|(path, _)| path.parent().map(Path::to_owned));
        let file = match place {
            Some((path, named)) if named || path.exists() => Some(File::read(&path)?),
            _ => None,
        };
        let mut config = Self {
            folder,
            ..Self::default()
        };
        if let Some(file) = &file {
            config.file = Some(file.path.clone());
            config.warnings.clone_from(&file.warnings);
            config.sections = file.sections.clone();
            if let Some(home) = variables("HOME") {
                config.sections.expand_home(&home);
            }
            config.profiles = file.profiles.keys().cloned().collect();
        }
        config.set(ConfigKey::Profile.row(), flags, variables, file.as_ref(), None);
        let profile = config.text(ConfigKey::Profile).map(str::to_owned);
        if let Some(profile) = &profile {
            check_profile(file.as_ref(), profile)?;
        }
        for row in TABLE.iter().filter(|row| row.key != ConfigKey::Profile) {
            config.set(row, flags, variables, file.as_ref(), profile.as_deref());
        }
        Ok(config)
    }

    fn set(
        &mut self,
        row: &KeyRow,
        flags: &Flags,
        variables: Variables<'_>,
        file: Option<&File>,
        profile: Option<&str>,
    ) {
        let text = |text: &str| Set::Text(text.to_owned());
        let flag = || {
            let value = flags.get(row.key)?;
            Some((text(value), Origin::Flag(format!("--{}", row.flag()))))
        };
        let variable = || {
            row.variables.iter().find_map(|name| {
                let value = variables(name).filter(|value| !value.trim().is_empty())?;
                Some((text(value.trim()), Origin::Variable(name)))
            })
        };
        let in_profile = || {
            let stated = file?.profiles.get(profile?)?.get(&row.key)?;
            Some((
                stated.set.clone(),
                Origin::Profile(profile?.to_owned(), stated.line),
            ))
        };
        let in_file = || {
            let stated = file?.top.get(&row.key)?;
            Some((stated.set.clone(), Origin::File(stated.line)))
        };
        let default = || Some((text(row.default?), Origin::Default));
        let found = flag()
            .or_else(variable)
            .or_else(in_profile)
            .or_else(in_file)
            .or_else(default);
        if let Some((set, origin)) = found {
            if let Set::Text(text) = &set {
                values::password_of(text)
                    .into_iter()
                    .for_each(crate::secrets::protect);
            }
            self.values.insert(row.key, ConfigValue { set, origin });
        }
    }

    /// A key's value.
    pub fn get(&self, key: ConfigKey) -> Option<&ConfigValue> {
        self.values.get(&key)
    }

    /// Removes the value of a key, as if nobody had set it.
    pub fn forget(&mut self, key: ConfigKey) {
        self.values.remove(&key);
    }

    /// A key's value as text; `None` if it is empty.
    pub fn text(&self, key: ConfigKey) -> Option<&str> {
        match &self.get(key)?.set {
            Set::Text(text) => Some(text).filter(|text| !text.is_empty()).map(String::as_str),
            Set::Words(_) => None,
        }
    }

    /// A key's value as a path, with `~` for home.
    pub fn path(&self, key: ConfigKey, variables: Variables<'_>) -> Option<PathBuf> {
        let text = self.text(key)?;
        let home = || variables("HOME").map(PathBuf::from);
        Some(match text.strip_prefix("~/") {
            Some(rest) => home().map_or_else(|| text.into(), |home| home.join(rest)),
            None => text.into(),
        })
    }

    /// A key's value as a list.
    pub fn words(&self, key: ConfigKey) -> Option<&[String]> {
        match &self.get(key)?.set {
            Set::Words(words) => Some(words),
            Set::Text(_) => None,
        }
    }

    /// A key's value, read by `read`; `None` if it is not set.
    ///
    /// # Errors
    /// A sentence that names the origin, the value and what is allowed.
    pub fn parse<T>(&self, key: ConfigKey, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Wrong> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        read(text)
            .map(Some)
            .ok_or_else(|| self.wrong(key, key.row().allowed))
    }

    /// The sentence about a value that cannot be used.
    pub fn wrong(&self, key: ConfigKey, allowed: &str) -> Wrong {
        let row = key.row();
        let value = match self.get(key).map(|value| &value.set) {
            Some(Set::Text(text)) if row.kind != ValueKind::Secret && key != ConfigKey::AccessKey => {
                RemoteText::name(&shortened(text)).shown().to_owned()
            }
            _ => "set".to_owned(),
        };
        let file = self.file.as_deref().unwrap_or(Path::new("")).display();
        let what = match self.get(key).map(|value| &value.origin) {
            Some(Origin::Flag(flag)) => flag.clone(),
            Some(Origin::Variable(name)) => (*name).to_owned(),
            Some(Origin::Profile(name, line)) => format!("{file} line {line}: profiles.{name}.{}", row.name),
            Some(Origin::File(line)) => format!("{file} line {line}: {}", row.name),
            Some(Origin::Default) | None => row.name.to_owned(),
        };
        Wrong(format!("{what} is {value}, but must be {allowed}"))
    }
}

/// Where the configuration file is, and whether somebody named it, because then it must exist.
pub fn path(flags: &Flags, variables: Variables<'_>) -> Option<(PathBuf, bool)> {
    let set = |name: &str| variables(name).filter(|value| !value.is_empty());
    let named = flags
        .config
        .clone()
        .or_else(|| set("HSS_TOP_CONFIG").map(PathBuf::from));
    if let Some(named) = named {
        return Some((named, true));
    }
    let folder = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(Path::new(&set("HOME")?).join(".config")))?;
    Some((folder.join("hss-top/config.toml"), false))
}

fn check_profile(file: Option<&File>, profile: &str) -> Result<(), Wrong> {
    let known: Vec<&str> = file.map_or_else(Vec::new, |file| {
        file.profiles.keys().map(String::as_str).collect()
    });
    if known.contains(&profile) {
        return Ok(());
    }
    let shown = RemoteText::name(&shortened(profile));
    let there = match (file, known.as_slice()) {
        (None, _) => "there is no configuration file: hss-top config init creates one".to_owned(),
        (Some(file), []) => format!("{} has no profiles", file.path.display()),
        (Some(file), known) => format!("{} has {}", file.path.display(), known.join(", ")),
    };
    Err(Wrong(format!("there is no profile {shown}; {there}")))
}

#[cfg(test)]
mod tests;
