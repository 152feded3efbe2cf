//! Where KooCLI's file is.
//!
//! A file that Terraform's variables `HW_SHARED_CONFIG_FILE` or `HW_PROFILE` name is meant, and an error if it
//! cannot be used. The one in the home folder may belong to another tool's work and, as KooCLI writes it, is
//! encrypted: it comes last.

use std::path::{Path, PathBuf};

use super::super::source::{CredentialSource, ResolvedSource};
use super::{CredentialFault, Set, check, path_shown};

const FILE: &str = "HW_SHARED_CONFIG_FILE";
const PROFILE: &str = "HW_PROFILE";

/// The file in the home folder.
pub(super) fn default_path(set: Set<'_>) -> Option<PathBuf> {
    Some(Path::new(&set("HOME")?).join(".hcloud/config.json"))
}

/// Whether a variable names the file, or a profile in it.
pub(super) fn is_named(set: Set<'_>) -> bool {
    set(FILE).is_some() || set(PROFILE).is_some()
}

/// The file that a variable names.
pub(super) fn named(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    if !is_named(set) {
        return Ok(None);
    }
    let path = set(FILE).map(PathBuf::from).or_else(|| default_path(set));
    path.map(|path| source(path, set(PROFILE))).transpose()
}

/// The file in the home folder, if it is there.
pub(super) fn at_home(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let path = default_path(set).filter(|path| path.exists());
    path.map(|path| source(path, None)).transpose()
}

fn source(path: PathBuf, profile: Option<String>) -> Result<ResolvedSource, CredentialFault> {
    let found = ResolvedSource {
        name: format!("KooCLI's {}", path_shown(&path)),
        source: CredentialSource::KooCli {
            path,
            profile: profile.map(|profile| profile.trim().to_owned()),
        },
    };
    check(&found)?;
    Ok(found)
}
