//! `hss-top config init`: creates a first configuration file.
//!
//! It contains every key as a comment, so that a new file changes nothing. It is private from the start and
//! never replaces an existing file.

use std::fmt::{self, Write as _};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::key::{ConfigKey, KeyRow, TABLE, ValueKind};
use crate::keys::Action;
use crate::ui::theme::ROLES;

/// Why this file was not written, as a sentence with a solution.
#[derive(Debug)]
pub struct InitFault(PathBuf, io::Error);

impl fmt::Display for InitFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(path, error) = self;
        let path = path.display();
        match error.kind() {
            io::ErrorKind::AlreadyExists => write!(
                f,
                "{path} already exists and was not changed; edit it, or name another file with --config"
            ),
            _ => write!(f, "{path} cannot be written: {error}"),
        }
    }
}

impl std::error::Error for InitFault {}

/// Writes the file; an existing file is not changed.
pub fn write(path: &Path) -> Result<(), InitFault> {
    create(path).map_err(|error| InitFault(path.to_owned(), error))
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text().as_bytes())
}

const HEAD: &str = "\
# The configuration of hss-top, which never changes this file by itself.
# A flag overrides a variable, a variable overrides the profile, and the profile overrides the keys at the top.
# `hss-top config show` lists every key with its value and its origin.
";

const SECTIONS: &str = "
# Saved views, for --view NAME and :view NAME. The defaults: pods view, no filter, sorted by
# risk, all pods. `:view save NAME` saves others in a file of its own; this one is never written.
#
# [views.hot]
# view = \"pods\"
# filter = \"cpu%>=80\"
# sort = \"cpu%\"
# reversed = false
# problems = true
# columns = [\"risk\", \"pod:40\", \"ns\", \"cpu%\", \"mem%\"]

# Keys and their actions; \"none\" unbinds a key. Actions:
ACTIONS
#
# [keys]
# \"f5\" = \"refresh\"
# \"ctrl-w\" = \"none\"

# The theme, as for --theme, and colours of single roles: a name such as light-red, a number from 0 to 255, or
# #rrggbb. The background may be \"terminal\", to keep the terminal's own. A file NAME.toml in the folder themes
# next to this file is a theme too; `hss-top themes` lists all. Roles:
# ROLES.
#
# [theme]
# base = \"dark\"
# background = \"terminal\"
# warning = \"#ffaa00\"
# bad = 203

# Alerts for people. Without any rule a new risk shows a banner and rings the bell; an empty list
# (alerts=[] at the top) turns them off. A rule is on risk, protection, failed, usage, cpu, memory,
# vanished, old-list, unreachable or coverage, and goes via banner, bell, notify, command, alertmanager and webhook.
#
# [[alerts]]
# name = \"payments\"
# on = \"risk\"
# filter = \"ns:payments\"
# severity = \"critical\"
# for = \"5m\"
# quiet = \"22:00-07:00 Asia/Shanghai\"
# merge = \"1m\"
# via = [\"banner\", \"bell\", \"notify\", \"command\"]
# command = [\"/usr/local/bin/page\", \"--from\", \"hss\"]

# Where alerts go via alertmanager and webhook: the files with the secrets have to be private (mode 0600). A wall shows
# views in turn.
#
# [alertmanager]
# url = \"https://alerts.example.com:9093\"
# token_file = \"/etc/hss-top/alertmanager.token\"
# ca_file = \"/etc/hss-top/ca.pem\"
# pod_label = true
# link = \"https://console.example.com/hss\"
#
# [kiosk]
# enabled = false
# views = [\"pods\", \"overview\", \"changes\"]
# every = \"30s\"
# dim = \"22:00-07:00\"
#
# [webhook]
# url = \"https://hooks.example.com/hss\"
# secret_file = \"/etc/hss-top/webhook.key\"
";

const PROFILES: &str = "
# --profile NAME chooses a profile, which may contain every key from above.
# Keep secrets in separate files, in variables or behind a credential_process. A file that contains a secret_key
# must be private (mode 0600).
#
# [profiles.prod]
# region = \"cn-north-4\"
# credential_process = [\"/usr/local/bin/vault-helper\", \"hss\"]
# interval = \"2m\"
# filter = \"payments\"
";

