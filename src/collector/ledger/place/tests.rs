use std::collections::HashMap;

use super::*;
use crate::hss::auth::source::{CredentialSource, Password, ResolvedSource};
use crate::hss::{Credential, ProjectId, Token};

fn place(urls: &[&str], source: CredentialSource) -> LedgerPlace {
    let found = ResolvedSource {
        source,
        name: "x".into(),
    };
    let endpoint = |url: &&str| Endpoint::parse(url, false).unwrap();
    let mut setup = Setup::new(endpoint(&urls[0]), ProjectId::new("p").unwrap(), found);
    setup.endpoints = urls.iter().map(endpoint).collect();
    LedgerPlace::of(&setup, &|_| None).unwrap()
}

fn token(text: &str) -> CredentialSource {
    CredentialSource::Given(Credential::Token(Token::new(text).unwrap()))
}

#[test]
fn a_ledger_is_of_an_endpoint_whatever_proves_the_calls() {
    let name = |url: &str, source: CredentialSource| place(&[url], source).name;
    let here = name("https://hss.example.com/base", token("one"));
    assert!(
        here.starts_with("hss.example.com-443-") && here.contains(".calls"),
        "{here}"
    );
    let password = CredentialSource::Password {
        user: "u".into(),
        domain: "d".into(),
        password: Password::Given("canary".to_owned().into()),
    };
    for source in [
        token("two"),
        CredentialSource::TokenFile("/a".into()),
        CredentialSource::KeysFile("/b".into()),
        password,
        CredentialSource::Process(vec!["keys".into()]),
    ] {
        assert_eq!(here, name("https://HSS.example.com:443", source));
    }
    assert_ne!(here, name("https://hss.example.com:444", token("one")));
    assert!(name("http://[::1]:80", token("x")).starts_with("1-80-"));
}

#[test]
fn several_endpoints_have_one_ledger_in_whatever_order() {
    let name = |urls: &[&str]| place(urls, token("t")).name;
    let both = name(&["https://b.example.com", "https://a.example.com"]);
    assert!(both.starts_with("a.example.com-443-"), "{both}");
    assert_eq!(both, name(&["https://a.example.com", "https://b.example.com"]));
    assert_eq!(both, name(&["https://a.example.com"]));
}

#[test]
fn it_lies_where_this_user_is_logged_in_or_with_the_state_or_where_files_of_this_boot_are() {
    let folders = |set: &[(&str, &str)], login: &str| {
        let set: HashMap<String, String> = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let found = super::folders(&move |name: &str| set.get(name).cloned(), Path::new(login));
        found
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
    };
    let uid = rustix::process::geteuid().as_raw();
    let own = std::env::temp_dir()
        .join(format!("hss-top-{uid}"))
        .display()
        .to_string();
    assert_eq!(folders(&[], "/none"), std::slice::from_ref(&own));
    assert_eq!(
        folders(&[("XDG_STATE_HOME", "/s"), ("XDG_RUNTIME_DIR", "/proc")], "/none"),
        ["/proc/hss-top", "/s/hss-top", &own]
    );
    // A folder of ours in place of the login's, as a timer's program finds it.
    let folder = tempfile::tempdir().unwrap();
    let login = folder.path().display().to_string();
    for runtime in ["/none", "relative"] {
        assert_eq!(
            folders(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", runtime)], &login),
            [&format!("{login}/hss-top"), "/h/.local/state/hss-top", &own]
        );
    }
    folder.close().unwrap();
    assert_eq!(
        folders(&[("HOME", "/h")], &login),
        ["/h/.local/state/hss-top", &own]
    );
}

#[test]
fn each_api_has_a_ledger_of_its_own_in_the_same_folders() {
    let list = place(&["https://hss.example.com"], token("t"));
    assert_eq!(list.for_api(ListPods::NAME), list);
    let other = list.for_api("SynchronizeClusters");
    assert_eq!(other.folders, list.folders);
    assert_eq!(
        other.name,
        list.name.replace(".calls", "-SynchronizeClusters.calls")
    );
}

#[test]
fn what_is_not_a_folder_of_ours_is_not_that_of_the_login() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert_eq!(super::folders(&|_| None, &file).len(), 1);
    assert_eq!(super::folders(&|_| None, folder.path()).len(), 2);
    // Only root can give a folder away.
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(folder.path(), Some(1234), None).unwrap();
        assert_eq!(super::folders(&|_| None, folder.path()).len(), 1);
    }
}
