//! TLS: whom to trust, and who we are.
//!
//! Owns the platform's roots, an authority of the operator's own, and the client certificate. Certificates are always
//! verified; there is no switch against it. The platform's roots are read once, at the first connection that needs
//! them, which takes some milliseconds; files of the operator's are read at the start, so that a wrong one is told
//! before anything is shown.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::files;
use crate::hss::auth::secret_file;
use crate::hss::endpoint::Endpoint;
use crate::secrets::values;

use super::proxy::Environment;

/// The most bytes of a file of roots; a system's has some 230 KiB.
const LARGEST_ROOTS: u64 = 16 << 20;

/// Whom to trust and who we are; the default trusts the platform's roots and is nobody.
#[derive(Default)]
pub struct Trust {
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
}

/// A client certificate with its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let who = if self.identity.is_some() {
            "with"
        } else {
            "without"
        };
        write!(
            f,
            "Trust({} authorities, {who} a client certificate)",
            self.authorities.len()
        )
    }
}

impl Trust {
    /// Reads the operator's files, all PEM: an authority to trust besides the platform's, a client certificate with
    /// its chain, and its key, which has to be a private file.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn load(
        authority: Option<&Path>,
        certificate: Option<&Path>,
        key: Option<&Path>,
    ) -> Result<Self, String> {
        let identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Identity {
                chain: certificates(certificate)?,
                key: private_key(key)?,
            }),
            (None, None) => None,
            (Some(_), None) => return Err("a client certificate needs its key: --client-key-file".into()),
            (None, Some(_)) => return Err("a client key needs its certificate: --client-cert-file".into()),
        };
        let trust = Self {
            authorities: authority.map(certificates).transpose()?.unwrap_or_default(),
            identity,
            config: OnceLock::new(),
        };
        // A certificate and a key that do not belong together are told now, and without the platform's roots.
        trust.with_identity(
            ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions(),
        )?;
        Ok(trust)
    }

    /// The configuration for connections to `endpoint`; empty for plain http, which verifies nobody.
    pub fn config_for(&self, endpoint: &Endpoint) -> Result<ClientConfig, String> {
        if !endpoint.is_https() {
            let builder = ClientConfig::builder_with_provider(provider())
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?;
            return Ok(builder
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth());
        }
        let config = self.config.get_or_init(|| self.build().map(Arc::new));
        config
            .as_ref()
            .map(|config| ClientConfig::clone(config))
            .map_err(String::clone)
    }

    fn build(&self) -> Result<ClientConfig, String> {
        let mut config = self.with_identity(
            ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions(),
        )?;
        check_roots(&crate::env::os)?;
        let verifier = Verifier::new_with_extra_roots(self.authorities.iter().cloned(), provider())
            .map_err(|error| no_roots(&error, &crate::env::os))?;
        config.dangerous().set_certificate_verifier(Arc::new(verifier));
        Ok(config)
    }

    /// A configuration with our identity that trusts nobody yet.
    fn with_identity(
        &self,
        builder: Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error>,
    ) -> Result<ClientConfig, String> {
        let builder = builder
            .map_err(|error| error.to_string())?
            .with_root_certificates(RootCertStore::empty());
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| format!("the client certificate and its key cannot be used: {error}")),
        }
    }
}

/// Checks the file that replaces the system's roots: the library would read a pipe or a device for ever.
fn check_roots(environment: Environment<'_>) -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_FILE";
    let Some(path) = environment(VARIABLE).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = Path::new(&path);
    files::check_bounded(path, LARGEST_ROOTS).map_err(|why| {
        let shown = values::path(&path.display().to_string());
        format!(
            "there is no CA certificate to trust: {VARIABLE} names {shown}: {why} (correct or unset it; then the \
             system's are used)"
        )
    })
}

/// Why there is no CA to trust. On Linux either of two variables replaces all that the system trusts.
fn no_roots(error: &rustls::Error, environment: Environment<'_>) -> String {
    let named: Vec<String> = named_roots(environment)
        .into_iter()
        .map(|(named, trouble)| match trouble {
            Some(trouble) => format!("{named}: {trouble}"),
            None => format!("{named}, in which there is no PEM certificate that can be read"),
        })
        .collect();
    if named.is_empty() {
        return format!(
            "this machine has no CA certificates to trust: {error} (install ca-certificates, or set SSL_CERT_FILE)"
        );
    }
    format!(
        "there is no CA certificate to trust: {} (correct or unset it; then the system's are used)",
        named.join("; ")
    )
}

/// What to add where no trusted CA signed a certificate: the variables that replace the system's CAs, and what is wrong with
/// their paths. The library goes on with the paths that it can read.
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

/// Each path that a variable names for roots, as a sentence, and why it has none.
fn named_roots(environment: Environment<'_>) -> Vec<(String, Option<String>)> {
    let named = |variable: &'static str| {
        let paths = environment(variable).filter(|path| !path.is_empty())?;
        // A file's path is one; folders may be several.
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

/// Why nothing can be read at a path, where that is so.
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

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let name = values::path(&path.display().to_string());
    let (pem, _) = files::read(path).map_err(|why| format!("{name}: {why}"))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{name}: {error}"))?;
    if found.is_empty() {
        return Err(format!("{name}: there is no PEM certificate in it"));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let name = values::path(&path.display().to_string());
    let text = secret_file::read(path).map_err(|why| format!("{name}: {why}"))?;
    // What is wrong inside is not told: it would be part of the key.
    PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| format!("{name}: there is no PEM private key in it"))
}
