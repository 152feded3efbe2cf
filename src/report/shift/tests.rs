//! The content of a report, which no name can change.

use super::*;
use crate::fleet::changes::{Change, ChangeKind, ScoreShift};
use crate::fleet::decisions::{Acknowledgement, Mute, MuteEnd, MuteTarget};
use crate::fleet::fixture::serverless;
use crate::fleet::watched::WatchedSpan;
use crate::fleet::words::{Detection, Protection};
use crate::fleet::{Pod, RemoteText};

const HOUR: i64 = 3600;

/// Hours after the beginning of the shift.
fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_755_216_000 + hour * HOUR).unwrap()
}

fn change(pod: &Pod, kind: ChangeKind, hour: i64, scores: [u32; 2]) -> Change {
    Change {
        after: Some(at(hour)),
        noticed: Some(at(hour)),
        scores: ScoreShift {
            before: Some(scores[0]),
            after: Some(scores[1]),
        },
        ..Change::of(pod, kind)
    }
}

fn report(pods: Vec<Pod>, changes: Vec<Change>) -> ShiftReport {
    let fleet: Fleet = pods.into_iter().collect();
    ShiftReport {
        source: "cn-north-4 · p*1*".into(),
        from: at(0),
        to: at(12),
        service_now: at(12),
        zone: TimeZone::UTC,
        fleet: fleet.with_changes(changes),
        snapshot_at: Some(at(11)),
        is_complete: true,
        book: Arc::new(Logbook {
            watched: vec![
                WatchedSpan {
                    from: at(-10),
                    to: at(3),
                },
                WatchedSpan {
                    from: at(5),
                    to: at(12),
                },
            ],
            ..Logbook::default()
        }),
    }
}

fn found() -> ChangeKind {
    ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into())
}

fn cleared() -> ChangeKind {
    ChangeKind::Detection(Detection::Risk.into(), Detection::Clean.into())
}

#[test]
fn a_shift_hands_over_what_is_new_resolved_and_open() {
    let pod = |name: &str| serverless(name).within("prod-pay", "payments");
    let new = pod("new").security("opened", "risk").build();
    let well = pod("well").security("opened", "clean").build();
    let old = pod("old").security("protection_exception", "clean").build();
    let hot = pod("hot").usage("95m", "100m", "1Mi", "1Gi").build();
    let broken = ChangeKind::Protection(Protection::Opened.into(), Protection::Exception.into());
    let changes = vec![
        change(&old, broken, -24, [0, 40]),
        change(&well, found(), -2, [0, 60]),
        change(&well, cleared(), 2, [60, 0]),
        change(&new, found(), 4, [0, 60]),
    ];
    let mut report = report(vec![new.clone(), well, old, hot], changes);
    let id = report.fleet.changes().recorded().last().unwrap().id;
    let book = Arc::make_mut(&mut report.book);
    book.decisions.acknowledgements.push(Acknowledgement {
        who: "ann".into(),
        at: at(5),
        pod: new.key.clone(),
        finding: id.to_string(),
        until: None,
        undone: None,
    });
    book.decisions.mutes.push(Mute {
        who: "bob".into(),
        at: at(6),
        target: MuteTarget::Namespace {
            namespace: RemoteText::name("test"),
            cluster: RemoteText::name("prod-pay"),
        },
        end: MuteEnd::Never,
        undone: None,
    });
    let (text, findings) = report.markdown();
    assert_eq!(findings, 4);
    assert_eq!(text, include_str!("example.md"));
}

#[test]
fn a_shift_in_which_nothing_happened_says_so() {
    let (text, findings) = report(vec![serverless("a").build()], vec![]).markdown();
    assert_eq!(findings, 0);
    assert_eq!(text.matches("\nNone.\n").count(), 5, "{text}");
}

/// Whatever a pod's name: every line is one of our headings, one of our sentences, or a row with our number
/// of cells.
#[test]
fn a_name_says_nothing_but_itself() {
    let evil = [
        "a | b | c",
        "`code` | x",
        "# heading\n## another",
        "[click](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "\u{1b}]0;title\u{7}",
        "\\| a \\` b",
        "***",
        "a\r\n| x | y |",
    ];
    let pods: Vec<Pod> = evil
        .iter()
        .map(|name| {
            let pod = serverless(name).within(name, name);
            pod.security("opened", "risk")
                .usage("99m", "100m", "", "")
                .build()
        })
        .collect();
    let changes = pods.iter().map(|pod| change(pod, found(), 4, [0, 60])).collect();
    let (text, _) = report(pods, changes).markdown();
    assert!(!text.contains(['\u{1b}', '\u{7}', '\r']));
    let cells = |line: &str| {
        let mut cells = 0;
        let mut escaped = false;
        for character in line.chars() {
            cells += usize::from(character == '|' && !escaped);
            escaped = character == '\\' && !escaped;
        }
        cells
    };
    let mut expected = 0;
    for line in text.lines() {
        match line.chars().next() {
            Some('|') if expected == 0 => expected = cells(line),
            Some('|') => assert_eq!(cells(line), expected, "{line}"),
            Some('#') => assert!(!line.contains("heading"), "{line}"),
            _ => {
                expected = 0;
                assert!(!line.contains("alert") && !line.contains("another"), "{line}");
            }
        }
    }
}
