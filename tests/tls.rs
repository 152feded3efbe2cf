//! TLS: a private authority, another host's certificate, client certificates.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::sync::Arc;

use hss_top::clock::Clock;
use hss_top::fleet::Scope;
use hss_top::hss::transport::tls::Trust;
use hss_top::hss::{Client, Credential, Endpoint, ListPods, ProjectId, Setup, Token, TransportContext};
use support::run::run;
use support::scripted::Step;
use support::tls::{Authority, ConnectProxy, TlsServer};

fn page() -> Vec<u8> {
    Step::json("200 OK", include_str!("fixtures/page-example.json")).bytes()
}

async fn ask(server: &TlsServer, trust: Trust) -> Result<(), String> {
    let setup = Setup::new(
        Endpoint::parse(&server.url, false).unwrap(),
        ProjectId::new("p").unwrap(),
        Credential::Token(Token::new("canary").unwrap()),
    );
    let context = TransportContext {
        trust: Arc::new(trust),
        ..TransportContext::new(Clock::system())
    };
    let call = ListPods::new("0", 10, Scope::default()).unwrap();
    let result = Client::new(setup, context).list_pods(&call).await;
    result.map(|_| ()).map_err(|error| error.to_string())
}

fn trusting(authority: &Path) -> Trust {
    Trust::load(Some(authority), None, None).unwrap()
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_where_it_is_named() {
    let authority = Authority::new("private");
    let server = authority.serve("localhost", false, page()).await;
    let stranger = ask(&server, Trust::default()).await.unwrap_err();
    assert!(
        stranger.contains("UnknownIssuer") && stranger.contains("--ca-file"),
        "{stranger}"
    );
    ask(&server, trusting(&authority.file())).await.unwrap();
}

/// As after the renewal of a private CA, while hss-top runs.
#[tokio::test]
async fn a_changed_file_of_authorities_is_read_again_by_the_same_client() {
    let (old, new) = (Authority::new("renewed-old"), Authority::new("renewed-new"));
    let server = new.serve("localhost", false, page()).await;
    let file = old.file().with_extension("used");
    std::fs::copy(old.file(), &file).unwrap();
    let setup = Setup::new(
        Endpoint::parse(&server.url, false).unwrap(),
        ProjectId::new("p").unwrap(),
        Credential::Token(Token::new("canary").unwrap()),
    );
    let context = TransportContext {
        trust: Arc::new(trusting(&file)),
        ..TransportContext::new(Clock::system())
    };
    let client = Client::new(setup, context);
    let call = ListPods::new("0", 10, Scope::default()).unwrap();
    let is_unknown = async || {
        let error = client.list_pods(&call).await.unwrap_err();
        error.to_string().contains("UnknownIssuer")
    };
    assert!(is_unknown().await);
    std::fs::write(&file, "half a file").unwrap();
    assert!(is_unknown().await);
    std::fs::copy(new.file(), &file).unwrap();
    client.list_pods(&call).await.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new("another");
    let server = authority.serve("hss.example", false, page()).await;
    let error = ask(&server, trusting(&authority.file())).await.unwrap_err();
    assert!(
        error.contains("not valid for name") || error.contains("NotValidForName"),
        "{error}"
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks() {
    let authority = Authority::new("mutual");
    let server = authority.serve("localhost", true, page()).await;
    let (file, (certificate, key)) = (authority.file(), authority.client());
    assert!(
        ask(&server, trusting(&file)).await.is_err(),
        "nobody came in without one"
    );
    let known = Trust::load(Some(&file), Some(&certificate), Some(&key)).unwrap();
    assert!(!format!("{known:?}").contains("PRIVATE"));
    ask(&server, known).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_https_proxy_sees_the_host_and_nothing_of_the_call() {
    let authority = Authority::new("tunnel");
    let server = authority.serve("hss.example.test", false, page()).await;
    let proxy = ConnectProxy::to(server.port).await;
    let (file, address) = (
        authority.file(),
        format!("http://ops:canary-proxy@{}", proxy.address),
    );
    let doctor = move || {
        let flags = [
            "doctor",
            "--endpoint",
            "https://hss.example.test",
            "--project-id",
            "p",
            "--ca-file",
            file.to_str().unwrap(),
        ];
        let variables = [
            ("HSS_TOP_TOKEN", "canary-token"),
            ("HTTPS_PROXY", &address),
            ("HOME", "/tmp"),
        ];
        run(&flags, &variables)
    };
    let (code, out, err) = tokio::task::spawn_blocking(doctor).await.unwrap();
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("ok       call") && !out.contains("canary"), "{out}");
    let heads = proxy.heads();
    assert!(
        heads[0].starts_with("CONNECT hss.example.test:443 HTTP/1.1\r\n"),
        "{heads:?}"
    );
    assert!(heads.iter().all(|head| !head.contains("canary-token")));
}

/// A proxy that answers each CONNECT with this status; its address.
fn refusing_proxy(status: &'static str) -> std::net::SocketAddr {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut head) = (stream.unwrap(), [0; 4096]);
            if stream.read(&mut head).is_ok_and(|length| length > 0) {
                let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            }
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_opens_no_tunnel_is_told_with_what_helps() {
    for (status, said, advice) in [
        (
            "403 Forbidden",
            "the proxy refused the connection (403)",
            "ask whoever runs the proxy",
        ),
        (
            "502 Bad Gateway",
            "the proxy refused the connection (502)",
            "the proxy cannot reach the host",
        ),
        (
            "503 Service Unavailable\r\nContent-Type: text/html",
            "the proxy refused the connection (503)",
            "the proxy cannot reach the host",
        ),
        (
            "302 Found\r\nLocation: https://portal.example/",
            "the proxy redirects elsewhere (302): a sign-in page?",
            "sign in to the network with a browser",
        ),
        (
            "400 canary-proxy of you",
            "the proxy refused the connection (400)",
            "ask whoever runs the proxy",
        ),
        (
            "407 Proxy Authentication Required",
            "the proxy asks for a user and a password (407)",
            "needs the right user:password@",
        ),
    ] {
        let proxy = refusing_proxy(status).to_string();
        let address = format!("http://ops:canary-proxy@{proxy}");
        let out = doctor("https://hss.example.test", None, &[("HTTPS_PROXY", &address)]).await;
        assert!(!out.contains("canary"), "{out}");
        let said = format!("cannot connect to hss.example.test via proxy {proxy}: {said}");
        assert!(out.contains(&said) && out.contains(advice), "{status}: {out}");
        assert!(
            !out.contains("tunnel error") && !out.contains("is the network up"),
            "{out}"
        );
    }
}

/// Runs `doctor` against a server: its lines.
async fn doctor(url: &str, ca: Option<&Path>, variables: &[(&'static str, &str)]) -> String {
    let mut flags: Vec<String> = ["doctor", "--endpoint", url, "--project-id", "p"]
        .map(str::to_owned)
        .to_vec();
    if let Some(ca) = ca {
        flags.extend(["--ca-file".to_owned(), ca.display().to_string()]);
    }
    let variables: Vec<(&str, String)> = variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let ask = move || {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let mut all = vec![("HSS_TOP_TOKEN", "t")];
        all.extend(variables.iter().map(|(name, value)| (*name, value.as_str())));
        let (_, out, err) = run(&flags, &all);
        out + &err
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_taken_is_told_in_words_with_what_helps() {
    let authority = Authority::new("words");
    let (ca, stranger) = (authority.file(), Authority::new("words-of-another"));
    for (config, said, advice) in [
        (
            authority.self_signed_server(),
            "the server presents a CA certificate as its own, as self-signed ones often are (CaUsedAsEndEntity)",
            "basicConstraints=CA:FALSE",
        ),
        (
            authority.expired_server("localhost"),
            "the server certificate expired on 2002-01-01 00:00:00 UTC; this machine's clock says 20",
            "renew the certificate",
        ),
        (
            authority.server("hss.example", false),
            "the server certificate is not valid for name localhost, only for hss.example",
            "is the endpoint right?",
        ),
        (
            stranger.server("localhost", false),
            "the server certificate is not signed by a trusted CA (UnknownIssuer)",
            "use --ca-file",
        ),
        (
            authority.server("localhost", true),
            "the server wants a client certificate (CertificateRequired)",
            "use --client-cert-file and --client-key-file",
        ),
    ] {
        let server = authority.serve_as(config, page()).await;
        let out = doctor(&server.url, Some(&ca), &[]).await;
        let call = out.split_once("call ").unwrap().1;
        assert!(
            call.contains(said) && call.contains(advice),
            "the call of {said}: {out}"
        );
        // The handshake of TLS 1.3 ends before the server has looked for our certificate.
        if !said.contains("client certificate") {
            let handshake = out.split_once(" TLS ").unwrap().1.split_once("call ").unwrap().0;
            assert!(
                handshake.contains(said) && handshake.contains(advice),
                "the handshake of {said}: {out}"
            );
        }
        assert!(!out.contains("is the network up"), "{out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_takes_all_roots_away_is_named() {
    let authority = Authority::new("roots");
    let server = authority.serve("localhost", false, page()).await;
    let empty = authority.file().with_file_name("empty.pem");
    std::fs::write(&empty, "no PEM").unwrap();
    for (path, said) in [
        (
            "/nonexistent/roots.pem",
            "SSL_CERT_FILE names /nonexistent/roots.pem: No such file",
        ),
        (
            empty.to_str().unwrap(),
            "empty.pem, which has no readable PEM certificate",
        ),
    ] {
        let out = doctor(&server.url, None, &[("SSL_CERT_FILE", path)]).await;
        assert_eq!(out.matches(said).count(), 2, "handshake and call: {out}");
        assert!(
            out.contains("correct or unset it") && !out.contains("is the network up"),
            "{out}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_roots_that_are_of_no_use_are_named_in_the_handshake_and_the_call() {
    let authority = Authority::new("folders-of-roots");
    let server = authority.serve("localhost", false, page()).await;
    let another = Authority::new("another-root");
    let other = another.file().display().to_string();
    let folder = authority.file().with_file_name("empty-folder");
    let full = authority.file().with_file_name("full-folder");
    for folder in [&folder, &full] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(full.join("a.pem"), "no PEM").unwrap();
    let (empty, full) = (folder.display().to_string(), full.display().to_string());
    for (variables, said) in [
        (
            vec![("SSL_CERT_DIR", "/nonexistent/roots")],
            "there is no CA certificate to trust: SSL_CERT_DIR names /nonexistent/roots: No such file"
                .to_owned(),
        ),
        (
            vec![("SSL_CERT_DIR", &*empty)],
            format!("there is no CA certificate to trust: SSL_CERT_DIR names {empty}: the folder is empty"),
        ),
        (
            vec![("SSL_CERT_DIR", &*full)],
            format!("SSL_CERT_DIR names {full}, which has no readable PEM certificate"),
        ),
        (
            vec![("SSL_CERT_FILE", &*other), ("SSL_CERT_DIR", "/nonexistent/roots")],
            format!(
                "(UnknownIssuer): instead of the system's CAs, SSL_CERT_FILE names {other}; SSL_CERT_DIR names \
                 /nonexistent/roots: No such file"
            ),
        ),
    ] {
        let out = doctor(&server.url, None, &variables).await;
        assert_eq!(out.matches(&said).count(), 2, "{said}: {out}");
        assert!(!out.contains("is the network up"), "{out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roots_that_have_no_end_are_refused_and_named() {
    let authority = Authority::new("endless-roots");
    let server = authority.serve("localhost", false, page()).await;
    let fifo = authority.file().with_file_name("fifo");
    let _ = std::fs::remove_file(&fifo);
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    for path in [fifo.to_str().unwrap(), "/dev/null"] {
        let out = doctor(&server.url, None, &[("SSL_CERT_FILE", path)]).await;
        assert_eq!(
            out.matches(": it is not a regular file").count(),
            2,
            "handshake and call: {out}"
        );
        assert!(
            out.contains("SSL_CERT_FILE names") && out.contains("correct or unset it"),
            "{out}"
        );
    }
}

#[test]
fn wrong_files_are_told_by_name_and_without_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let authority = Authority::new("files");
    let (file, (certificate, key)) = (authority.file(), authority.client());
    let other = Authority::new("files-of-another");
    let (_, foreign_key) = other.client();
    let error = |authority: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>| {
        Trust::load(authority, certificate, key).unwrap_err().to_string()
    };
    assert!(error(Some(&key), None, None).contains("no PEM certificate"));
    assert!(error(None, Some(&certificate), Some(&file)).contains("no PEM private key"));
    assert!(error(None, Some(&certificate), Some(&foreign_key)).contains("cannot be used"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(error(None, Some(&certificate), Some(&key)).contains("chmod 600"));
}
