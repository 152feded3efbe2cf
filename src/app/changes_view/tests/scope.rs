//! In a scope the screen is about its pods only: what is listed, counted, acknowledged and reported.

use super::*;
use crate::fleet::Scope;
use crate::fleet::risk::Reason;

/// A pod at risk in a cluster of its own, and the change that brought the risk.
fn of_cluster(name: &str, cluster: &str) -> (Pod, Change) {
    let pod = serverless(name)
        .within(cluster, "pay")
        .security("opened", "risk")
        .build();
    let change = Change {
        after: Some(minutes_ago(5)),
        noticed: Some(minutes_ago(5)),
        ..Change::of(&pod, found())
    };
    (pod, change)
}

/// Two pods of cluster `a` and one of cluster `b`, all with a new risk.
fn in_two_clusters() -> Model {
    let mut model = model();
    let (pods, changes): (Vec<Pod>, Vec<Change>) = [("one", "a-1"), ("two", "a-1"), ("far", "b-1")]
        .map(|(name, of)| of_cluster(name, of))
        .into_iter()
        .unzip();
    let fleet: Fleet = pods.into_iter().collect();
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(fleet.with_changes(changes)),
        },
    };
    update(&mut model, Event::Reply(Box::new(reply)));
    see(&mut model);
    model
}

/// The view worker answers.
fn see(model: &mut Model) {
    let view = View::of(&model.fleet, model.request.clone(), model.now);
    update(model, Event::View(Box::new(view)));
}

fn command(model: &mut Model, text: &str) {
    type_text(model, text);
    press(model, "Enter");
    see(model);
}

#[test]
fn the_counts_of_a_scope_say_how_many_of_its_pods_are_new() {
    let mut model = in_two_clusters();
    assert_eq!(model.unread.new_in(Reason::DetectionRisk), 3);
    command(&mut model, ":cluster a-1");
    assert_eq!(
        (model.unread.new_in(Reason::DetectionRisk), model.new_changes()),
        (2, 2)
    );
    // A picture that comes later is counted in the same way.
    let (pods, changes): (Vec<Pod>, Vec<Change>) =
        [("one", "a-1"), ("two", "a-1"), ("three", "a-1"), ("far", "b-1")]
            .map(|(name, of)| of_cluster(name, of))
            .into_iter()
            .unzip();
    model.fleet = pods.into_iter().collect::<Fleet>().with_changes(changes);
    model.changes_arrived();
    assert_eq!(
        (model.unread.new_in(Reason::DetectionRisk), model.new_changes()),
        (3, 3)
    );
    command(&mut model, ":all");
    assert_eq!(
        (model.unread.new_in(Reason::DetectionRisk), model.new_changes()),
        (4, 4)
    );
}

#[test]
fn the_changes_are_those_of_the_scope_and_name_it() {
    let mut model = in_two_clusters();
    press(&mut model, "3");
    assert_eq!(names(&model).len(), 3);
    command(&mut model, ":cluster a-1");
    assert_eq!(names(&model), ["one", "two"]);
    let counts = model.changes.counts(&model.unread);
    assert_eq!((counts.all, counts.unread, model.changes.all()), (2, 2, 2));
    command(&mut model, ":cluster c-1");
    assert_eq!(names(&model).len(), 0);
    command(&mut model, ":all");
    assert_eq!(names(&model).len(), 3);
}

#[test]
fn all_that_is_acknowledged_in_a_scope_is_what_it_shows() {
    let mut model = in_two_clusters();
    press(&mut model, "3 Space Space Space");
    command(&mut model, ":cluster a-1");
    assert_eq!(model.changes.marked.len(), 2, "a mark that is not shown is none");
    press(&mut model, "Esc A");
    assert_eq!(
        model.changes.question,
        Some(ChangesQuestion::AcknowledgeAll(2, 2))
    );
    press(&mut model, "y");
    let acknowledged = &model.changes.book.decisions.acknowledgements;
    assert_eq!(acknowledged.len(), 2);
    command(&mut model, ":all");
    assert_eq!(model.new_changes(), 1, "far is unread");
}

#[test]
fn a_report_in_a_scope_is_of_its_pods_and_hands_nothing_over() {
    let mut model = in_two_clusters();
    command(&mut model, ":cluster a-1");
    let report = model.shift_report(None);
    let (text, findings) = report.markdown();
    assert_eq!(findings, 2, "{text}");
    assert!(
        text.contains("* only pods in `cluster:a-1`\n* 2 pods: 2 at risk"),
        "{text}"
    );
    assert!(!text.contains("far"), "{text}");
    let written = WrittenFile {
        path: "r.md".into(),
        rows: findings,
        nouns: FINDINGS,
        shift: Some(report.shift()),
        scope: report.selection.and_then(|only| only.scope_words),
    };
    let effects = update(&mut model, Event::Exported(Box::new(Ok(written))));
    assert_eq!(
        entries(&effects).len(),
        0,
        "the next report begins where this one does"
    );
    let notice = &model.notice.as_ref().unwrap().text;
    assert_eq!(notice, "wrote 2 findings of cluster:a-1 of the last 8h to r.md");
    command(&mut model, ":mask");
    let (text, findings) = model.shift_report(None).markdown();
    assert_eq!(findings, 2, "masked names are in the same scope: {text}");
    assert!(!text.contains("a-1"), "{text}");
}

#[test]
fn a_report_of_all_that_this_run_asks_for_hands_over() {
    let mut model = in_two_clusters();
    model.changes = ChangesView::begun_within(&Scope {
        cluster: Some("a-1".into()),
        ..Scope::default()
    });
    command(&mut model, ":cluster a-1");
    assert!(!model.shift_report(None).shift().leaves_out_scopes);
}
