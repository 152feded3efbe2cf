//! `hss-top config init`: a file to begin with.
//!
//! Every key of the table as a comment, so that a new file changes nothing. It is private from the start and never
//! replaces one that is there.

use std::fmt::{self, Write as _};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::key::{KeyRow, TABLE, ValueKind};

/// Why this file was not written, as a sentence with the way on.
#[derive(Debug)]
pub struct InitFault(PathBuf, io::Error);

impl fmt::Display for InitFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(path, error) = self;
        let path = path.display();
        match error.kind() {
            io::ErrorKind::AlreadyExists => write!(
                f,
                "{path} is there already and is left as it is; edit it, or name another file with --config"
            ),
            _ => write!(f, "{path} cannot be written: {error}"),
        }
    }
}

impl std::error::Error for InitFault {}

/// Writes the file; what is there already stays as it is.
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
# The configuration of hss-top. hss-top never writes this file by itself.
# A flag wins over a variable, a variable over the profile, the profile over what stands at the top.
# `hss-top config show` lists every key with its value and where that comes from.
";

const PROFILES: &str = "
# A profile is chosen with --profile NAME; it may have every key from above.
# Secrets are better kept in files of their own, in variables, or with a credential_process; a file that holds a
# secret_key has to be private (mode 0600).
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
    for row in &TABLE {
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
    text + PROFILES
}

/// What the value must be, where that is not said already.
fn rule(row: &KeyRow) -> String {
    let allowed = row.allowed;
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
        (ValueKind::Text | ValueKind::Secret, default) => format!("\"{}\"", default.unwrap_or("…")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::File;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_rule_is_said_once() {
        let text = text();
        for rule in ["10 to 200", "60s or 5m", "error, warn, info, debug or trace"] {
            assert_eq!(text.matches(rule).count(), 1, "{rule}");
        }
        assert!(text.contains("; must be a number from 1 on."), "{text}");
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
                "{} is there already and is left as it is; edit it, or name another file with --config",
                path.display()
            )
        );
    }

    #[test]
    fn without_its_comment_signs_every_key_is_one_that_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let bare: Vec<String> = text()
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = ") || line.starts_with('['))
            .map(str::to_owned)
            .collect();
        fs::write(&path, bare.join("\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = File::read(&path).unwrap();
        assert_eq!((file.top.len(), file.profiles.len()), (TABLE.len(), 1));
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }
}
