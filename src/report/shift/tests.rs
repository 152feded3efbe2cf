//! The content of a report, which no name can change.

use super::*;
use crate::fleet::changes::{Change, ChangeKind, ScoreShift, UsedShift};
use crate::fleet::decisions::{Acknowledgement, Mute, MuteEnd, MuteTarget};
use crate::fleet::fixture::serverless;
use crate::fleet::risk::Reason;
use crate::fleet::usage::Pressure;
use crate::fleet::watched::WatchedSpan;
use crate::fleet::words::{Detection, Protection, Status};
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
        project: "p*1*".into(),
        region: "cn-north-4".into(),
        from: at(0),
        to: at(12),
        service_now: at(12),
        zone: TimeZone::UTC,
        fleet: fleet.with_changes(changes),
        snapshot_at: Some(at(11)),
        is_complete: true,
        missing: None,
        is_of_past: false,
        least_gap: Duration::from_mins(1),
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
        selection: None,
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

/// The rows of a section, without its heading.
fn rows(text: &str, title: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| *line != format!("## {title}"));
    let rows = lines.skip(1).take_while(|line| !line.starts_with("## "));
    rows.filter(|line| line.starts_with("| "))
        .skip(1)
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_new_pod_that_is_well_by_now_is_resolved_and_one_that_is_not_says_what_it_has() {
    let pod = |name: &str| serverless(name).within("prod-pay", "payments");
    let well = pod("well").build();
    let broken = pod("broken").security("protection_exception", "clean").build();
    let started = ChangeKind::Status(Status::Pending.into(), Status::Running.into());
    let appeared = |pod: &Pod, found, score| Change {
        found: Some(found),
        ..change(pod, ChangeKind::Appeared, 2, [0, score])
    };
    let changes = vec![
        appeared(&well, Reason::Pending, 20),
        appeared(&broken, Reason::ProtectionException, 40),
        change(&well, started, 3, [20, 0]),
    ];
    let (text, _) = report(vec![well, broken], changes).markdown();
    let new = rows(&text, "New in this shift, and open");
    assert_eq!(new.len(), 1, "{text}");
    assert!(
        new[0].starts_with("| 40 | 2025-08-15 02:00 | protection broken | `broken` |"),
        "{}",
        new[0]
    );
    let resolved = rows(&text, "Resolved in this shift");
    assert_eq!(resolved.len(), 1);
    assert!(
        resolved[0].contains("| resolved | pending | `well` |"),
        "{}",
        resolved[0]
    );
}

#[test]
fn what_was_open_at_first_sight_can_be_resolved() {
    let pod = |name: &str| serverless(name).within("prod-pay", "payments");
    let well = pod("well").build();
    let gone = pod("gone").build();
    let fixed = ChangeKind::Protection(Protection::Exception.into(), Protection::Opened.into());
    let vanished = Change {
        found: Some(Reason::Failed),
        ..change(&gone, ChangeKind::Vanished, 5, [35, 0])
    };
    let (text, _) = report(
        vec![well.clone()],
        vec![change(&well, fixed, 4, [40, 0]), vanished],
    )
    .markdown();
    let resolved = rows(&text, "Resolved in this shift");
    assert_eq!(resolved.len(), 2, "{text}");
    assert!(
        resolved[0]
            .starts_with("| before hss-top started | 2025-08-15 04:00 | resolved | protection broken |")
    );
    assert!(resolved[1].contains("| pod gone | failed | `gone` |"));
}

#[test]
fn a_risk_under_a_new_scan_is_open_and_not_regressed_afterwards() {
    let pod = |scan: &str| {
        serverless("a")
            .within("prod-pay", "payments")
            .security("opened", scan)
            .build()
    };
    let scan = |from: Detection, to: Detection| ChangeKind::Detection(from.into(), to.into());
    let begins = |pod: &Pod| {
        vec![
            change(pod, found(), -2, [0, 60]),
            change(pod, scan(Detection::Risk, Detection::Rescanning), 2, [60, 60]),
        ]
    };
    let rescanned = pod("risk-scanning");
    let (text, _) = report(vec![rescanned.clone()], begins(&rescanned)).markdown();
    assert_eq!(rows(&text, "Resolved in this shift"), Vec::<String>::new());
    let open = rows(&text, "Still open from before this shift");
    assert!(
        open[0].starts_with("| 60 | 2025-08-14 22:00 | risk (scan) | `a` |"),
        "{text}"
    );
    let risky = pod("risk");
    let mut changes = begins(&risky);
    changes.push(change(
        &risky,
        scan(Detection::Rescanning, Detection::Risk),
        3,
        [60, 60],
    ));
    let (text, _) = report(vec![risky], changes).markdown();
    let open = rows(&text, "Still open from before this shift");
    assert!(open[0].contains("| risk found | `a` |"), "not regressed: {text}");
}

