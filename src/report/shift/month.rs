//! The reports of a month: what they list equals what the pods went through, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::fleet::RemoteText;
use crate::fleet::change_log::month::{DAYS, Month, State, at, month};
use crate::fleet::risk::Reason;

/// What is worth a line of the report, the heaviest first.
const REASONS: [Reason; 5] = [
    Reason::DetectionRisk,
    Reason::ProtectionException,
    Reason::Failed,
    Reason::Pending,
    Reason::ProtectionClosed,
];

fn has(state: &State, reason: Reason) -> bool {
    match reason {
        Reason::DetectionRisk => matches!(state[2], "risk" | "risk-scanning"),
        Reason::ProtectionException => state[1] == "protection_exception",
        Reason::Failed => state[0] == "Failed",
        Reason::Pending => state[0] == "Pending",
        _ => state[1] == "closed",
    }
}

/// The first day of each time that a pod had a finding, and the day on which it was over, if it is.
fn runs(days: &[BTreeMap<String, State>], pod: &str, reason: Reason) -> Vec<(usize, Option<usize>)> {
    let mut runs: Vec<(usize, Option<usize>)> = Vec::new();
    let mut had = false;
    for (day, world) in days.iter().enumerate() {
        let has = world.get(pod).is_some_and(|state| has(state, reason));
        match (had, has) {
            (false, true) => runs.push((day, None)),
            (true, false) => runs.last_mut().unwrap().1 = Some(day),
            _ => {}
        }
        had = has;
    }
    runs
}

fn words(state: &State, reason: Reason, comebacks: usize) -> String {
    let words = match reason {
        Reason::DetectionRisk if state[2] == "risk-scanning" => "risk (scan)",
        reason => reason.label(),
    };
    match comebacks {
        0 => words.to_owned(),
        1 => format!("{words} (regressed)"),
        times => format!("{words} (regressed {times} times)"),
    }
}

/// The date of a day; of the first one it is not known since when something was so.
fn since(day: usize) -> Option<Timestamp> {
    (day > 0).then(|| at(i64::try_from(day).unwrap()))
}

type OpenRows = BTreeSet<(String, String, Option<Timestamp>)>;
type EndedRows = BTreeSet<(
    String,
    &'static str,
    Option<Timestamp>,
    Option<Timestamp>,
    &'static str,
)>;

/// What a report from the evening of `first` until the last day must list: new, from before, ended.
fn expected(days: &[BTreeMap<String, State>], first: usize) -> (OpenRows, OpenRows, EndedRows) {
    let (mut new, mut before, mut ended) = (OpenRows::new(), OpenRows::new(), EndedRows::new());
    let names: BTreeSet<&String> = days.iter().flat_map(BTreeMap::keys).collect();
    let today = days.last().unwrap();
    for name in names {
        let (mut news, mut olds) = (Vec::new(), Vec::new());
        for reason in REASONS {
            let runs = runs(days, name, reason);
            let Some((begin, end)) = runs.last().copied() else {
                continue;
            };
            let Some(end) = end else {
                let open = (words(&today[name], reason, runs.len() - 1), since(begin));
                if begin > first {
                    news.push(open);
                } else {
                    olds.push(open);
                }
                continue;
            };
            let is_gone = !days[end].contains_key(name);
            // If a pod goes with several findings and the beginning of none was seen, the report has the heaviest.
            let is_untold = is_gone && begin == 0 && has_heavier(&days[end - 1][name], reason);
            if end > first && !is_untold {
                let how = if is_gone { "pod gone" } else { "resolved" };
                ended.insert((name.clone(), reason.label(), since(begin), since(end), how));
            }
        }
        for (rows, of_pod) in [(&mut new, news), (&mut before, olds)] {
            let Some((_, since)) = of_pod.first().cloned() else {
                continue;
            };
            let words: Vec<String> = of_pod.into_iter().map(|(words, _)| words).collect();
            rows.insert((name.clone(), words.join(", "), since));
        }
    }
    (new, before, ended)
}

fn has_heavier(state: &State, reason: Reason) -> bool {
    let heavier = REASONS.iter().take_while(|other| **other != reason);
    heavier.into_iter().any(|other| has(state, *other))
}

fn text(field: &crate::fleet::Field<RemoteText>) -> String {
    field.value().unwrap().raw().to_owned()
}

#[test]
fn the_reports_of_a_month_list_what_happened_and_their_counts_are_those_of_the_pods() {
    let Month { store, days, .. } = month();
    for first in [0, 10, 23, 29] {
        let noon = SignedDuration::from_hours(12);
        let report = ShiftReport {
            project: "test".into(),
            region: "".into(),
            from: at(i64::try_from(first).unwrap()) + noon,
            to: at(DAYS) + noon,
            service_now: at(DAYS) + noon,
            zone: TimeZone::UTC,
            fleet: store.snapshot(),
            snapshot_at: Some(at(DAYS)),
            is_complete: true,
            missing: None,
            is_of_past: false,
            least_gap: Duration::from_mins(1),
            book: Arc::default(),
            selection: None,
        };
        let findings = findings::of_shift(&report);
        let open = |rows: &[OpenFinding<'_>]| -> OpenRows {
            let row = |row: &OpenFinding<'_>| {
                let since = row.since.and_then(|change| change.after);
                (text(row.pod.name()), row.what.clone(), since)
            };
            rows.iter().map(row).collect()
        };
        let ended: EndedRows = findings
            .ended
            .iter()
            .map(|row| {
                let since = row.since.and_then(|change| change.after);
                let reason = REASONS.iter().find(|reason| reason.label() == row.what).unwrap();
                (
                    text(&row.ended.name),
                    reason.label(),
                    since,
                    row.ended.after,
                    row.how,
                )
            })
            .collect();
        let (new, before, over) = expected(&days, first);
        assert_eq!(open(&findings.new), new, "new since day {first}");
        assert_eq!(open(&findings.before), before, "from before day {first}");
        assert_eq!(ended, over, "ended since day {first}");
        let (_, count) = report.markdown();
        let listed = [new.len(), before.len(), over.len()].map(|rows| rows.min(MOST_ROWS));
        assert_eq!(count, listed.iter().sum::<usize>());
        assert!(first == 29 || over.len() > 20);
    }
    let today = days.last().unwrap();
    let count = |reason| today.values().filter(|state| has(state, reason)).count();
    let summary = store.snapshot().summary();
    assert_eq!(
        [
            summary.risk,
            summary.exception,
            summary.failed,
            summary.pending,
            summary.unprotected
        ],
        REASONS.map(count)
    );
}
