//! Tests of `guard`.

use super::*;
use hyper::Request;
use std::os::unix::fs::PermissionsExt as _;

const TOKEN: &str = "0123456789abcdef0123";

fn head(headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri("/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

fn check(
    guard: &RequestGuard,
    endpoint: ServedPath,
    headers: &[(&str, &str)],
) -> Result<ClientRole, GuardRefusal> {
    guard.check(endpoint, &head(headers), [127, 0, 0, 1].into(), 0, Instant::now())
}

#[test]
fn where_a_token_is_needed_only_probes_go_without() {
    let file = written(&format!("{TOKEN}\n"));
    let guard = RequestGuard::new(ClientTokens {
        reads: Some(ClientToken::read(file.path(), Instant::now()).unwrap()),
        decides: None,
    });
    let bearer = format!("bearer {TOKEN}");
    for headers in [("x-auth-token", TOKEN), ("authorization", &bearer)] {
        assert_eq!(check(&guard, ServedPath::Pods, &[headers]), Ok(ClientRole::Reads));
    }
    for headers in [
        vec![],
        vec![("authorization", TOKEN)],
        vec![("authorization", "Bearer ")],
        vec![("x-auth-token", "0123456789abcdef012")],
        vec![("x-auth-token", "0123456789abcdef01234")],
        vec![("x-auth-token", "wrong"), ("authorization", bearer.as_str())],
    ] {
        assert_eq!(
            check(&guard, ServedPath::Metrics, &headers),
            Err(GuardRefusal::NoToken),
            "{headers:?}"
        );
    }
    assert_eq!(check(&guard, ServedPath::Health, &[]), Ok(ClientRole::Reads));
    assert!(!format!("{guard:?}").contains(TOKEN));
}

#[test]
fn only_the_token_that_decides_decides() {
    let [reads, decides] = [TOKEN, "another-token-that-is-long"].map(written);
    let read = |file: &tempfile::NamedTempFile| ClientToken::read(file.path(), Instant::now()).ok();
    let both = ClientTokens {
        reads: read(&reads),
        decides: read(&decides),
    };
    let one = ClientTokens {
        reads: None,
        decides: read(&decides),
    };
    let guards = [both, one].map(RequestGuard::new);
    let ask = |guard, token| check(guard, ServedPath::Acks, &[("x-auth-token", token)]);
    for (token, roles) in [
        (TOKEN, [Ok(ClientRole::Reads), Err(GuardRefusal::NoToken)]),
        ("another-token-that-is-long", [Ok(ClientRole::Decides); 2]),
        ("another-token-that-is-lonh", [Err(GuardRefusal::NoToken); 2]),
    ] {
        assert_eq!([ask(&guards[0], token), ask(&guards[1], token)], roles, "{token}");
    }
}

#[test]
fn a_token_that_changes_holds_from_then_on() {
    let file = written(TOKEN);
    let start = Instant::now();
    let token = ClientToken::read(file.path(), start).unwrap();
    let later = |seconds: u64| start + Duration::from_secs(seconds);
    std::fs::write(file.path(), "another-token-that-is-long").unwrap();
    assert!(token.is(TOKEN.as_bytes(), later(1)), "nobody looked yet");
    assert!(token.is(b"another-token-that-is-long", later(3)));
    assert!(!token.is(TOKEN.as_bytes(), later(3)));
    std::fs::write(file.path(), "short").unwrap();
    assert!(
        token.is(b"another-token-that-is-long", later(9)),
        "the one before holds"
    );
}

#[test]
fn a_token_that_can_be_guessed_or_read_is_refused() {
    for text in [
        "",
        "short",
        "with a space in the middle",
        "0123456789abcde\u{e9}f",
    ] {
        let file = written(text);
        let fault = ClientToken::read(file.path(), Instant::now())
            .unwrap_err()
            .to_string();
        assert!(fault.contains("16 printable characters"), "{fault}");
    }
    let file = written(TOKEN);
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let fault = ClientToken::read(file.path(), Instant::now())
        .unwrap_err()
        .to_string();
    assert!(fault.contains("chmod 600"), "{fault}");
}

#[test]
fn without_a_token_only_this_machine_is_a_host() {
    let guard = RequestGuard::default();
    for host in [
        "localhost",
        "LOCALHOST:9464",
        "127.0.0.1:9464",
        "[::1]:9464",
        "10.0.0.7",
    ] {
        assert_eq!(
            check(&guard, ServedPath::Pods, &[("host", host)]),
            Ok(ClientRole::Decides),
            "{host}"
        );
    }
    assert_eq!(check(&guard, ServedPath::Pods, &[]), Ok(ClientRole::Decides));
    for host in [
        "rebind.example",
        "rebind.example:9464",
        "localhost.example",
        "",
        "a b",
    ] {
        assert_eq!(
            check(&guard, ServedPath::Pods, &[("host", host)]),
            Err(GuardRefusal::ForeignHost),
            "{host}"
        );
    }
}
