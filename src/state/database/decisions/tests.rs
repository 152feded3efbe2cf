use super::*;
use crate::fleet::fixture::node;
use crate::state::database::tests::Folder;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn acknowledgement() -> Acknowledgement {
    Acknowledgement {
        who: "ops".into(),
        at: at(10),
        pod: node("a").build().key,
        finding: "risk".into(),
        until: Some(at(20)),
        undone: None,
    }
}

fn mute() -> Mute {
    Mute {
        who: "ops".into(),
        at: at(10),
        target: MuteTarget::Namespace {
            namespace: RemoteText::name("test\u{202e}"),
            cluster: RemoteText::name(""),
        },
        end: MuteEnd::At(at(20)),
        undone: None,
    }
}

fn open(folder: &Folder) -> Database {
    Database::open(&folder.file()).unwrap().0
}

fn written<T>(
    database: &mut Database,
    write: impl Fn(&Writing<'_>) -> Result<T, rusqlite::Error>,
) -> Option<T> {
    let mut result = None;
    let done = database.write(|writing| {
        result = Some(write(writing)?);
        Ok(())
    });
    result.filter(|_| done.is_ok())
}

#[test]
fn decisions_are_read_as_they_were_written_and_taken_back() {
    let folder = Folder::new();
    let mut database = open(&folder);
    let row = acknowledgement();
    let other = Acknowledgement {
        pod: node("b").build().key,
        until: None,
        ..row.clone()
    };
    let pod = MuteTarget::Pod {
        key: row.pod.clone(),
        name: RemoteText::name("a"),
        namespace: RemoteText::name("n"),
        cluster: RemoteText::name("c"),
    };
    let mutes = [
        mute(),
        Mute {
            target: pod,
            end: MuteEnd::Changed,
            ..mute()
        },
        Mute {
            target: MuteTarget::Filter("ns:test-*".into()),
            end: MuteEnd::Never,
            ..mute()
        },
    ];
    written(&mut database, |writing| {
        writing.acknowledgement(None, &row)?;
        writing.acknowledgement(None, &other)?;
        mutes
            .iter()
            .try_for_each(|mute| writing.mute(None, mute).map(drop))
    })
    .unwrap();
    let decisions = database.decisions().unwrap();
    assert_eq!(decisions.acknowledgements, [row.clone(), other.clone()]);
    assert_eq!(decisions.mutes, mutes);
    let undone = Acknowledgement {
        undone: Some(at(15)),
        ..row
    };
    let unmuted = Mute {
        undone: Some(at(16)),
        ..mutes[1].clone()
    };
    // Undone by two dashboards: the first counts.
    for later in [0, 1] {
        let undone = Acknowledgement {
            undone: Some(at(15 + later)),
            ..undone.clone()
        };
        written(&mut database, |writing| {
            writing.withdraw_acknowledgements(std::slice::from_ref(&undone))?;
            writing.withdraw_mute(&unmuted)
        })
        .unwrap();
    }
    drop(database);
    let decisions = open(&folder).decisions().unwrap();
    assert_eq!(
        decisions.acknowledgements,
        [undone, other],
        "also after a restart"
    );
    assert_eq!(decisions.mutes, [mutes[0].clone(), unmuted, mutes[2].clone()]);
}

#[test]
fn a_decision_is_undone_also_by_a_dashboard_that_has_a_finer_time_of_it() {
    let folder = Folder::new();
    let mut database = open(&folder);
    let fine = at(10)
        .checked_add(jiff::SignedDuration::from_nanos(123_456))
        .unwrap();
    let row = Acknowledgement {
        at: fine,
        ..acknowledgement()
    };
    let muted = Mute { at: fine, ..mute() };
    written(&mut database, |writing| {
        writing.acknowledgement(None, &row)?;
        writing.mute(None, &muted).map(drop)
    })
    .unwrap();
    let (undone, unmuted) = (
        Acknowledgement {
            undone: Some(at(11)),
            ..row
        },
        Mute {
            undone: Some(at(11)),
            ..muted
        },
    );
    written(&mut database, |writing| {
        writing.withdraw_acknowledgements(std::slice::from_ref(&undone))?;
        writing.withdraw_mute(&unmuted)
    })
    .unwrap();
    let decisions = database.decisions().unwrap();
    assert_eq!(decisions.acknowledgements[0].undone, Some(at(11)));
    assert_eq!(decisions.mutes[0].undone, Some(at(11)));
}

#[test]
fn what_makes_no_sense_is_refused_by_the_file() {
    let folder = Folder::new();
    let mut database = open(&folder);
    for wrong in [
        Acknowledgement {
            who: String::new(),
            ..acknowledgement()
        },
        Acknowledgement {
            finding: "x".repeat(257),
            ..acknowledgement()
        },
        Acknowledgement {
            until: Some(at(10)),
            ..acknowledgement()
        },
        Acknowledgement {
            undone: Some(at(9)),
            ..acknowledgement()
        },
    ] {
        assert_eq!(
            written(&mut database, |writing| writing.acknowledgement(None, &wrong)),
            None
        );
    }
    for wrong in [
        Mute {
            target: MuteTarget::Filter(String::new()),
            ..mute()
        },
        Mute {
            end: MuteEnd::At(at(10)),
            ..mute()
        },
        Mute {
            undone: Some(at(9)),
            ..mute()
        },
    ] {
        assert_eq!(written(&mut database, |writing| writing.mute(None, &wrong)), None);
    }
    assert_eq!(database.decisions(), Ok(Decisions::default()));
}

#[test]
fn a_row_that_the_disk_altered_is_passed_over() {
    let folder = Folder::new();
    let mut database = open(&folder);
    let row = acknowledgement();
    written(&mut database, |writing| writing.acknowledgement(None, &row)).unwrap();
    written(&mut database, |writing| writing.mute(None, &mute())).unwrap();
    for sql in [
        "UPDATE acknowledgement SET until = until + 1",
        "UPDATE mute SET who = 'opt'",
    ] {
        assert_eq!(database.connection.execute(sql, []), Ok(1));
    }
    assert_eq!(database.decisions(), Ok(Decisions::default()));
}
