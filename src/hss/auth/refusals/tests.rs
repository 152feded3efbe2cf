//! Refusals are remembered in a private file, and for no longer than they hold.

use super::*;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

/// A path of a missing folder, in one that is removed with its test.
fn missing_folder() -> (TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("state");
    (temp, folder)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// A refusal, which means a rest of five minutes.
fn refused(seconds: i64) -> PasswordRest {
    PasswordRest::of(RestCause::Refused, at(seconds))
}

fn since(refusals: &Refusals, user: &[&str], seconds: i64) -> Option<Timestamp> {
    refusals.resting(user, at(seconds)).map(|rest| rest.at)
}

#[test]
fn a_refusal_is_remembered_for_its_user_until_its_time_is_over() {
    let (_temp, folder) = missing_folder();
    let refusals = Refusals::in_folder(&folder);
    let (ops, dev) = (["iam", "acme", "ops"], ["iam", "acme", "dev"]);
    refusals.forget(&ops);
    assert!(!folder.exists(), "nothing to forget");
    refusals.note(&ops, refused(0), None);
    refusals.note(&ops, refused(10), None);
    let again = Refusals::in_folder(&folder);
    assert_eq!(since(&again, &ops, 11), Some(at(10)));
    assert_eq!(since(&again, &ops, 309), Some(at(10)));
    assert_eq!(since(&again, &ops, 310), None);
    assert_eq!(since(&again, &ops, -280), Some(at(-280)), "a clock set back");
    assert_eq!(since(&again, &ops, -9000), Some(at(-9000)), "by hours");
    assert_eq!(since(&again, &ops, -8701), Some(at(-9000)));
    assert_eq!(since(&again, &ops, -8700), None, "its time is over");
    assert_eq!(since(&again, &dev, 11), None);
    assert_eq!(since(&again, &["iam", "acmeo", "ps"], 11), None);
    again.note(&dev, refused(20), None);
    again.forget(&ops);
    assert_eq!(since(&refusals, &ops, 21), None);
    assert_eq!(since(&refusals, &dev, 21), Some(at(20)));
}

#[test]
fn a_corrected_password_is_told_apart_by_a_mark_that_says_next_to_nothing_of_it() {
    let (_temp, folder) = missing_folder();
    let refusals = Refusals::in_folder(&folder);
    let (ops, wrong) = (["iam", "acme", "ops"], SecretString::from("wrong"));
    assert!(!refusals.is_other(&ops, &wrong), "nothing was refused");
    refusals.note(&ops, refused(0), Some(&wrong));
    assert!(!refusals.is_other(&ops, &wrong));
    let others = (0..64).map(|number| SecretString::from(format!("right-{number}")));
    let other = others
        .filter(|password| refusals.is_other(&ops, password))
        .count();
    assert!(other > 50, "{other} of 64 differ in their mark");
    assert_eq!(refusals.mark(&ops).map(|mark| mark.len()), Some(2), "eight bits");
    // A clock that was set back begins the rest again, for the same password.
    assert_eq!(since(&refusals, &ops, -280), Some(at(-280)));
    assert!(!refusals.is_other(&ops, &wrong) && refusals.mark(&ops).is_some());
    refusals.note(&ops, refused(0), None);
    assert!(!refusals.is_other(&ops, &"right".into()), "any password rests");
}

#[test]
fn the_file_is_private_bounded_and_names_nobody() {
    let (_temp, folder) = missing_folder();
    let refusals = Refusals::in_folder(&folder);
    for number in 0..200 {
        refusals.note(
            &["iam.example", "acme", &format!("ops-{number}")],
            refused(number),
            None,
        );
    }
    let text = fs::read_to_string(refusals.path()).unwrap();
    assert!(
        !text.contains("ops") && !text.contains("acme") && !text.contains("iam."),
        "{text}"
    );
    assert_eq!(text.matches("\"at\"").count(), MOST_USERS);
    assert_eq!(
        fs::metadata(refusals.path()).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        2,
        "only the file and its lock are left"
    );
    assert!(since(&refusals, &["iam.example", "acme", "ops-199"], 199).is_some());
    assert!(since(&refusals, &["iam.example", "acme", "ops-0"], 0).is_none());
    let (_temp, other) = missing_folder();
    let elsewhere = Refusals::in_folder(&other);
    elsewhere.note(&["iam.example", "acme", "ops-199"], refused(199), None);
    let hash = &elsewhere.read().unwrap().users[0].user;
    assert!(!text.contains(hash.as_str()), "each file has a salt of its own");
}

#[test]
fn a_refusal_that_cannot_be_remembered_is_reported() {
    let (_temp, folder) = missing_folder();
    let refusals = Refusals::in_folder(&folder);
    let in_client = refusals.clone();
    fs::create_dir_all(refusals.path()).unwrap();
    in_client.note(&["a"], refused(0), None);
    let trouble = refusals.trouble().unwrap();
    assert!(
        trouble.contains(NAME) && trouble.contains("directory"),
        "{trouble}"
    );
    fs::remove_dir(refusals.path()).unwrap();
    in_client.note(&["a"], refused(0), None);
    assert_eq!(refusals.trouble(), None);
    fs::remove_file(refusals.path()).unwrap();
    fs::create_dir_all(refusals.path()).unwrap();
    in_client.note(&["a"], refused(0), None);
    in_client.forget(&["a"]);
    assert_eq!(
        refusals.trouble(),
        None,
        "an accepted password need not be remembered"
    );
}

#[test]
fn an_unreadable_file_is_replaced() {
    let (_temp, folder) = missing_folder();
    fs::create_dir_all(&folder).unwrap();
    let refusals = Refusals::in_folder(&folder);
    fs::write(refusals.path(), "junk").unwrap();
    assert_eq!(since(&refusals, &["a"], 0), None);
    refusals.note(&["a"], refused(0), None);
    assert_eq!(since(&refusals, &["a"], 0), Some(at(0)));
}