/// The text of a new file.
pub fn text() -> String {
    let mut text = HEAD.to_owned();
    // A theme with colours is a section, and `theme` cannot be both.
    for row in TABLE.iter().filter(|row| row.key != ConfigKey::Theme) {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n# {}{}.\n# {} = {}\n",
            row.about,
            rule(row),
            row.name,
            example(row)
        );
    }
    let roles: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
    let sections = SECTIONS.replace("ROLES", &roles.join(", "));
    let sections = sections.replace("ACTIONS", &wrapped(Action::names()));
    text + &sections + PROFILES
}

/// Names, wrapped into lines of a comment.
fn wrapped(names: impl Iterator<Item = &'static str>) -> String {
    const WIDTH: usize = 108;
    let mut lines = vec!["#".to_owned()];
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < WIDTH => {
                line.push(' ');
                line.push_str(name);
            }
            _ => lines.push(format!("# {name}")),
        }
    }
    lines.join("\n")
}

/// The same file with each key and section uncommented, to check them all.
#[cfg(test)]
pub(super) fn bare() -> String {
    let text = text();
    let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
    let lines: Vec<&str> = lines
        .filter(|line| line.contains(" = ") || line.starts_with('['))
        .collect();
    lines.join("\n")
}

/// What the value must be, unless the description or the example says so already.
fn rule(row: &KeyRow) -> String {
    let allowed = row.allowed;
    if row.kind == ValueKind::Switch || allowed == "text" {
        return String::new();
    }
    let bare = ["a number from ", "a time from ", "a region "]
        .into_iter()
        .find_map(|kind| allowed.strip_prefix(kind));
    if row.about.contains(bare.unwrap_or(allowed)) {
        return String::new();
    }
    format!("; must be {allowed}")
}

fn example(row: &KeyRow) -> String {
    match (row.kind, row.default) {
        (ValueKind::Number, default) => default.unwrap_or("5").to_owned(),
        (ValueKind::Switch, _) => "false".to_owned(),
        (ValueKind::Words, _) => "[\"/path/of/program\", \"argument\"]".to_owned(),
        (ValueKind::Names, default) => {
            let names = default.unwrap_or_default().split(',');
            let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
            format!("[{}]", names.join(", "))
        }
        (ValueKind::Text | ValueKind::Secret, default) => format!("\"{}\"", default.unwrap_or("…")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::File;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn every_action_and_role_is_named_and_no_line_is_too_long() {
        let text = text();
        let words: Vec<&str> = text.split([' ', ',', '.', '\n']).collect();
        let roles = ROLES.iter().map(|(name, _)| *name);
        for name in Action::names().chain(roles) {
            assert!(words.contains(&name), "{name}");
        }
        let sections = text.split_once("# Saved views").unwrap().1;
        let too_long = sections.lines().find(|line| line.chars().count() > 120);
        assert_eq!(too_long, None);
    }

    #[test]
    fn a_rule_is_said_once() {
        let text = text();
        for rule in ["10 to 200", "60s or 5m", "error, warn, info, debug or trace"] {
            assert_eq!(text.matches(rule).count(), 1, "{rule}");
        }
        assert!(text.contains("; must be a number of at least 1."), "{text}");
        assert!(
            !text.contains("must be text") && !text.contains("must be true or false"),
            "{text}"
        );
    }

    #[test]
    fn a_new_file_is_private_changes_nothing_and_is_never_written_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/config.toml");
        write(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let file = File::read(&path).unwrap();
        fs::write(&path, "interval = \"2m\"").unwrap();
        let again = write(&path).unwrap_err().to_string();
        let kept = fs::read_to_string(&path).unwrap();
        assert_eq!(mode & 0o777, 0o600);
        assert!(file.top.is_empty() && file.profiles.is_empty() && file.warnings.is_empty());
        assert_eq!(kept, "interval = \"2m\"");
        assert_eq!(
            again,
            format!(
                "{} already exists and was not changed; edit it, or name another file with --config",
                path.display()
            )
        );
    }

    #[test]
    fn without_its_comment_signs_every_key_is_one_that_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, bare()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = File::read(&path).unwrap();
        assert_eq!((file.top.len(), file.profiles.len()), (TABLE.len(), 1));
        let sections = (
            file.sections.views.len(),
            file.sections.keys.len(),
            file.sections.theme.len(),
        );
        assert_eq!(sections, (1, 2, 3));
        assert_eq!(file.sections.alerts.map(|rules| rules.len()), Some(1));
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }
}
