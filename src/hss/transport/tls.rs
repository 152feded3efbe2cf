//! TLS: trusted CAs and the client certificate.
//!
//! Owns the platform's roots, an additional CA of the operator, and the client certificate. Certificates are
//! always verified; no switch disables that. The platform's roots are read once, at the first connection that
//! needs them, which takes some milliseconds; the operator's files are read at the start, so that a bad one
//! is reported before anything is shown, and again when they change ([`renewal`](super::renewal)): certificates are renewed
//! while hss-top runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::files::{self, FileFault};
use crate::hss::auth::secret_file::{self, SecretFileFault};
use crate::hss::endpoint::Endpoint;
use crate::secrets::values;

use super::proxy::Environment;
use super::renewal::TrustStamps;

/// The largest file of roots in bytes; a system's has about 230 KiB.
const LARGEST_ROOTS: u64 = 16 << 20;
/// Names a file in place of the system's roots.
const ROOTS_VARIABLE: &str = "SSL_CERT_FILE";

/// Trusted CAs and the client certificate; the default is the platform's roots and no certificate.
#[derive(Default, Debug)]
pub struct Trust {
    /// The operator's files.
    pub(super) files: TrustFiles,
    /// What was read from them last.
    pub(super) current: Mutex<Arc<TrustSet>>,
    /// How they were then.
    pub(super) seen: TrustStamps,
}

/// The operator's PEM files.
#[derive(Debug, Default, Clone)]
pub(super) struct TrustFiles {
    /// An additional CA to trust.
    pub(super) authority: Option<PathBuf>,
    /// A client certificate with its chain.
    pub(super) certificate: Option<PathBuf>,
    /// Its key.
    pub(super) key: Option<PathBuf>,
}

impl TrustFiles {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.authority.is_none() && self.certificate.is_none() && self.key.is_none()
    }
}

/// What the files contain.
#[derive(Default)]
pub(super) struct TrustSet {
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
    config: OnceLock<Result<Arc<ClientConfig>, Arc<TrustFault>>>,
}

/// Why it is not known whom to trust or who we are, as a sentence; paths in it are safe to show.
#[derive(Debug)]
pub enum TrustFault {
    /// A client certificate without its key.
    NoClientKey,
    /// A key without its client certificate.
    NoClientCertificate,
    /// This file of certificates cannot be read.
    Unread(String, FileFault),
    /// This file of certificates is not PEM.
    Pem(String, pem::Error),
    /// There is no certificate in this file.
    NoCertificate(String),
    /// This file of a key cannot be read.
    UnreadKey(String, SecretFileFault),
    /// There is no key in this file. The reason is not shown, because it could contain a part of the key.
    NoKey(String),
    /// The client certificate and its key do not match, or cannot be used.
    Identity(rustls::Error),
    /// The file that the variable `SSL_CERT_FILE` names in place of the system's roots cannot be read.
    Roots(String, FileFault),
    /// There are no roots: the places that were tried, and why they have none.
    NoRoots(String),
    /// The library refused.
    Library(rustls::Error),
}

impl fmt::Display for TrustFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClientKey => f.write_str("a client certificate needs its key: --client-key-file"),
            Self::NoClientCertificate => {
                f.write_str("a client key needs its certificate: --client-cert-file")
            }
            Self::Unread(name, fault) => write!(f, "{name}: {fault}"),
            Self::Pem(name, error) => write!(f, "{name}: {error}"),
            Self::NoCertificate(name) => write!(f, "{name}: it contains no PEM certificate"),
            Self::UnreadKey(name, fault) => write!(f, "{name}: {fault}"),
            Self::NoKey(name) => write!(f, "{name}: it contains no PEM private key"),
            Self::Identity(error) => {
                write!(f, "the client certificate and its key cannot be used: {error}")
            }
            Self::Roots(name, fault) => write!(
                f,
                "there is no CA certificate to trust: {ROOTS_VARIABLE} names {name}: {fault} (correct or unset it; then \
                 the system's are used)"
            ),
            Self::NoRoots(why) => f.write_str(why),
            Self::Library(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TrustFault {}

/// A client certificate with its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for TrustSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.identity.is_some() {
            "with"
        } else {
            "without"
        };
        write!(
            f,
            "TrustSet({} authorities, {who} a client certificate)",
            self.authorities.len()
        )
    }
}

impl Trust {
    /// Reads the operator's PEM files: an additional CA to trust, a client certificate with its chain, and
    /// its key, which must be a private file.
    pub fn load(
        authority: Option<&Path>,
        certificate: Option<&Path>,
        key: Option<&Path>,
    ) -> Result<Self, TrustFault> {
        let files = TrustFiles {
            authority: authority.map(Path::to_owned),
            certificate: certificate.map(Path::to_owned),
            key: key.map(Path::to_owned),
        };
        let current = Mutex::new(Arc::new(TrustSet::read(&files)?));
        let trust = Self {
            files,
            current,
            ..Self::default()
        };
        Ok(trust.noted())
    }

    /// The configuration for connections to `endpoint`; an empty one for plain http, which verifies nothing.
    pub fn config_for(&self, endpoint: &Endpoint) -> Result<ClientConfig, Arc<TrustFault>> {
        let current = Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner));
        current.config_for(endpoint)
    }
}

