//! Identity tokens: short texts by which a platform, such as Kubernetes or a build server, says who a program
//! is. IAM, STS and the service of pod identity exchange them for a temporary key pair.
//!
//! Owns the token, where it comes from, and the rule for its file. A platform writes the file, often so that
//! every user of the container can read it, and rotates it: so it is read for each sign-in, and unlike other
//! secret files it may be readable by others, which `doctor` says. Must not: show a token.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::secret_file::{self, SecretFileFault};
use crate::secrets;

/// An identity token, or the file that holds it.
#[derive(Debug, Clone)]
pub enum IdentityToken {
    /// The token.
    Given(SecretString),
    /// The file, which is read for each sign-in.
    File(PathBuf),
}

impl IdentityToken {
    /// Reads the token. From then on it is redacted in whatever is shown or written.
    pub fn read(&self) -> Result<SecretString, SecretFileFault> {
        let token = match self {
            Self::Given(token) => token.expose_secret().trim().to_owned(),
            Self::File(path) => secret_file::read_shared(path)?.trim().to_owned(),
        };
        if token.is_empty() {
            return Err(SecretFileFault::Empty);
        }
        // No token of this kind has another character, and one in a header could not.
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretFileFault::NotAToken);
        }
        secrets::protect(&token);
        Ok(token.into())
    }

    /// Its file.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Given(_) => None,
            Self::File(path) => Some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_that_a_platform_wrote_is_read_and_one_that_others_write_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let token = IdentityToken::File(path.clone());
        let read = |text: &str, mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let read = token.read().map(|token| token.expose_secret().to_owned());
            read.map_err(|fault| fault.to_string())
        };
        for mode in [0o400, 0o600, 0o640, 0o644] {
            assert_eq!(read("canary.a.b\n", mode).unwrap(), "canary.a.b");
        }
        for mode in [0o620, 0o666] {
            assert!(
                read("canary.a.b", mode)
                    .unwrap_err()
                    .contains("others can write it")
            );
        }
        assert_eq!(read(" \n", 0o600).unwrap_err(), "it is empty");
        let odd = read("canary canary", 0o600).unwrap_err();
        assert!(odd.contains("no token") && !odd.contains("canary"), "{odd}");
    }
}
