//! The engine against a world of pods that change: every alert once, whatever happens to the program and its clock.

mod held;
pub(crate) mod month;
mod usage;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::fleet::changes::{Change, ChangeId, ChangeKind, ScoreShift};
use crate::fleet::fixture::serverless;
use crate::fleet::query::Query;
use crate::fleet::words::{Detection, Protection};
use crate::fleet::{Fleet, Pod, risk};

pub(super) fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + 60 * minute).unwrap()
}

/// A pod whose scan has this result.
fn pod(name: &str, detection: &str) -> Pod {
    serverless(name)
        .within("c", "pay")
        .security("opened", detection)
        .build()
}

/// The change from one pod to the other, in the snapshot of `at`.
fn change(before: &Pod, after: &Pod, at: Timestamp) -> Change {
    let kind = ChangeKind::between(before, after).remove(0);
    Change {
        after: Some(at),
        noticed: Some(at),
        scores: ScoreShift {
            before: Some(risk::score(before)),
            after: Some(risk::score(after)),
        },
        ..Change::of(after, kind)
    }
}

/// A source that is watched, and its engine.
struct Watched {
    engine: AlertEngine,
    look: AlertLook,
}

impl Watched {
    fn with(rules: Vec<AlertRule>) -> Self {
        Self::of_pods(rules, Fleet::default())
    }

    /// The same with these pods from the start.
    fn of_pods(rules: Vec<AlertRule>, fleet: Fleet) -> Self {
        let look = AlertLook {
            now: minute(0),
            fleet,
            facts: SourceFacts {
                asked_at: Some(minute(0)),
                gap_after: SignedDuration::from_mins(10),
                is_complete: true,
                coverage: (10, 10),
                ..SourceFacts::default()
            },
            ..AlertLook::default()
        };
        let mut watched = Self {
            engine: AlertEngine::new(rules, None),
            look,
        };
        assert_eq!(watched.at(0), [], "nothing is told of the first look");
        watched
    }

    /// What is told at this minute; HSS answered just before.
    fn at(&mut self, minutes: i64) -> Vec<AlertNotice> {
        self.look.now = minute(minutes);
        self.look.facts.asked_at = Some(minute(minutes));
        self.engine.look(&self.look)
    }

    /// The same, after these pods came to be as they are.
    fn after(&mut self, minutes: i64, pods: &[(&Pod, &Pod)]) -> Vec<AlertNotice> {
        let changes: Vec<Change> = pods
            .iter()
            .map(|(before, after)| change(before, after, minute(minutes)))
            .collect();
        let earlier: Vec<Change> = self.look.fleet.changes().iter().cloned().collect();
        let all = pods.iter().map(|(_, after)| (*after).clone());
        self.look.fleet = all.collect::<Fleet>().with_changes([earlier, changes].concat());
        self.at(minutes)
    }

    fn restart(&mut self) {
        let kept = serde_json::to_string(&self.engine.book()).unwrap();
        let rules = self.engine.rules().to_vec();
        self.engine = AlertEngine::new(rules, Some(serde_json::from_str(&kept).unwrap()));
        self.look.fleet = self.look.fleet.as_of_an_earlier_run();
    }

    fn newest(&self) -> ChangeId {
        self.look.fleet.changes().recorded().next_back().unwrap().id
    }
}

fn told(notices: &[AlertNotice]) -> Vec<(NoticeKind, Vec<&str>)> {
    notices
        .iter()
        .map(|notice| {
            (
                notice.kind,
                notice.alerts.iter().map(|alert| alert.name.as_str()).collect(),
            )
        })
        .collect()
}

fn rule(on: AlertCondition) -> AlertRule {
    AlertRule::new("r", on)
}

#[test]
fn a_new_risk_is_told_once_and_its_end_once() {
    let mut watched = Watched::with(AlertRule::defaults());
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    let notices = watched.after(1, &[(&clean, &risk)]);
    assert_eq!(told(&notices), [(NoticeKind::Firing, vec!["a"])]);
    assert_eq!(notices[0].sentence(), "1 new risk: a");
    assert_eq!(notices[0].via, [AlertWay::Banner, AlertWay::Bell]);
    assert_eq!(watched.engine.waiting().len(), 1);
    assert_eq!(watched.at(2), []);
    watched.restart();
    assert_eq!(watched.at(3), [], "nothing is told of a restart");
    assert_eq!(watched.engine.waiting().len(), 1, "the banner is still there");
    let over = watched.after(5, &[(&risk, &clean)]);
    assert_eq!(told(&over), [(NoticeKind::Resolved, vec!["a"])]);
    assert_eq!(watched.at(6), []);
    watched.engine.acknowledge_all(1);
    assert_eq!(watched.engine.waiting(), []);
}

