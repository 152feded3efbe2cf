//! TLS: a private authority, another host's certificate, client certificates.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::sync::Arc;

use hss_top::clock::Clock;
use hss_top::fleet::Scope;
use hss_top::hss::transport::tls::Trust;
use hss_top::hss::{Client, Credential, Endpoint, Ground, ListPods, ProjectId, Setup, Token};
use support::scripted::Step;
use support::tls::{Authority, TlsServer};

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
