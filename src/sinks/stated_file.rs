//! A file that the configuration names for a server: a secret, or a CA.
//!
//! Owns the sentences about one that cannot be used. Each begins with the file and the line of the key that names it, and says
//! what to do. Blocking: runs on a thread for that. Must not: show what a file holds.

use std::io;
use std::path::PathBuf;

use crate::files::FileFault;
use crate::hss::auth::secret_file::{self, SecretFileFault};
use crate::hss::transport::tls::{Trust, TrustFault};
use crate::secrets::{self, values};

/// A file that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedFile {
    /// Its path.
    pub path: PathBuf,
    /// File, line and key that name it: every sentence about it begins with them.
    pub stated_at: String,
}

impl StatedFile {
    /// The secret in it, without blanks around it.
    pub(super) fn secret(&self) -> Result<String, String> {
        let text = secret_file::read(&self.path).map_err(|fault| match fault {
            SecretFileFault::Unread(FileFault::System(error)) => {
                self.unread(&error, "create it with mode 0600")
            }
            fault => self.told(&format!(": {fault}")),
        })?;
        let text = text.trim().to_owned();
        if text.is_empty() {
            return Err(self.told(" is empty; write the secret into it"));
        }
        secrets::protect(&text);
        Ok(text)
    }

    /// The CA in it, beside those of the system.
    pub(super) fn authority(&self) -> Result<Trust, String> {
        Trust::load(Some(&self.path), None, None).map_err(|fault| match fault {
            TrustFault::Unread(_, FileFault::System(error)) => self.unread(&error, "create it"),
            // These have the path in front.
            fault => format!("{}: {fault}", self.stated_at),
        })
    }

    fn unread(&self, error: &io::Error, create: &str) -> String {
        match error.kind() {
            io::ErrorKind::NotFound => {
                let path = self.shown();
                format!(
                    "{}: there is no file {path}; {create}, or correct the path",
                    self.stated_at
                )
            }
            io::ErrorKind::PermissionDenied => {
                self.told(" cannot be read; give it to the user who runs hss-top")
            }
            _ => self.told(&format!(": {error}")),
        }
    }

    /// A sentence about it.
    pub(super) fn told(&self, what: &str) -> String {
        format!("{}: {}{what}", self.stated_at, self.shown())
    }

    fn shown(&self) -> String {
        values::path(&self.path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_the_line_of_its_key_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let shown = path.display().to_string();
        let file = StatedFile {
            path: path.clone(),
            stated_at: "F line 3: webhook.secret_file".to_owned(),
        };
        let told = |result: Result<(), String>| result.unwrap_err().replace(&shown, "T");
        let secret = || told(file.secret().map(drop));
        let authority = || told(file.authority().map(drop));
        assert_eq!(
            secret(),
            "F line 3: webhook.secret_file: there is no file T; create it with mode 0600, or correct the path"
        );
        assert_eq!(
            authority(),
            "F line 3: webhook.secret_file: there is no file T; create it, or correct the path"
        );
        for (text, mode, of_secret) in [
            (
                "canary",
                0o644,
                "T: others can read or write it (mode 0644), so its secret is refused: chmod 600",
            ),
            (" \n", 0o600, "T is empty; write the secret into it"),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(secret(), format!("F line 3: webhook.secret_file: {of_secret}"));
        }
        assert_eq!(
            authority(),
            "F line 3: webhook.secret_file: T: it contains no PEM certificate"
        );
        fs::write(&path, " canary\n").unwrap();
        assert_eq!(file.secret(), Ok("canary".to_owned()));
    }
}
