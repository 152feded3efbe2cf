use std::collections::HashMap;

use super::*;
use crate::hss::auth::source::{CredentialSource, ResolvedSource};
use crate::hss::{Credential, Endpoint, ProjectId, Token};

fn place(name: &str) -> LedgerPlace {
    let folder = std::env::temp_dir().join(format!("hss-top-ledgers-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    LedgerPlace {
        folders: vec![folder],
        name: "it.calls".to_owned(),
    }
}

fn ledger(place: &LedgerPlace, limit: u32) -> Ledger {
    Ledger::new(place.clone(), limit, Clock::system())
}

async fn goes(ledger: &mut Ledger) -> bool {
    ledger.claim(1, true).await.unwrap().0 == ClaimAnswer::Go
}

#[tokio::test]
async fn a_program_is_told_how_many_calls_others_made() {
    let place = place("told");
    let (mut one, mut other) = (ledger(&place, 3), ledger(&place, 3));
    assert!(goes(&mut one).await);
    let view = one.settle().await.unwrap();
    assert_eq!((view.ages.len(), view.own), (1, 1));
    assert_eq!(one.settle().await, None, "there is no call under way");
    assert!(goes(&mut other).await);
    let (answer, view) = other.claim(1, true).await.unwrap();
    assert_eq!((answer, view.ages.len(), view.own), (ClaimAnswer::Go, 3, 2));
    let (answer, view) = one.claim(1, true).await.unwrap();
    assert!(matches!(answer, ClaimAnswer::Wait(_)) && one.is_waiting);
    assert_eq!((view.ages.len(), view.own), (3, 1));
    let look = one.look().await.unwrap();
    assert_eq!((look.ages.len(), look.own), (3, 1));
    let path = one.path().unwrap();
    let before = std::fs::read(&path).unwrap();
    let holder = std::fs::File::open(&path).unwrap();
    rustix::fs::flock(&holder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert_eq!(other.look().await.unwrap().own, 2, "a look needs no lock");
    assert_eq!(std::fs::read(&path).unwrap(), before, "and changes nothing");
    drop(holder);
    one.leave().await;
    assert!(!one.is_waiting && one.trouble().is_none() && one.notice().is_none());
    std::fs::remove_dir_all(&place.folders[0]).unwrap();
}

#[tokio::test]
async fn a_pause_is_for_all() {
    let place = place("pause");
    let (mut one, mut other) = (ledger(&place, 3), ledger(&place, 3));
    one.pause(Duration::from_secs(30)).await;
    assert!(!goes(&mut other).await);
    std::fs::remove_dir_all(&place.folders[0]).unwrap();
}

#[tokio::test]
async fn a_ledger_that_cannot_be_used_says_why_and_one_that_is_damaged_says_so_once() {
    let nowhere = LedgerPlace {
        folders: vec!["/proc/self/none".into()],
        name: "x".into(),
    };
    let mut lost = ledger(&nowhere, 3);
    assert!(matches!(lost.claim(1, true).await, Err(LedgerFault::Unusable(_))));
    let why = lost.trouble().unwrap();
    assert!(
        why.starts_with("calls of other programs are not counted: /proc/self/none"),
        "{why}"
    );
    assert_eq!(lost.path(), None);

    let place = place("damage");
    let mut one = ledger(&place, 3);
    assert!(goes(&mut one).await);
    let path = one.path().unwrap();
    std::fs::write(&path, "not a record").unwrap();
    assert!(!goes(&mut one).await);
    assert!(one.notice().unwrap().contains("damaged"));
    assert_eq!(one.notice(), None);
    let holder = std::fs::File::open(&path).unwrap();
    rustix::fs::flock(&holder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert!(matches!(one.claim(1, true).await, Err(LedgerFault::Busy(_))));
    assert!(one.trouble().unwrap().contains("another program holds"));
    drop(holder);
    assert!(!goes(&mut one).await && one.trouble().is_none());
    std::fs::remove_dir_all(&place.folders[0]).unwrap();
}

#[test]
fn a_ledger_is_of_an_endpoint_and_an_account() {
    let name = |url: &str, source: CredentialSource| {
        let endpoint = Endpoint::parse(url, false).unwrap();
        let found = ResolvedSource {
            source,
            name: "x".into(),
        };
        let setup = Setup::new(endpoint, ProjectId::new("p").unwrap(), found);
        LedgerPlace::of(&setup, &|_| None).unwrap().name
    };
    let token = |text: &str| CredentialSource::Given(Credential::Token(Token::new(text).unwrap()));
    let file = |path: &str| CredentialSource::TokenFile(path.into());
    let here = name("https://hss.example.com/base", token("one"));
    assert!(
        here.starts_with("hss.example.com-443-") && here.contains(".calls"),
        "{here}"
    );
    assert_eq!(
        here,
        name("https://HSS.example.com:443", token("two")),
        "a token is another every day"
    );
    assert_ne!(here, name("https://hss.example.com:444", token("one")));
    assert_ne!(here, name("https://hss.example.com", file("/a")));
    assert_ne!(name("https://h", file("/a")), name("https://h", file("/b")));
    assert!(name("http://[::1]:80", token("x")).starts_with("1-80-"));
}

#[test]
fn it_lies_with_the_state_or_where_this_login_may_write() {
    let folders = |set: &[(&str, &str)]| {
        let set: HashMap<String, String> = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let found = super::folders(&move |name: &str| set.get(name).cloned());
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
    assert_eq!(folders(&[]), std::slice::from_ref(&own));
    assert_eq!(
        folders(&[("XDG_STATE_HOME", "/s"), ("XDG_RUNTIME_DIR", "/proc")]),
        ["/s/hss-top", "/proc/hss-top", &own]
    );
    assert_eq!(
        folders(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/none")]),
        ["/h/.local/state/hss-top", &own]
    );
}