#[test]
fn what_happens_together_or_soon_after_is_one_notice() {
    let mut watched = Watched::with(AlertRule::defaults());
    let pods: Vec<(Pod, Pod)> = (0..500)
        .map(|number| format!("p{number}"))
        .map(|name| (pod(&name, "clean"), pod(&name, "risk")))
        .collect();
    let of = |from: usize, to: usize| {
        pods[from..to]
            .iter()
            .map(|(before, after)| (before, after))
            .collect::<Vec<_>>()
    };
    let first = watched.after(1, &of(0, 400));
    assert_eq!((first.len(), first[0].count()), (1, 400));
    // Half a minute later it waits for the rest of the minute.
    let rest = of(400, 500);
    watched.after(1, &rest);
    assert_eq!(watched.at(1), []);
    let later = watched.at(2);
    assert_eq!((later.len(), later[0].count()), (1, 100));
}

#[test]
fn a_filter_chooses_the_pods_and_a_condition_has_to_last() {
    let filtered = AlertRule {
        filter: Query::parse("pod:b").unwrap(),
        hold: SignedDuration::from_mins(5),
        ..rule(AlertCondition::Risk)
    };
    let mut watched = Watched::with(vec![filtered]);
    let [a, b] = ["a", "b"].map(|name| (pod(name, "clean"), pod(name, "risk")));
    assert_eq!(watched.after(1, &[(&a.0, &a.1), (&b.0, &b.1)]), []);
    assert_eq!(watched.at(5), []);
    assert_eq!(told(&watched.at(6)), [(NoticeKind::Firing, vec!["b"])]);
    // One that is over before its time is not told.
    watched.after(10, &[(&b.1, &b.0)]);
    assert_eq!(watched.after(11, &[(&b.0, &b.1)]), []);
    assert_eq!(watched.after(12, &[(&b.1, &b.0)]), []);
    assert_eq!(watched.at(60), []);
}

#[test]
fn in_quiet_hours_nobody_is_told_and_afterwards_once() {
    let quiet = AlertRule {
        quiet: QuietHours::read("09:00-10:00", &TimeZone::UTC),
        ..rule(AlertCondition::Risk)
    };
    // The first minute is 08:53:20.
    let mut watched = Watched::with(vec![quiet]);
    let [a, b] = ["a", "b"].map(|name| (pod(name, "clean"), pod(name, "risk")));
    assert_eq!(watched.after(10, &[(&a.0, &a.1)]), []);
    assert_eq!(watched.after(20, &[(&b.0, &b.1)]), []);
    watched.after(30, &[(&b.1, &b.0)]);
    watched.restart();
    assert_eq!(watched.at(60), []);
    let after = watched.at(67);
    assert_eq!(after.len(), 1);
    assert_eq!(
        (after[0].kind, after[0].count()),
        (NoticeKind::Summary, 2),
        "what is over by now is told too"
    );
    assert_eq!(watched.at(90), []);
}

#[test]
fn after_a_gap_there_is_one_summary_when_the_sweep_is_over() {
    let all = [AlertCondition::Risk, AlertCondition::Protection].map(|on| AlertRule::new(on.name(), on));
    let mut watched = Watched::with(all.to_vec());
    let clean: Vec<Pod> = (0..20)
        .map(|number| pod(&format!("p{number}"), "clean"))
        .collect();
    let after: Vec<Pod> = (0..20)
        .map(|number| {
            let (protection, detection) = if number < 15 {
                ("opened", "risk")
            } else {
                ("closed", "clean")
            };
            serverless(&format!("p{number}"))
                .within("c", "pay")
                .security(protection, detection)
                .build()
        })
        .collect();
    let pairs: Vec<(&Pod, &Pod)> = clean.iter().zip(&after).collect();
    watched.look.facts.is_loading = true;
    assert_eq!(watched.after(120, &pairs[..8]), []);
    assert_eq!(watched.after(121, &pairs[8..]), []);
    watched.look.facts.is_loading = false;
    watched.look.facts.is_complete = false;
    let summary = watched.at(122);
    assert_eq!(summary.len(), 1);
    assert_eq!((summary[0].kind, summary[0].count()), (NoticeKind::Summary, 20));
    assert_eq!(summary[0].between, Some((minute(0), minute(120))));
    assert!(
        summary[0]
            .sentence()
            .starts_with("while not watched: 15 new risks, 5 pods lost protection: p")
    );
    assert_eq!(watched.at(123), []);
}

