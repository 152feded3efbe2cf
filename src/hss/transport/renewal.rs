//! The files of TLS, read again when they change: certificates are renewed while hss-top runs for months.
//!
//! A look costs three `stat`; it comes before new connections are made, so at the latest with the call after one that failed. What
//! cannot be used changes nothing: what was read last still holds, and one line of the log says why. Must not: wait for a disk.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::tls::{Trust, TrustSet};
use crate::hss::auth::secret_file::{Stamp, stamp};

/// How long a look may take: a call is waiting.
const PATIENCE: Duration = Duration::from_secs(1);

/// The stamps of the files when they were last read.
#[derive(Debug, Default)]
pub(super) struct TrustStamps(Mutex<Option<[Option<Stamp>; 3]>>);

impl Trust {
    fn stamps(&self) -> [Option<Stamp>; 3] {
        let files = [&self.files.authority, &self.files.certificate, &self.files.key];
        files.map(|file: &Option<PathBuf>| file.as_deref().and_then(stamp))
    }

    /// Notes how the files are that were just read. Blocking.
    pub(super) fn noted(self) -> Self {
        let now = self.stamps();
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        self
    }

    /// Reads the files again if one of them is another. Returns whether that changed anything. Blocking.
    fn renew_now(&self) -> bool {
        let now = self.stamps();
        let before = self
            .seen
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(now);
        if before.is_none_or(|before| before == now) {
            return false;
        }
        match TrustSet::read(&self.files) {
            Ok(set) => {
                tracing::info!("the changed TLS files are in use");
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                true
            }
            Err(fault) => {
                let error = fault.to_string();
                tracing::warn!(
                    error,
                    "a changed TLS file cannot be used; the one before it stays in use"
                );
                false
            }
        }
    }

    /// The same before new connections are made. Where the disk does not answer, what was read last stays.
    pub(super) async fn renew(self: &Arc<Self>) {
        if self.files.is_empty() {
            return;
        }
        let trust = Arc::clone(self);
        let _ = timeout(PATIENCE, spawn_blocking(move || trust.renew_now())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn write_ca(path: &Path) {
        let ca = rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()]).unwrap();
        let new = path.with_extension("new");
        fs::write(&new, ca.cert.pem()).unwrap();
        fs::rename(new, path).unwrap();
    }

    #[test]
    fn a_changed_file_is_read_once_and_one_that_cannot_be_used_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        write_ca(&path);
        let trust = Trust::load(Some(&path), None, None).unwrap();
        let set = || Arc::clone(&trust.current.lock().unwrap());
        let first = set();
        assert!(!trust.renew_now());
        write_ca(&path);
        assert!(trust.renew_now());
        let second = set();
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(!trust.renew_now());
        fs::write(&path, "no certificate").unwrap();
        assert!(!trust.renew_now());
        fs::remove_file(&path).unwrap();
        assert!(!trust.renew_now());
        assert!(Arc::ptr_eq(&second, &set()));
        write_ca(&path);
        assert!(trust.renew_now());
    }
}
