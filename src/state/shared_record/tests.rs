use super::*;
use crate::fleet::changes::ChangeKind;
use crate::fleet::fixture::node;

fn at(second: i64) -> Timestamp {
    Timestamp::from_millisecond(1_760_000_000_123 + second * 1000).unwrap()
}

fn acknowledgement() -> Acknowledgement {
    Acknowledgement {
        who: "ops".to_owned(),
        at: at(0),
        pod: node("a").build().key,
        finding: "dd23e1be204952fe".to_owned(),
        until: Some(at(60)),
        undone: None,
    }
}

fn mutes() -> [Mute; 3] {
    let mute = |target, end| Mute {
        who: "ops".to_owned(),
        at: at(0),
        target,
        end,
        undone: Some(at(5)),
    };
    let name = RemoteText::name;
    [
        mute(
            MuteTarget::Pod {
                key: node("a").build().key,
                name: name("a\u{202e}"),
                namespace: name("pay"),
                cluster: name(""),
            },
            MuteEnd::Changed,
        ),
        mute(
            MuteTarget::Namespace {
                namespace: name("pay"),
                cluster: name("c"),
            },
            MuteEnd::At(at(60)),
        ),
        mute(MuteTarget::Filter("ns:load-*".to_owned()), MuteEnd::Never),
    ]
}

#[test]
fn a_decision_is_read_as_it_was_written_and_its_id_is_the_same_everywhere() {
    let row = acknowledgement();
    let object = row.write();
    assert_eq!(Acknowledgement::read(&object, at(1)), Ok(row.clone()));
    assert_eq!(object["id"], "f0ce5c26f8c87b4e");
    let undone = Acknowledgement {
        undone: Some(at(9)),
        ..row
    };
    assert_eq!(undone.id(), object["id"], "it is the same one");
    for mute in mutes() {
        assert_eq!(Mute::read(&mute.write(), at(1)), Ok(mute));
    }
    let [one, two, three] = mutes().map(|mute| mute.id());
    assert!(one != two && two != three && one != three);
}

#[test]
fn what_another_machine_sends_is_made_safe_or_refused() {
    let with = |name: &str, value: Value| {
        let mut object = acknowledgement().write();
        object[name] = value;
        Acknowledgement::read(&object, at(1))
    };
    let read = with("who", json!("ops\u{1b}[2J\u{202e}")).unwrap();
    assert!(
        read.who.is_ascii() && !read.who.contains('\u{1b}'),
        "{}",
        read.who
    );
    for (name, value) in [
        ("who", json!("")),
        ("who", json!("x".repeat(257))),
        ("who", json!(1)),
        ("finding", json!("")),
        ("pod", json!("")),
        ("pod", json!("x".repeat(5000))),
        ("at", json!(0)),
        ("at", json!(i64::MAX)),
        ("at", json!(ms(at(2 * 86_400)))),
        ("at", json!("2026-11-28")),
        ("until", json!(ms(at(0)))),
        ("undone", json!(ms(at(-1)))),
    ] {
        assert!(with(name, value.clone()).is_err(), "{name} {value}");
    }
    let [.., filter] = mutes();
    let with = |target: Value, ends: &str| {
        let mut object = filter.write();
        (object["target"], object["ends"]) = (target, ends.into());
        Mute::read(&object, at(1))
    };
    assert!(with(json!({ "filter": "pod:a" }), "changed").is_ok());
    for (target, ends) in [
        (json!({ "filter": "pod:a and" }), "changed"),
        (json!({ "filter": "" }), "changed"),
        (json!({ "filter": "pod:a\u{1b}" }), "changed"),
        (json!({ "filter": "pod:a", "namespace": "x" }), "changed"),
        (json!({ "namespace": "x" }), "changed"),
        (json!({ "namespace": "x".repeat(257), "cluster": "" }), "changed"),
        (json!({ "filter": "pod:a" }), "time"),
        (json!({ "filter": "pod:a" }), "soon"),
        (json!({}), "changed"),
    ] {
        assert!(with(target.clone(), ends).is_err(), "{target} {ends}");
    }
}

#[test]
fn a_change_is_read_as_it_was_written_and_its_id_must_be_its_own() {
    let change = Change {
        after: Some(at(0)),
        ..Change::of(&node("a\u{202e}").build(), ChangeKind::Vanished)
    };
    let mut object = write_change(&change);
    assert_eq!(read_change(&object), Some(change));
    object["id"] = "0000000000000000".into();
    assert_eq!(read_change(&object), None);
    assert_eq!(read_change(&json!({ "id": "0" })), None);
}
