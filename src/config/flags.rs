//! The configuration's part of the command line.
//!
//! It is made from the table of keys: a flag for each key that has one, with its variable and its default in
//! the help. The value of a flag must have the form of its key and is stored as text, because
//! [`crate::settings`] reads all values alike, whatever their origin.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::forms;
use super::key::{ConfigKey, KeyRow, TABLE, ValueKind};

/// The values of the flags.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The configuration file to read.
    pub config: Option<PathBuf>,
    values: BTreeMap<ConfigKey, String>,
    /// All profiles, for a command that takes several; the last one is also among the values.
    profiles: Vec<String>,
}

impl Flags {
    /// The value of the flag of `key`.
    pub fn get(&self, key: ConfigKey) -> Option<&str> {
        self.values.get(&key).map(String::as_str)
    }

    /// The same flags with each of the profiles that were named; these alone if there is one or none.
    pub fn of_each_profile(&self) -> Vec<Self> {
        if self.profiles.len() < 2 {
            return vec![self.clone()];
        }
        let with = |profile: &String| {
            let mut one = self.clone();
            one.values.insert(ConfigKey::Profile, profile.clone());
            one.profiles.clear();
            one
        };
        self.profiles.iter().map(with).collect()
    }

    /// Whether this argument is one of these flags.
    pub fn has(argument: &Arg) -> bool {
        argument.get_help_heading() == Some(HEADING)
    }

    /// Adds the values of `before` that are not set here.
    pub fn follow(&mut self, before: &Self) {
        self.config = self.config.take().or_else(|| before.config.clone());
        for (key, value) in &before.values {
            self.values.entry(*key).or_insert_with(|| value.clone());
        }
    }

    /// Accepts flags without checking the form of their values.
    #[cfg(test)]
    pub(crate) fn parse_from(flags: &[&str]) -> Self {
        let mut taken = Self::default();
        let mut words = flags.iter();
        while let Some(flag) = words.next() {
            let name = flag.strip_prefix("--").unwrap();
            if name == "config" {
                taken.config = words.next().map(PathBuf::from);
                continue;
            }
            let row = TABLE.iter().find(|row| row.has_flag && row.flag() == name);
            let row = row.unwrap();
            let value = if row.kind == ValueKind::Switch {
                "true"
            } else {
                words.next().unwrap()
            };
            taken.values.insert(row.key, value.to_owned());
        }
        taken
    }
}

/// What chooses pods. Each value is kept, so that a command can refuse a second one; the dashboard shows those of the last one,
/// as for all flags, so that an alias can be overridden.
const CHOOSING: [ConfigKey; 10] = [
    ConfigKey::Profile,
    ConfigKey::Region,
    ConfigKey::ProjectId,
    ConfigKey::EnterpriseProjectId,
    ConfigKey::Endpoint,
    ConfigKey::Pod,
    ConfigKey::Namespace,
    ConfigKey::Cluster,
    ConfigKey::Filter,
    ConfigKey::View,
];

const HEADING: &str = "Settings (each is a key of the configuration file too)";

fn argument(row: &'static KeyRow) -> Arg {
    let mut about = row.about.to_owned();
    if let Some(variable) = row.variables.first() {
        about = format!("{about} [env: {variable}]");
    }
    if let Some(default) = row.default.filter(|_| row.kind != ValueKind::Switch) {
        about = format!("{about} [default: {default}]");
    }
    let argument = Arg::new(row.name)
        .long(row.flag())
        .help(about)
        .help_heading(HEADING);
    if row.kind == ValueKind::Switch {
        argument.action(ArgAction::SetTrue)
    } else {
        let action = if CHOOSING.contains(&row.key) {
            ArgAction::Append
        } else {
            ArgAction::Set
        };
        argument
            .action(action)
            .value_name(row.value_name)
            .value_parser(move |text: &str| of_its_form(row.key, text))
    }
}

/// The value of a flag, if it has the form of its key; a wrong one is an error of the command line. An empty
/// one counts as not set.
fn of_its_form(key: ConfigKey, text: &str) -> Result<String, FormFault> {
    match forms::fault(key, text).filter(|_| !text.is_empty()) {
        Some(must) => Err(FormFault(must)),
        None => Ok(text.to_owned()),
    }
}

/// What the value of a flag must be.
#[derive(Debug)]
struct FormFault(String);

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it must be {}", self.0)
    }
}

impl std::error::Error for FormFault {}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("The configuration file [env: HSS_TOP_CONFIG] [default: ~/.config/hss-top/config.toml]")
            .help_heading(HEADING);
        let flags = TABLE.iter().filter(|row| row.has_flag).map(argument);
        command.arg(config).args(flags)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.config = matches.get_one::<PathBuf>("config").cloned();
        for row in TABLE.iter().filter(|row| row.has_flag) {
            let value = match row.kind {
                ValueKind::Switch => matches.get_flag(row.name).then(|| "true".to_owned()),
                _ => matches
                    .get_many::<String>(row.name)
                    .and_then(Iterator::last)
                    .cloned(),
            };
            self.values.extend(value.map(|value| (row.key, value)));
        }
        let profiles = matches.get_many::<String>(ConfigKey::Profile.row().name);
        self.profiles = profiles.into_iter().flatten().cloned().collect();
        Ok(())
    }
}