#[test]
fn a_muted_one_is_not_told_until_the_mute_is_over_or_it_gets_worse() {
    let mut watched = Watched::with(AlertRule::defaults());
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    let fleet: Fleet = std::iter::once(risk.clone()).collect();
    watched.look.fleet = fleet.with_changes(vec![change(&clean, &risk, minute(1))]);
    watched.look.muted = Arc::new(HashSet::from([watched.newest()]));
    assert_eq!(watched.at(1), []);
    assert_eq!(watched.at(2), []);
    watched.look.muted = Arc::default();
    assert_eq!(told(&watched.at(3)), [(NoticeKind::Firing, vec!["a"])]);
}

#[test]
fn an_acknowledged_one_is_not_told_again_until_it_gets_worse() {
    let mut watched = Watched::with(AlertRule::defaults());
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    let fleet: Fleet = std::iter::once(risk.clone()).collect();
    watched.look.fleet = fleet.with_changes(vec![change(&clean, &risk, minute(1))]);
    watched.look.acknowledged = Arc::new(HashSet::from([watched.newest()]));
    assert_eq!(watched.at(1), [], "somebody knew before it was told");
    let worse = serverless("a")
        .within("c", "pay")
        .security("protection_exception", "risk")
        .build();
    let notices = watched.after(5, &[(&risk, &worse)]);
    assert_eq!(told(&notices), [(NoticeKind::Worse, vec!["a"])]);
    assert_eq!(notices[0].sentence(), "worse: 1 new risk: a");
    watched.look.acknowledged = Arc::new(HashSet::from([watched.newest()]));
    assert_eq!(watched.at(6), []);
    assert_eq!(watched.engine.waiting(), []);
}

#[test]
fn protection_that_is_off_and_then_breaks_is_worse() {
    let mut watched = Watched::with(vec![rule(AlertCondition::Protection)]);
    let of = |word: &str| serverless("a").within("c", "pay").security(word, "clean").build();
    let (on, off, broken) = (of("opened"), of("closed"), of("protection_exception"));
    assert_eq!(
        told(&watched.after(1, &[(&on, &off)])),
        [(NoticeKind::Firing, vec!["a"])]
    );
    assert_eq!(
        told(&watched.after(5, &[(&off, &broken)])),
        [(NoticeKind::Worse, vec!["a"])]
    );
    assert_eq!(watched.after(9, &[(&broken, &off)]), [], "better is no news");
    assert_eq!(
        told(&watched.after(12, &[(&off, &on)])),
        [(NoticeKind::Resolved, vec!["a"])]
    );
}

#[test]
fn a_pod_that_vanishes_ends_its_alerts_and_one_that_appears_may_begin_one() {
    let vanished = AlertRule::new("gone", AlertCondition::Vanished);
    let mut watched = Watched::with(vec![rule(AlertCondition::Risk), vanished]);
    let risk = pod("a", "risk");
    let of = |kind: ChangeKind, at: i64| Change {
        after: Some(minute(at)),
        noticed: Some(minute(at)),
        ..Change::of(&risk, kind)
    };
    let fleet: Fleet = std::iter::once(risk.clone()).collect();
    let appeared = of(ChangeKind::Appeared, 1);
    watched.look.fleet = fleet.with_changes(vec![appeared.clone()]);
    let first = watched.at(1);
    assert_eq!(told(&first), [(NoticeKind::Firing, vec!["a"])]);
    assert_eq!(first[0].alerts[0].words, "new pod");
    watched.look.fleet = fleet.with_changes(vec![appeared, of(ChangeKind::Vanished, 5)]);
    let last = watched.at(5);
    assert_eq!(
        told(&last),
        [(NoticeKind::Resolved, vec!["a"]), (NoticeKind::Firing, vec!["a"])]
    );
    assert_eq!((last[1].rule.as_str(), watched.at(9)), ("gone", vec![]));
}

