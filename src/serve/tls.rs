//! TLS of the service, from files that may change.
//!
//! Owns the certificate and its key, and reads them again when one of the files changes, so that a renewed
//! certificate needs no restart. A file that cannot be read does not replace the current certificate. Must
//! not: ask clients for certificates.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::hss::auth::secret_file::{Stamp, stamp};
use crate::hss::transport::tls::{TrustFault, certificates, private_key, provider};
use crate::http_server::TlsSource;

/// How often the files are checked for changes.
const LOOKED_EVERY: Duration = Duration::from_secs(5);

/// Why the certificate and its key cannot be used.
#[derive(Debug)]
pub enum TlsFilesFault {
    /// One of the files.
    File(TrustFault),
    /// The two together cannot be used.
    Pair(rustls::Error),
}

impl fmt::Display for TlsFilesFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(fault) => fault.fmt(f),
            Self::Pair(error) => write!(f, "the certificate and its key cannot be used: {error}"),
        }
    }
}

impl std::error::Error for TlsFilesFault {}

/// The files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsPaths {
    /// The certificate and its intermediate certificates, as PEM.
    pub certificate: PathBuf,
    /// Its key, as PEM, in a private file.
    pub key: PathBuf,
}

/// The current certificate and key.
#[derive(Debug)]
pub struct TlsFiles {
    paths: TlsPaths,
    stamps: [Option<Stamp>; 2],
    current: watch::Sender<Arc<ServerConfig>>,
}

impl TlsFiles {
    /// Reads the files.
    ///
    /// # Errors
    /// Why they cannot be used.
    pub fn read(paths: TlsPaths) -> Result<Self, TlsFilesFault> {
        let stamps = paths.stamps();
        let config = paths.config()?;
        Ok(Self {
            paths,
            stamps,
            current: watch::channel(config).0,
        })
    }

    /// The configuration of a new connection.
    pub fn source(&self) -> TlsSource {
        let current = self.current.subscribe();
        Arc::new(move || Arc::clone(&current.borrow()))
    }

    /// Reads the files again whenever they change; never ends.
    pub async fn follow(mut self) {
        loop {
            sleep(LOOKED_EVERY).await;
            let Ok(same) = spawn_blocking(move || self.looked()).await else {
                return;
            };
            self = same;
        }
    }

    fn looked(mut self) -> Self {
        let stamps = self.paths.stamps();
        if stamps == self.stamps {
            return self;
        }
        // Also of files that cannot be used: that is told once. If one of the two is written later than the other, that is another
        // change.
        self.stamps = stamps;
        match self.paths.config() {
            Ok(config) => {
                self.current.send_replace(config);
                tracing::info!("the changed certificate is in use");
            }
            Err(fault) => tracing::warn!(
                %fault,
                "the changed certificate cannot be used: the previous one stays valid"
            ),
        }
        self
    }
}

impl TlsPaths {
    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.certificate, &self.key].map(|path: &PathBuf| stamp(Path::new(path)))
    }

    fn config(&self) -> Result<Arc<ServerConfig>, TlsFilesFault> {
        let chain = certificates(&self.certificate).map_err(TlsFilesFault::File)?;
        let key = private_key(&self.key).map_err(TlsFilesFault::File)?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsFilesFault::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsFilesFault::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
