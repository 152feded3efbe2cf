//! An authority, certificates from it, and a server that speaks TLS with them.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// An authority of the test's own, with a folder for its files.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The authority's own certificate as a PEM file.
    pub fn file(&self) -> PathBuf {
        self.write("ca.pem", &self.issuer.pem())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn issue(&self, host: &str) -> (String, CertificateDer<'static>, KeyPair) {
        self.sign(CertificateParams::new(vec![host.to_owned()]).unwrap())
    }

    fn sign(&self, mut params: CertificateParams) -> (String, CertificateDer<'static>, KeyPair) {
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), certificate.der().clone(), key)
    }

    /// A client's certificate and key as PEM files.
    pub fn client(&self) -> (PathBuf, PathBuf) {
        let (pem, _, key) = self.issue("operator.example");
        (
            self.write("client.pem", &pem),
            self.write("client.key", &key.serialize_pem()),
        )
    }

    /// The certificate and the key of a server of `host` as PEM.
    pub fn server_pem(&self, host: &str) -> (String, String) {
        let (pem, _, key) = self.issue(host);
        (pem, key.serialize_pem())
    }

    /// How a server of `host` speaks TLS; with `for_known`, only to clients of this authority.
    pub fn server(&self, host: &str, for_known: bool) -> Arc<ServerConfig> {
        let (_, certificate, key) = self.issue(host);
        self.with_certificate(certificate, &key, for_known)
    }

    /// How a server speaks TLS that shows the authority's own certificate, as `openssl req -x509` makes one.
    pub fn self_signed_server(&self) -> Arc<ServerConfig> {
        self.with_certificate(self.issuer.der().clone(), self.issuer.key(), false)
    }

    /// How a server of `host` speaks TLS whose certificate ended long ago.
    pub fn expired_server(&self, host: &str) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        let (_, certificate, key) = self.sign(params);
        self.with_certificate(certificate, &key, false)
    }

    fn with_certificate(
        &self,
        certificate: CertificateDer<'static>,
        key: &KeyPair,
        for_known: bool,
    ) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if for_known {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        } else {
            builder.with_no_client_auth()
        };
        Arc::new(builder.with_single_cert(vec![certificate], key).unwrap())
    }

    /// Serves one answer again and again as `host`; with `for_known`, only to clients of this authority.
    pub async fn serve(&self, host: &str, for_known: bool, answer: Vec<u8>) -> TlsServer {
        self.serve_as(self.server(host, for_known), answer).await
    }

    /// Serves one answer again and again, speaking TLS like this.
    pub async fn serve_as(&self, config: Arc<ServerConfig>, answer: Vec<u8>) -> TlsServer {
        let acceptor = TlsAcceptor::from(config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        TlsServer {
            port,
            url: format!("https://localhost:{port}"),
            _tasks: tasks,
        }
    }
}

/// A proxy that takes CONNECT and leads every tunnel to `port` of this machine; keeps the heads of what it was asked.
pub struct ConnectProxy {
    pub address: std::net::SocketAddr,
    heads: Arc<std::sync::Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl ConnectProxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match client.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                if head.is_empty() {
                    continue;
                }
                seen.lock()
                    .unwrap()
                    .push(String::from_utf8_lossy(&head).into_owned());
                let mut server = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                // Either end may close: that is the end of the tunnel.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        });
        Self {
            address,
            heads,
            _tasks: tasks,
        }
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// A running server; ends when dropped.
pub struct TlsServer {
    pub port: u16,
    pub url: String,
    _tasks: JoinSet<()>,
}