impl TrustSet {
    /// Reads the files. Blocking.
    pub(super) fn read(files: &TrustFiles) -> Result<Self, TrustFault> {
        let identity = match (&files.certificate, &files.key) {
            (Some(certificate), Some(key)) => Some(Identity {
                chain: certificates(certificate)?,
                key: private_key(key)?,
            }),
            (None, None) => None,
            (Some(_), None) => return Err(TrustFault::NoClientKey),
            (None, Some(_)) => return Err(TrustFault::NoClientCertificate),
        };
        let authority = files.authority.as_deref().map(certificates);
        let trust = Self {
            authorities: authority.transpose()?.unwrap_or_default(),
            identity,
            config: OnceLock::new(),
        };
        // Reports a certificate and a key that do not match now, without reading the platform's roots. Without them there is
        // nothing to report, and a command that answers from what is saved needs no TLS.
        if trust.identity.is_some() {
            trust.with_identity(
                ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions(),
            )?;
        }
        Ok(trust)
    }

    fn config_for(&self, endpoint: &Endpoint) -> Result<ClientConfig, Arc<TrustFault>> {
        if !endpoint.is_https() {
            let builder = ClientConfig::builder_with_provider(provider())
                .with_safe_default_protocol_versions()
                .map_err(TrustFault::Library)?;
            return Ok(builder
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth());
        }
        let config = self
            .config
            .get_or_init(|| self.build().map(Arc::new).map_err(Arc::new));
        config
            .as_ref()
            .map(|config| ClientConfig::clone(config))
            .map_err(Arc::clone)
    }

    fn build(&self) -> Result<ClientConfig, TrustFault> {
        let mut config = self.with_identity(
            ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions(),
        )?;
        check_roots(&crate::env::os)?;
        let verifier = Verifier::new_with_extra_roots(self.authorities.iter().cloned(), provider())
            .map_err(|error| no_roots(&error, &crate::env::os))?;
        config.dangerous().set_certificate_verifier(Arc::new(verifier));
        Ok(config)
    }

    /// A configuration with our certificate that trusts no CA yet.
    fn with_identity(
        &self,
        builder: Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error>,
    ) -> Result<ClientConfig, TrustFault> {
        let builder = builder
            .map_err(TrustFault::Library)?
            .with_root_certificates(RootCertStore::empty());
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(TrustFault::Identity),
        }
    }
}

/// Checks the file that replaces the system's roots: the library would read a pipe or a device forever.
fn check_roots(environment: Environment<'_>) -> Result<(), TrustFault> {
    let Some(path) = environment(ROOTS_VARIABLE).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = Path::new(&path);
    files::check_bounded(path, LARGEST_ROOTS)
        .map_err(|fault| TrustFault::Roots(values::path(&path.display().to_string()), fault))
}

/// Why there is no CA to trust. On Linux either of two variables replaces the system's CAs.
fn no_roots(error: &rustls::Error, environment: Environment<'_>) -> TrustFault {
    let named: Vec<String> = named_roots(environment)
        .into_iter()
        .map(|(named, trouble)| match trouble {
            Some(trouble) => format!("{named}: {trouble}"),
            None => format!("{named}, which has no readable PEM certificate"),
        })
        .collect();
    if named.is_empty() {
        return TrustFault::NoRoots(format!(
            "this machine has no CA certificates to trust: {error} (install ca-certificates, or set SSL_CERT_FILE)"
        ));
    }
    TrustFault::NoRoots(format!(
        "there is no CA certificate to trust: {} (correct or unset it; then the system's are used)",
        named.join("; ")
    ))
}

/// What to add if no trusted CA signed a certificate: the variables that replace the system's CAs, and what
/// is wrong with their paths. The library ignores paths that it cannot read.
pub(super) fn replaced_roots(environment: Environment<'_>) -> Option<String> {
    let named: Vec<String> = named_roots(environment)
        .into_iter()
        .map(|(named, trouble)| match trouble {
            Some(trouble) => format!("{named}: {trouble}"),
            None => named,
        })
        .collect();
    (!named.is_empty()).then(|| format!("instead of the system's CAs, {}", named.join("; ")))
}

/// For each path that a variable names for roots: a sentence that names it, and what is wrong with it.
fn named_roots(environment: Environment<'_>) -> Vec<(String, Option<String>)> {
    let named = |variable: &'static str| {
        let paths = environment(variable).filter(|path| !path.is_empty())?;
        // The file variable holds one path; the folder variable may hold several.
        let paths: Vec<PathBuf> = if variable == "SSL_CERT_FILE" {
            vec![PathBuf::from(paths)]
        } else {
            std::env::split_paths(&paths).collect()
        };
        let told = move |path: PathBuf| {
            let shown = values::path(&path.display().to_string());
            (format!("{variable} names {shown}"), trouble_of_roots(&path))
        };
        Some(paths.into_iter().map(told))
    };
    let all = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(named);
    all.into_iter().flatten().flatten().collect()
}

/// Why no roots can be read at a path, if so.
fn trouble_of_roots(path: &Path) -> Option<String> {
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return Some(error.to_string()),
    };
    if !metadata.is_dir() {
        return None;
    }
    match path.read_dir() {
        Ok(mut entries) => entries.next().is_none().then(|| "the folder is empty".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

/// The cryptography that all TLS here uses.
pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The certificates in a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustFault> {
    let name = values::path(&path.display().to_string());
    let pem = match files::read(path) {
        Ok((pem, _)) => pem,
        Err(fault) => return Err(TrustFault::Unread(name, fault)),
    };
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(found) if found.is_empty() => Err(TrustFault::NoCertificate(name)),
        Ok(found) => Ok(found),
        Err(error) => Err(TrustFault::Pem(name, error)),
    }
}

/// The key in a PEM file that only we can read.
pub(crate) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TrustFault> {
    let name = values::path(&path.display().to_string());
    match secret_file::read(path) {
        Ok(text) => PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| TrustFault::NoKey(name)),
        Err(fault) => Err(TrustFault::UnreadKey(name, fault)),
    }
}
