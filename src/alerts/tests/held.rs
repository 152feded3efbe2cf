//! What the list says of an alert that is held back, and how an acknowledgement is undone.

use super::*;

/// Why the first alert of the list is held back, and until which minute.
fn held(engine: &AlertEngine) -> Option<(HoldReason, Option<Timestamp>)> {
    let list = engine.list();
    list[0].held.map(|held| (held.why, held.until))
}

#[test]
fn the_list_says_why_an_alert_is_held_back_and_until_when() {
    let [a, b] = ["a", "b"].map(|name| (pod(name, "clean"), pod(name, "risk")));
    let hold = AlertRule {
        hold: SignedDuration::from_mins(5),
        ..rule(AlertCondition::Risk)
    };
    let mut watched = Watched::with(vec![hold.clone()]);
    watched.after(1, &[(&a.0, &a.1)]);
    assert_eq!(held(&watched.engine), Some((HoldReason::Young, Some(minute(6)))));
    watched.at(6);
    assert_eq!(held(&watched.engine), None, "told");

    let mut watched = Watched::with(vec![AlertRule {
        merge: SignedDuration::from_mins(10),
        ..rule(AlertCondition::Risk)
    }]);
    watched.after(1, &[(&a.0, &a.1)]);
    watched.after(3, &[(&b.0, &b.1)]);
    assert_eq!(held(&watched.engine), Some((HoldReason::Merge, Some(minute(11)))));
    assert_eq!(told(&watched.at(11)), [(NoticeKind::Firing, vec!["b"])]);

    // The first minute is 08:53:20, and the quiet begins before it has lasted long enough.
    let quiet = AlertRule {
        quiet: QuietHours::read("08:56-10:00", &TimeZone::UTC),
        ..hold
    };
    let mut watched = Watched::with(vec![quiet]);
    watched.after(1, &[(&a.0, &a.1)]);
    let until = "2025-10-09T10:00:00Z".parse().unwrap();
    for minutes in [1, 20] {
        watched.at(minutes);
        assert_eq!(held(&watched.engine), Some((HoldReason::Quiet, Some(until))));
    }

    let mut watched = Watched::with(vec![rule(AlertCondition::Risk)]);
    let fleet: Fleet = std::iter::once(a.1.clone()).collect();
    watched.look.fleet = fleet.with_changes(vec![change(&a.0, &a.1, minute(1))]);
    watched.look.muted = Arc::new(HashSet::from([watched.newest()]));
    watched.at(1);
    assert_eq!(held(&watched.engine), Some((HoldReason::Mute, None)));
}

#[test]
fn after_a_gap_the_list_says_that_the_summary_waits_for_the_sweep() {
    let mut watched = Watched::with(vec![rule(AlertCondition::Risk)]);
    watched.look.facts.is_loading = true;
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    assert_eq!(watched.after(120, &[(&clean, &risk)]), []);
    assert_eq!(held(&watched.engine), Some((HoldReason::Gap, None)));
}

#[test]
fn what_was_acknowledged_waits_again_when_that_is_undone_and_is_not_told_twice() {
    let mut watched = Watched::with(vec![rule(AlertCondition::Risk)]);
    let [a, b] = ["a", "b"].map(|name| (pod(name, "clean"), pod(name, "risk")));
    watched.after(1, &[(&a.0, &a.1)]);
    watched.engine.acknowledge_all(1);
    watched.after(5, &[(&b.0, &b.1)]);
    watched.engine.acknowledge_all(2);
    assert_eq!(watched.engine.waiting(), []);
    watched.engine.undo_act(2);
    let names = |watched: &Watched| -> Vec<String> {
        let waiting = watched.engine.waiting();
        waiting.into_iter().map(|alert| alert.name).collect()
    };
    assert_eq!(names(&watched), ["b"], "the other act still holds");
    assert_eq!(watched.at(6), []);
    watched.engine.undo_act(1);
    assert_eq!((names(&watched).len(), watched.at(7)), (2, vec![]));
    watched.engine.undo_act(1);
    assert_eq!(names(&watched).len(), 2);
}

#[test]
fn an_acknowledgement_of_a_change_that_was_undone_counts_no_longer() {
    let mut watched = Watched::with(vec![rule(AlertCondition::Risk)]);
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    watched.after(1, &[(&clean, &risk)]);
    // Somebody else acknowledges it, and undoes that.
    watched.look.acknowledged = Arc::new(HashSet::from([watched.newest()]));
    watched.at(2);
    assert_eq!(watched.engine.waiting(), []);
    watched.look.acknowledged = Arc::default();
    assert_eq!(watched.at(3), []);
    assert_eq!(watched.engine.waiting().len(), 1);

    // Undone before it was told: now somebody has to know.
    let mut watched = Watched::with(vec![rule(AlertCondition::Risk)]);
    let fleet: Fleet = std::iter::once(risk.clone()).collect();
    watched.look.fleet = fleet.with_changes(vec![change(&clean, &risk, minute(1))]);
    watched.look.acknowledged = Arc::new(HashSet::from([watched.newest()]));
    assert_eq!(watched.at(1), []);
    watched.look.acknowledged = Arc::default();
    assert_eq!(told(&watched.at(2)), [(NoticeKind::Firing, vec!["a"])]);
}

#[test]
fn a_sink_hears_of_an_end_for_some_minutes_however_long_its_banner_waits() {
    let mut watched = Watched::with(vec![AlertRule {
        via: vec![AlertWay::Banner, AlertWay::Alertmanager],
        ..rule(AlertCondition::Risk)
    }]);
    let (clean, risk) = (pod("a", "clean"), pod("a", "risk"));
    watched.after(1, &[(&clean, &risk)]);
    let followed = |watched: &Watched, at: i64| {
        let told = watched.engine.told_by(AlertWay::Alertmanager, minute(at));
        told.len()
    };
    assert_eq!(followed(&watched, 500), 1, "it lasts");
    watched.after(501, &[(&risk, &clean)]);
    watched.at(510);
    assert_eq!(followed(&watched, 510), 1);
    watched.at(517);
    assert_eq!((followed(&watched, 517), watched.engine.waiting().len()), (0, 1));
}
