//! The file of the ledger.
//!
//! HSS counts the calls of a user and, with the same limit, those of a source address ("API throttling"). All
//! programs of this machine have one address, so they share one budget at an endpoint, whichever credential
//! they use: the name of the file contains the endpoint and the machine, but nothing of a credential. So the
//! origin of a token or a key pair does not matter, and no secret can be guessed from a name.
//! `docs/decisions/11-one-ledger.md` says more.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::machine::fingerprint;
use crate::env::Variables;
use crate::hss::{Call as _, Endpoint, ListPods, Setup};
use crate::state;

/// The place of an endpoint's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPlace {
    /// The folders that are tried, the best first.
    pub folders: Vec<PathBuf>,
    /// The file's name.
    pub name: String,
}

impl LedgerPlace {
    /// The ledger for the endpoint of `setup`. Several endpoints lead to one service: whatever their order,
    /// they have one ledger, named after the alphabetically first one.
    pub fn of(setup: &Setup, variables: Variables<'_>) -> Option<Self> {
        let (host, port) = setup.endpoints.iter().map(host_and_port).min()?;
        // A home directory that several machines share contains a ledger for each.
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        let identity = format!("{host}:{port}\n{}", machine.trim());
        let shown: String = host
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
            .take(64)
            .collect();
        let name = format!(
            "{}-{port}-{:016x}.calls",
            shown.trim_start_matches('.'),
            fingerprint(identity.as_bytes())
        );
        let uid = rustix::process::geteuid().as_raw();
        Some(Self {
            folders: folders(variables, Path::new(&format!("/run/user/{uid}"))),
            name,
        })
    }
}

impl LedgerPlace {
    /// The ledger of the calls of `api`, next to this one for the list: HSS counts each API separately.
    #[must_use]
    pub fn for_api(&self, api: &str) -> Self {
        if api == ListPods::NAME {
            return self.clone();
        }
        let stem = self.name.trim_end_matches(".calls");
        Self {
            folders: self.folders.clone(),
            name: format!("{stem}-{api}.calls"),
        }
    }
}

fn host_and_port(endpoint: &Endpoint) -> (String, u16) {
    let port = endpoint.url("/", "").port_or_known_default();
    (endpoint.host().to_owned(), port.unwrap_or_default())
}

/// The possible folders of a ledger, the best first. The folder of this user's login is the same for all
/// programs, even for one that a timer started without `XDG_RUNTIME_DIR`, and for programs with a separate
/// state. A machine without logins, such as a container, does not have it: then the ledger is next to the
/// state, or else among the temporary files.
fn folders(variables: Variables<'_>, login: &Path) -> Vec<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let is_ours = |path: &PathBuf| path.metadata().is_ok_and(|it| it.is_dir() && it.uid() == uid);
    let runtime = variables("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute() && path.is_dir());
    let runtime = runtime.or_else(|| Some(login.to_owned()).filter(is_ours));
    let own = crate::env::temporary_folder().join(format!("hss-top-{uid}"));
    runtime
        .map(|path| path.join("hss-top"))
        .into_iter()
        .chain(state::folder(variables))
        .chain([own])
        .collect()
}

#[cfg(test)]
mod tests;