#[test]
fn a_row_has_the_usage_of_now_the_worst_is_first_and_a_muted_one_says_so() {
    let pod = |name: &str| serverless(name).within("prod-pay", "payments");
    let hot = pod("hot").usage("97m", "100m", "1Mi", "1Gi").build();
    let risky = pod("risky").security("opened", "risk").build();
    let near = ChangeKind::CpuThreshold(Pressure::Calm, Pressure::Critical);
    let far = ChangeKind::MemoryThreshold(Pressure::Critical, Pressure::Calm);
    let cooled = Change {
        used: UsedShift {
            before: Some(92),
            after: Some(61),
        },
        ..change(&risky, far, 6, [90, 60])
    };
    let changes = vec![
        change(&risky, found(), 4, [0, 60]),
        change(&hot, near, 5, [0, 30]),
        cooled,
    ];
    let mut report = report(vec![hot.clone(), risky], changes);
    let book = Arc::make_mut(&mut report.book);
    book.decisions.mutes.push(Mute {
        who: "bob".into(),
        at: at(6),
        target: MuteTarget::Pod {
            key: hot.key.clone(),
            name: RemoteText::name("hot"),
            namespace: RemoteText::name("payments"),
            cluster: RemoteText::name("prod-pay"),
        },
        end: MuteEnd::At(at(20)),
        undone: None,
    });
    let (text, _) = report.markdown();
    let new = rows(&text, "New in this shift, and open");
    assert!(new[0].contains("| risk found | `risky` |"), "{text}");
    assert!(
        new[1].starts_with("| 30 | 2025-08-15 05:00 | CPU at 97 % | `hot` |"),
        "{text}"
    );
    assert!(
        new[1].ends_with("| muted until 2025-08-15 20:00 unless worse |"),
        "{text}"
    );
    assert!(text.contains("| memory 92 % → 61 % | `risky` |"), "{text}");
}

#[test]
fn what_came_while_nobody_looked_is_between_two_times_and_the_gap_is_told() {
    let pod = serverless("a")
        .within("prod-pay", "payments")
        .security("opened", "risk")
        .build();
    let unseen = Change {
        before: Some(at(3)),
        ..change(&pod, found(), 5, [0, 60])
    };
    let mut report = report(vec![pod], vec![unseen]);
    report.from = at(-20);
    let (text, _) = report.markdown();
    assert!(
        text.contains("| between 2025-08-15 03:00 and 2025-08-15 05:00 | risk found |"),
        "{text}"
    );
    assert!(
        text.contains("hss-top has only watched since 2025-08-14 14:00."),
        "{text}"
    );
    assert!(
        text.contains("| 2025-08-15 03:00:00 | 2025-08-15 05:00:00 | 2h |"),
        "{text}"
    );
    report.to = at(13);
    let (text, _) = report.markdown();
    assert!(text.contains("| 2025-08-15 12:00:00 | now | 1h |"), "{text}");
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

#[test]
fn as_many_findings_are_listed_as_are_counted() {
    let many = |count: usize| -> Vec<Pod> {
        let pod = |at: usize| serverless(&format!("p-{at}")).security("opened", "risk").build();
        (0..count).map(pod).collect()
    };
    let rows = |text: &str| text.matches("| risk found |").count();
    let (text, told) = report(many(178), vec![]).markdown();
    assert_eq!((told, rows(&text)), (178, 178));
    let (text, told) = report(many(MOST_ROWS + 5), vec![]).markdown();
    assert_eq!(
        (told, rows(&text)),
        (MOST_ROWS, MOST_ROWS),
        "the number of a notice is that of the file"
    );
    assert!(
        text.contains("1,005 open from before; at most 1,000 of each are listed"),
        "{text}"
    );
    assert!(text.contains("and 5 more, which are not listed."));
}