#[test]
fn an_alert_whose_end_nobody_recorded_ends_with_the_next_whole_list() {
    let mut watched = Watched::with(AlertRule::defaults());
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    watched.after(1, &[(&clean, &risk)]);
    watched.restart();
    watched.look.fleet = std::iter::once(clean).collect();
    watched.look.facts.is_loading = true;
    assert_eq!(watched.at(3), []);
    watched.look.facts.is_loading = false;
    assert_eq!(told(&watched.at(4)), [(NoticeKind::Resolved, vec!["a"])]);
}

#[test]
fn the_source_is_told_of_when_it_lasts() {
    let rules = [
        AlertCondition::Unreachable,
        AlertCondition::OldList,
        AlertCondition::Coverage,
    ];
    let mut watched = Watched::with(rules.map(|on| AlertRule::new(on.name(), on)).to_vec());
    watched.look.facts.unreachable = Some("OFFLINE");
    let mut offline = |at: i64| {
        watched.look.now = minute(at);
        watched.engine.look(&watched.look)
    };
    assert_eq!((offline(1), offline(5)), (vec![], vec![]));
    let told = offline(6);
    assert_eq!(told[0].sentence(), "HSS cannot be reached: OFFLINE");
    assert_eq!(offline(30), []);
    watched.look.facts.unreachable = None;
    watched.look.facts.old_list = Some(minute(-3000));
    let told = watched.at(31);
    let sentences: Vec<String> = told.iter().map(AlertNotice::sentence).collect();
    assert_eq!(
        sentences,
        [
            "while not watched: HSS's list is old: of 2025-10-07 06:53 UTC",
            "over: HSS cannot be reached: OFFLINE"
        ]
    );
    watched.look.facts.old_list = None;
    watched.look.facts.coverage = (8, 10);
    let told = watched.at(33);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1].sentence(),
        "coverage fell: security data for 8 of 10 pods"
    );
    watched.look.facts.coverage = (10, 10);
    assert_eq!(watched.at(36)[0].kind, NoticeKind::Resolved);
}

#[test]
fn a_list_that_was_old_at_the_first_look_is_not_told() {
    let mut engine = AlertEngine::new(vec![rule(AlertCondition::OldList)], None);
    let mut look = AlertLook {
        now: minute(0),
        ..AlertLook::default()
    };
    look.facts.is_complete = true;
    look.facts.asked_at = Some(minute(0));
    look.facts.old_list = Some(minute(-9000));
    assert_eq!(engine.look(&look), []);
    look.now = minute(5);
    assert_eq!(engine.look(&look), []);
}

#[test]
fn names_in_a_sentence_are_safe_to_show() {
    let mut watched = Watched::with(AlertRule::defaults());
    let name = "\u{1b}]0;x\u{7}\u{202e}a";
    let notices = watched.after(1, &[(&pod(name, "clean"), &pod(name, "risk"))]);
    let sentence = notices[0].sentence();
    assert!(
        !sentence
            .chars()
            .any(|letter| letter.is_control() || letter == '\u{202e}'),
        "{sentence:?}"
    );
}

#[test]
fn words_of_changes_are_those_of_the_api() {
    let kind = ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into());
    assert_eq!(
        kind.sides().map(|side| side.value().copied().unwrap()),
        ["clean", "risk"]
    );
    assert_eq!(Protection::Closed.raw(), "closed");
}

#[test]
fn a_look_visits_only_what_is_going_on() {
    let mut watched = Watched::with(vec![AlertRule::new("r", AlertCondition::Risk)]);
    let names = ["a", "b", "c", "d"];
    let pods = names.map(|name| (pod(name, "clean"), pod(name, "risk")));
    let turned: Vec<(&Pod, &Pod)> = pods.iter().map(|(clean, risk)| (clean, risk)).collect();
    let told: usize = watched.after(1, &turned).iter().map(AlertNotice::count).sum();
    assert_eq!(told, 4);
    assert_eq!(watched.engine.agenda.planned(), (0, 0), "told, and it lasts");
    assert_eq!(watched.at(2), []);
    assert_eq!(watched.engine.agenda.planned(), (0, 0));
    // One is over: it waits for its end to be told, or to be forgotten.
    let (clean, risk) = &pods[0];
    watched.after(30, &[(risk, clean)]);
    let (soon, later) = watched.engine.agenda.planned();
    assert_eq!(soon + later, 1);
}
