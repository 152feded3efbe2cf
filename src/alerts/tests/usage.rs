//! A rule with a threshold of its own: what was so at first is no news, each crossing is told once, and a mute holds.

use super::*;
use crate::fleet::changes::Changes;
use crate::fleet::decisions::{Mute, MuteEnd, MuteTarget, muted};
use crate::fleet::quantity::Measure;

/// A pod that uses this share of its memory limit, and half of it of its CPU limit.
fn using(name: &str, percent: u32) -> Pod {
    let cpu = format!("{}m", percent * 5);
    serverless(name)
        .within("c", "pay")
        .usage(&cpu, "1", &format!("{percent}Mi"), "100Mi")
        .build()
}

/// A source whose pods use these shares of their memory.
struct Shares(Watched);

impl Shares {
    fn with(rule: AlertRule, first: &[(&str, u32)]) -> Self {
        let pods = first.iter().map(|(name, percent)| using(name, *percent));
        Self(Watched::of_pods(vec![rule], pods.collect()))
    }

    fn at(&mut self, minutes: i64, pods: &[(&str, u32)]) -> Vec<AlertNotice> {
        self.0.look.fleet = pods.iter().map(|(name, percent)| using(name, *percent)).collect();
        self.0.at(minutes)
    }
}

fn memory_over(threshold: u32) -> AlertRule {
    AlertRule {
        threshold,
        ..rule(AlertCondition::Memory)
    }
}

#[test]
fn a_rule_tells_of_its_own_threshold_once_and_of_its_end_a_little_below_it() {
    let mut shares = Shares::with(memory_over(60), &[("a", 50), ("old", 70)]);
    let notices = shares.at(5, &[("a", 63), ("old", 75)]);
    assert_eq!(told(&notices), [(NoticeKind::Firing, vec!["a"])]);
    assert_eq!(notices[0].sentence(), "1 pod high on memory: a");
    assert_eq!(notices[0].alerts[0].words, "63 % of its limit");
    // To and fro at the threshold, and a restart.
    assert_eq!(shares.at(10, &[("a", 57), ("old", 75)]), []);
    shares.0.restart();
    assert_eq!(shares.at(15, &[("a", 62), ("old", 75)]), []);
    let over = shares.at(20, &[("a", 54), ("old", 75)]);
    assert_eq!(told(&over), [(NoticeKind::Resolved, vec!["a"])]);
    // What was so at first is news when it was well in between.
    assert_eq!(shares.at(30, &[("a", 54), ("old", 20)]), []);
    let again = shares.at(40, &[("a", 54), ("old", 61)]);
    assert_eq!(told(&again), [(NoticeKind::Firing, vec!["old"])]);
    // The pod is gone from the list.
    assert_eq!(told(&shares.at(50, &[])), [(NoticeKind::Resolved, vec!["old"])]);
}

#[test]
fn it_has_to_last_and_the_filter_and_the_resource_choose() {
    let held = AlertRule {
        hold: SignedDuration::from_mins(10),
        filter: Query::parse("pod:pay").unwrap(),
        ..memory_over(60)
    };
    let mut shares = Shares::with(held, &[]);
    assert_eq!(shares.at(5, &[("pay-1", 80), ("web-1", 80)]), []);
    assert_eq!(shares.at(14, &[("pay-1", 80), ("web-1", 80)]), []);
    let notices = shares.at(15, &[("pay-1", 80), ("web-1", 80)]);
    assert_eq!(told(&notices), [(NoticeKind::Firing, vec!["pay-1"])]);
    // CPU is at half of that, and memory is not meant.
    let cpu = AlertRule {
        threshold: 60,
        ..rule(AlertCondition::Cpu)
    };
    let mut shares = Shares::with(cpu, &[("a", 50)]);
    assert_eq!(shares.at(5, &[("a", 100)]), []);
    let both = AlertRule {
        threshold: 30,
        ..rule(AlertCondition::Usage)
    };
    let mut shares = Shares::with(both, &[("a", 10)]);
    let notices = shares.at(5, &[("a", 80)]);
    assert_eq!(notices[0].counts(), "1 pod high on CPU, 1 pod high on memory");
}

#[test]
fn a_rule_whose_threshold_was_changed_starts_again_and_tells_of_no_old_crossing() {
    let mut shares = Shares::with(memory_over(60), &[("a", 50)]);
    let kept = serde_json::to_string(&shares.0.engine.book()).unwrap();
    let kept = serde_json::from_str(&kept).unwrap();
    shares.0.engine = AlertEngine::new(vec![memory_over(40)], Some(kept));
    assert_eq!(shares.at(5, &[("a", 50), ("b", 10)]), []);
    assert_eq!(
        told(&shares.at(10, &[("a", 50), ("b", 45)])),
        [(NoticeKind::Firing, vec!["b"])]
    );
}

#[test]
fn a_muted_pod_is_not_told_until_the_mute_is_over() {
    let mut shares = Shares::with(memory_over(60), &[("a", 50)]);
    let pod = using("a", 50);
    let mute = Mute {
        who: "ops".to_owned(),
        at: minute(2),
        target: MuteTarget::pod_of(&Change::of(&pod, ChangeKind::Appeared)),
        end: MuteEnd::Never,
        undone: None,
    };
    shares.0.look.mutes = Arc::new(muted(&Changes::default(), &[mute], minute(2)));
    assert_eq!(shares.at(5, &[("a", 80)]), []);
    shares.0.look.mutes = Arc::default();
    assert_eq!(
        told(&shares.at(6, &[("a", 80)])),
        [(NoticeKind::Firing, vec!["a"])]
    );
}

#[test]
fn pods_for_which_there_is_no_room_are_a_number_once() {
    let names: Vec<String> = (0..10_050).map(|number| format!("p{number}")).collect();
    let of =
        |percent: u32| -> Vec<(&str, u32)> { names.iter().map(|name| (name.as_str(), percent)).collect() };
    let mut shares = Shares::with(memory_over(60), &of(10));
    let notices = shares.at(5, &of(80));
    assert_eq!((notices[0].alerts.len(), notices[0].more), (10_000, 50));
    assert_eq!(shares.at(10, &of(81)), [], "they are the same ones");
}

#[test]
fn the_usual_threshold_ends_a_little_below_it_too() {
    let mut watched = Watched::with(vec![rule(AlertCondition::Usage)]);
    let (before, after) = (using("a", 80), using("a", 95));
    let crossed = Change {
        after: Some(minute(1)),
        noticed: Some(minute(1)),
        ..Change::of(
            &after,
            ChangeKind::crossed(Measure::Memory, &before, &after, None).unwrap(),
        )
    };
    let fleet: Fleet = std::iter::once(after).collect();
    watched.look.fleet = fleet.with_changes(vec![crossed]);
    assert_eq!(told(&watched.at(1)), [(NoticeKind::Firing, vec!["a"])]);
    let mut sweep = |minutes: i64, percent: u32| {
        watched.look.fleet = std::iter::once(using("a", percent)).collect();
        watched.look.facts.is_loading = true;
        watched.at(minutes);
        watched.look.facts.is_loading = false;
        watched.at(minutes + 1)
    };
    assert_eq!(sweep(5, 87), [], "nothing recorded that it is over");
    assert_eq!(told(&sweep(10, 84)), [(NoticeKind::Resolved, vec!["a"])]);
}
