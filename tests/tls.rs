//! TLS: a private authority, another host's certificate, client certificates.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::sync::Arc;

use hss_top::clock::Clock;
use hss_top::fleet::Scope;
use hss_top::hss::transport::tls::Trust;
use hss_top::hss::{Client, Credential, Endpoint, Ground, ListPods, ProjectId, Setup, Token};
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
    let ground = Ground {
        trust: Arc::new(trust),
        ..Ground::new(Clock::system())
    };
    let call = ListPods::new("0", 10, Scope::default()).unwrap();
    let result = Client::new(setup, ground).list_pods(&call).await;
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

#[test]
fn wrong_files_are_told_by_name_and_without_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let authority = Authority::new("files");
    let (file, (certificate, key)) = (authority.file(), authority.client());
    let other = Authority::new("files-of-another");
    let (_, foreign_key) = other.client();
    let error = |authority: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>| {
        Trust::load(authority, certificate, key).unwrap_err()
    };
    assert!(error(Some(&key), None, None).contains("no PEM certificate"));
    assert!(error(None, Some(&certificate), Some(&file)).contains("no PEM private key"));
    assert!(error(None, Some(&certificate), Some(&foreign_key)).contains("cannot be used"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(error(None, Some(&certificate), Some(&key)).contains("chmod 600"));
}
