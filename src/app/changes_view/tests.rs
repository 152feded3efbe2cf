//! What the keys of the view do, and what the view says of changes and decisions.

use std::collections::HashSet;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;
use ratatui::layout::Size;

use super::*;
use crate::app::effect::Effect;
use crate::app::event::Event;
use crate::app::fixture::empty_model;
use crate::app::update::update;
use crate::collector::{News, Reply};
use crate::fleet::changes::{ChangeKind, ScoreShift};
use crate::fleet::decisions::{MuteEnd, MuteTarget};
use crate::fleet::fixture::serverless;
use crate::fleet::news::ChangeMark;
use crate::fleet::usage::Pressure;
use crate::fleet::watched::WatchedSpan;
use crate::fleet::words::{Detection, Status};
use crate::fleet::{SourceId, View};
use crate::keys::{Mode, ViewKind};
use crate::report::shift::ReportRequest;
use crate::report::{FINDINGS, WrittenFile};
use crate::state::{LogbookEntry, LogbookNews};

fn now() -> Timestamp {
    "2025-08-15T22:04:00Z".parse().unwrap()
}

fn minutes_ago(minutes: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(minutes)).unwrap()
}

fn pod(name: &str) -> Pod {
    serverless(name)
        .within("prod-pay", "payments")
        .security("opened", "risk")
        .build()
}

fn change(name: &str, kind: ChangeKind, minutes: i64, scores: [u32; 2]) -> Change {
    Change {
        after: Some(minutes_ago(minutes)),
        noticed: Some(minutes_ago(minutes)),
        scores: ScoreShift {
            before: Some(scores[0]),
            after: Some(scores[1]),
        },
        ..Change::of(&pod(name), kind)
    }
}

fn found() -> ChangeKind {
    ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into())
}

fn failed() -> ChangeKind {
    ChangeKind::Status(Status::Running.into(), Status::Failed.into())
}

fn model() -> Model {
    let mut model = empty_model(Size::new(120, 24), now());
    model.changes.who = "ops".into();
    model
}

/// A picture of the fleet with these changes arrives.
fn arrive(model: &mut Model, names: &[&str], changes: Vec<Change>) {
    let fleet: Fleet = names.iter().map(|name| pod(name)).collect();
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(fleet.with_changes(changes)),
        },
    };
    update(model, Event::Reply(Box::new(reply)));
    let view = View::of(&model.fleet, model.request.clone(), model.now);
    update(model, Event::View(Box::new(view)));
}

/// Three changes of two snapshots: a new risk, a failed pod, and an older risk.
fn with_three() -> Model {
    let mut model = model();
    let changes = vec![
        change("old", found(), 600, [0, 60]),
        change("failed", failed(), 5, [0, 35]),
        change("risky", found(), 5, [18, 60]),
    ];
    arrive(&mut model, &["old", "failed", "risky"], changes);
    model
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let keys = keys.split(' ');
    keys.flat_map(|name| {
        let code = match name {
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Space" => KeyCode::Char(' '),
            _ => KeyCode::Char(name.chars().next().unwrap()),
        };
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        update(model, Event::Input(Input::Key(key)))
    })
    .filter(|effect| !matches!(effect, Effect::Own(_)))
    .collect()
}

fn type_text(model: &mut Model, text: &str) {
    for character in text.chars() {
        let key = KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE);
        update(model, Event::Input(Input::Key(key)));
    }
}

/// The names of the pods in the list.
fn names(model: &Model) -> Vec<String> {
    let shown = model.changes.shown.changes().iter();
    let name = |logged: &LoggedChange| {
        let change = model.fleet.changes().numbered(logged.number).unwrap();
        change.name.value().unwrap().raw().to_owned()
    };
    shown.map(name).collect()
}

/// How many of the changes that are shown are acknowledged.
fn acknowledged(model: &Model) -> usize {
    model.changes.counts(&model.unread).acknowledged
}

fn entries(effects: &[Effect]) -> Vec<&LogbookEntry> {
    let entries = effects.iter().filter_map(|effect| match effect {
        Effect::Logbook(entry) => Some(entry),
        _ => None,
    });
    entries.collect()
}

#[test]
fn the_newest_and_worst_is_first_and_one_key_shows_it() {
    let mut model = with_three();
    press(&mut model, "3");
    assert_eq!(
        (model.mode(), model.focus.view()),
        (Mode::Changes, ViewKind::Changes)
    );
    assert_eq!(names(&model), ["risky", "failed", "old"]);
    let rows: Vec<bool> = model
        .changes
        .rows_from(0)
        .map(|row| matches!(row, ChangesRow::Heading(_)))
        .collect();
    assert_eq!(rows, [true, false, false, true, false]);
    assert_eq!((model.new_changes(), model.changes.row_of(2)), (3, 4));
    for first in 0..5 {
        assert_eq!(model.changes.rows_from(first).count(), 5 - first);
    }
}

#[test]
fn all_that_changed_of_a_pod_in_a_snapshot_is_one_row_that_is_read_and_acknowledged_together() {
    let mut model = model();
    let changes = vec![
        change("a", found(), 600, [0, 60]),
        change("a", failed(), 5, [0, 95]),
        change("b", found(), 5, [0, 60]),
        change("a", found(), 5, [0, 95]),
    ];
    arrive(&mut model, &["a", "b"], changes);
    press(&mut model, "3");
    assert_eq!(
        names(&model),
        ["a", "b", "a"],
        "the older snapshot has its own row"
    );
    let first = model.changes.selected().unwrap().id;
    assert_eq!(model.changes.others_of(first).len(), 1);
    assert_eq!(model.new_changes(), 4);
    press(&mut model, "Enter Esc");
    assert_eq!(
        model.new_changes(),
        1,
        "all of the pod are read, the older one too"
    );
    press(&mut model, "a");
    let ids: Vec<ChangeId> = model.changes.of_row(first).collect();
    assert!(ids.len() == 2 && ids.iter().all(|id| model.changes.acknowledgement(*id).is_some()));
    // A filter that only the other change passes keeps the cursor on its row.
    press(&mut model, "/");
    type_text(&mut model, "changed:status");
    press(&mut model, "Enter");
    assert_eq!(names(&model), ["a"]);
    assert_eq!(Some(model.changes.selected().unwrap().id), ids.last().copied());
}

#[test]
fn a_change_is_read_when_its_pod_is_opened_and_not_by_moving_over_it() {
    let mut model = with_three();
    let effects = press(&mut model, "3 j G g j");
    assert_eq!(model.new_changes(), 3);
    assert!(entries(&effects).is_empty());
    let effects = press(&mut model, "Enter");
    assert!(matches!(entries(&effects).as_slice(), [LogbookEntry::Read(ids, _)] if ids.len() == 1));
    assert_eq!((model.mode(), model.new_changes()), (Mode::Detail, 2));
    assert_eq!(model.pod().unwrap().key, pod("failed").key);
    press(&mut model, "j");
    assert_eq!(model.pod().unwrap().key, pod("old").key, "the next change's pod");
    assert_eq!(model.new_changes(), 1);
    press(&mut model, "Esc");
    assert_eq!((model.mode(), model.changes.cursor), (Mode::Changes, 2));
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table);
}

#[test]
fn the_pod_of_a_change_opens_also_if_it_is_gone() {
    let mut model = model();
    let gone = change("gone", found(), 5, [0, 60]);
    arrive(&mut model, &[], vec![gone]);
    press(&mut model, "3 Enter");
    let last = model.pod().unwrap();
    assert_eq!(last.detection().value(), Some(&Detection::Risk));
    assert_eq!(model.pod_gone_since(), Some(minutes_ago(5)));
}

#[test]
fn an_acknowledgement_says_who_and_when_and_is_taken_back() {
    let mut model = with_three();
    let effects = press(&mut model, "3 a");
    let id = model.changes.selected().unwrap().id;
    let known = model.changes.acknowledgement(id).unwrap();
    assert_eq!((known.who.as_str(), known.at), ("ops", now()));
    assert!(matches!(
        entries(&effects).as_slice(),
        [LogbookEntry::Acknowledge(rows), LogbookEntry::Read(..)] if rows[0].change() == Some(id)
    ));
    assert_eq!(model.new_changes(), 2, "it is read too");
    let effects = press(&mut model, "u");
    assert_eq!(model.changes.acknowledgement(id), None);
    assert_eq!(model.new_changes(), 3);
    assert!(matches!(
        entries(&effects).as_slice(),
        [LogbookEntry::Unread(_), LogbookEntry::Withdraw(_)]
    ));
    assert!(entries(&press(&mut model, "u")).is_empty(), "once");
}

#[test]
fn marked_changes_are_acknowledged_together_and_all_after_a_yes() {
    let mut model = with_three();
    press(&mut model, "3 Space Space");
    assert_eq!((model.changes.marked.len(), model.changes.cursor), (2, 2));
    press(&mut model, "a");
    assert_eq!((acknowledged(&model), model.changes.marked.len()), (2, 0));
    press(&mut model, "A");
    assert_eq!(model.mode(), Mode::Confirm);
    press(&mut model, "n");
    assert_eq!((model.mode(), acknowledged(&model)), (Mode::Changes, 2));
    press(&mut model, "A y");
    assert_eq!((model.mode(), acknowledged(&model)), (Mode::Changes, 3));
    press(&mut model, "A");
    assert_eq!(model.mode(), Mode::Changes, "nothing is left to acknowledge");
    press(&mut model, "u");
    assert_eq!(acknowledged(&model), 2, "the last decision was one change");
}

#[test]
fn a_decision_can_be_taken_back_for_a_while_and_later_from_the_list() {
    let mut model = with_three();
    press(&mut model, "3 a");
    let later = now().checked_add(SignedDuration::from_mins(3)).unwrap();
    update(&mut model, Event::Tick(later));
    press(&mut model, "u");
    assert_eq!(acknowledged(&model), 1);
    press(&mut model, "L");
    assert_eq!(model.decision_rows().len(), 1);
    press(&mut model, "j a m A");
    assert_eq!(
        (model.decision_rows().len(), model.mode()),
        (1, Mode::Decisions),
        "no change is in sight"
    );
    press(&mut model, "u");
    assert_eq!((model.decision_rows().len(), acknowledged(&model)), (0, 0));
    press(&mut model, "Esc");
    assert_eq!(
        (model.mode(), model.changes.list),
        (Mode::Changes, ChangesList::Changes)
    );
}

#[test]
fn muted_changes_are_hidden_and_counted_until_the_pod_gets_worse() {
    let mut model = with_three();
    press(&mut model, "3 m");
    assert_eq!(model.mode(), Mode::Mute);
    let effects = press(&mut model, "m");
    assert!(matches!(
        entries(&effects).as_slice(),
        [LogbookEntry::Mute(mute), LogbookEntry::Read(..)] if mute.end == MuteEnd::Changed
    ));
    assert_eq!(names(&model), ["failed", "old"]);
    assert_eq!((model.changes.hidden, model.new_changes()), (1, 2));
    press(&mut model, "M");
    assert_eq!((names(&model).len(), model.changes.hidden), (3, 0));
    let mut changes: Vec<Change> = model.fleet.changes().iter().cloned().collect();
    let later = now().checked_add(SignedDuration::from_mins(9)).unwrap();
    update(&mut model, Event::Tick(later));
    changes.push(Change {
        after: Some(later),
        noticed: Some(later),
        ..change("risky", failed(), 0, [60, 95])
    });
    arrive(&mut model, &["old", "failed", "risky"], changes);
    press(&mut model, "M");
    assert_eq!(names(&model), ["risky", "risky", "failed", "old"], "it came back");
    assert_eq!(model.new_changes(), 3);
}

#[test]
fn the_menu_of_a_mute_has_a_cursor_and_enter_takes_its_line() {
    let muted = |keys: &str| {
        let mut model = with_three();
        press(&mut model, "3 m");
        press(&mut model, keys);
        let mutes = &model.changes.book.decisions.mutes;
        mutes.first().map(|mute| (mute.target.clone(), mute.end))
    };
    let at = |hours: i64| MuteEnd::At(now().checked_add(SignedDuration::from_hours(hours)).unwrap());
    assert_eq!(muted("Enter").map(|(_, end)| end), Some(MuteEnd::Changed));
    assert_eq!(muted("j Enter").map(|(_, end)| end), Some(at(2)));
    assert_eq!(muted("j j k j Enter").map(|(_, end)| end), Some(at(7 * 24)));
    assert_eq!(muted("j j j j j j Enter"), None, "the last line mutes nothing");
    // The namespace is another target, not a decision: the cursor stays for it.
    let of_namespace = muted("j j j j Enter k k k Enter").unwrap();
    assert!(matches!(of_namespace, (MuteTarget::Namespace { .. }, end) if end == at(2)));
}

#[test]
fn a_namespace_is_muted_for_a_time_and_unmuted() {
    let mut model = with_three();
    press(&mut model, "3 m n h");
    assert_eq!((names(&model).len(), model.changes.hidden), (0, 3));
    let mute = &model.changes.book.decisions.mutes[0];
    assert!(matches!(mute.target, MuteTarget::Namespace { .. }));
    assert_eq!(
        mute.end,
        MuteEnd::At(now().checked_add(SignedDuration::from_hours(2)).unwrap())
    );
    press(&mut model, "u");
    assert_eq!((names(&model).len(), model.new_changes()), (3, 3));
    press(&mut model, "m Esc");
    assert_eq!((model.mode(), model.focus.mute().cloned()), (Mode::Changes, None));
    type_text(&mut model, ":mute ns forever");
    press(&mut model, "Enter");
    assert_eq!(model.changes.hidden, 3);
}

#[test]
fn undoing_a_mute_or_an_acknowledgement_gives_back_what_was_unread_also_from_the_list() {
    for decide in ["3 m n d", "3 a"] {
        let mut model = with_three();
        press(&mut model, decide);
        assert!(model.new_changes() < 3);
        press(&mut model, "L");
        let effects = press(&mut model, "u");
        assert_eq!(model.new_changes(), 3, "{decide}");
        assert!(matches!(
            entries(&effects).as_slice(),
            [
                LogbookEntry::Unread(_),
                LogbookEntry::Unmute(_) | LogbookEntry::Withdraw(_)
            ]
        ));
        press(&mut model, "Esc");
        press(&mut model, "u");
        assert_eq!(model.new_changes(), 3, "nothing is left to undo");
    }
}

#[test]
fn a_pod_is_acknowledged_and_muted_in_the_table_and_shows_it() {
    let mut model = with_three();
    let place = |model: &Model, name: &str| {
        let mut places = 0..model.view.len();
        places
            .find(|at| model.view.pod(*at).unwrap().key == pod(name).key)
            .unwrap()
    };
    let mark = |model: &Model, name: &str| {
        let row = model.view.row(place(model, name));
        model.row_mark(&pod(name), row)
    };
    model.select(place(&model, "risky"));
    press(&mut model, "a");
    assert_eq!(model.new_changes(), 2, "only those of this pod");
    assert_eq!(mark(&model, "risky"), Some(ChangeMark::Acknowledged));
    assert_eq!(model.acknowledgement_of(&pod("risky")).unwrap().who, "ops");
    press(&mut model, "u");
    assert_eq!(
        (model.new_changes(), mark(&model, "risky")),
        (3, Some(ChangeMark::NewRisk))
    );
    press(&mut model, "m h");
    assert_eq!(mark(&model, "risky"), Some(ChangeMark::Muted));
    let mute = model.mute_of(&pod("risky"), None).unwrap();
    assert_eq!(
        (mute.who.as_str(), mute.at.as_second()),
        ("ops", now().as_second())
    );
    press(&mut model, "u");
    assert_eq!(mark(&model, "risky"), Some(ChangeMark::NewRisk));
    // It was at risk before hss-top watched: there is no change to acknowledge.
    let mut model = with_three();
    arrive(&mut model, &["before"], vec![]);
    press(&mut model, "a");
    assert_eq!(mark(&model, "before"), Some(ChangeMark::Acknowledged));
    assert_eq!(model.decision_rows().len(), 1);
}

#[test]
fn only_problems_leaves_out_usage_that_is_only_high() {
    let mut model = model();
    let high = ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Warn);
    let critical = ChangeKind::MemoryThreshold(Pressure::Warn, Pressure::Critical);
    let changes = vec![
        change("high", high, 5, [0, 10]),
        change("critical", critical, 5, [10, 30]),
        change("limit", ChangeKind::Appeared, 5, [0, 1]),
    ];
    arrive(&mut model, &["high", "critical", "limit"], changes);
    press(&mut model, "3 p");
    assert_eq!(names(&model), ["critical"]);
    press(&mut model, "p");
    assert_eq!(names(&model).len(), 3);
}

/// The lines between the snapshots, from above.
fn lines_between(model: &Model) -> Vec<Between> {
    let rows = model.changes.rows_from(0);
    rows.filter_map(|row| match row {
        ChangesRow::Between(between) => Some(between),
        _ => None,
    })
    .collect()
}

#[test]
fn a_gap_and_the_last_visit_are_lines_between_the_changes() {
    let mut model = with_three();
    model.focus.show(ViewKind::Changes);
    let span = |from, to| WatchedSpan {
        from: minutes_ago(from),
        to: minutes_ago(to),
    };
    let book = Logbook {
        watched: vec![span(700, 20), span(5, 0)],
        used_at: Some(minutes_ago(18)),
        ..Logbook::default()
    };
    let news = LogbookNews {
        book: Some(Arc::new(book)),
        ..LogbookNews::default()
    };
    update(&mut model, Event::Logbook(Box::new(news)));
    assert_eq!(
        lines_between(&model),
        [
            Between::NotWatched(span(20, 5), 0),
            Between::LastHere(minutes_ago(18))
        ]
    );
    assert_eq!((model.changes.row_count(), model.changes.row_of(2)), (7, 6));
    for first in 0..7 {
        assert_eq!(model.changes.rows_from(first).count(), 7 - first);
    }
    // A key tells that the operator is here, at most once a minute, and before the end.
    assert!(matches!(
        entries(&press(&mut model, "3")).as_slice(),
        [LogbookEntry::Used(_)]
    ));
    assert!(entries(&press(&mut model, "j")).is_empty());
    let later = now().checked_add(SignedDuration::from_mins(12)).unwrap();
    update(&mut model, Event::Tick(later));
    press(&mut model, "j");
    assert_eq!(model.changes.presence.last_here, Some(now()));
}

/// Writes the report that the model orders, as the writer of files does.
fn report_written(model: &mut Model, back: Option<SignedDuration>) -> Vec<Effect> {
    let written = WrittenFile {
        path: "r.md".into(),
        rows: 2,
        nouns: FINDINGS,
        shift: Some(model.shift_report(back).shift()),
        scope: None,
    };
    update(model, Event::Exported(Box::new(Ok(written))))
}

#[test]
fn a_report_without_a_time_is_of_what_came_since_the_last_one() {
    let mut model = with_three();
    let effects = press(&mut model, "3 R");
    assert_eq!(effects, [Effect::Report(ReportRequest::default())]);
    let from = |model: &Model| model.shift_report(None).from;
    assert_eq!(from(&model), minutes_ago(8 * 60));
    let later = now().checked_add(SignedDuration::from_hours(1)).unwrap();
    let effects = report_written(&mut model, None);
    assert!(matches!(
        entries(&effects).as_slice(),
        [LogbookEntry::Reported(_)]
    ));
    let notice = &model.notice.as_ref().unwrap().text;
    assert_eq!(notice, "wrote 2 findings of the last 8h to r.md");
    update(&mut model, Event::Tick(later));
    assert_eq!(from(&model), now());
}

#[test]
fn a_filter_acts_as_it_is_typed_as_far_as_it_is_finished() {
    let mut model = with_three();
    press(&mut model, "3");
    type_text(&mut model, "/to:risk");
    assert_eq!(names(&model), ["risky", "old"]);
    type_text(&mut model, " changed:1h");
    assert_eq!(names(&model), ["risky"]);
    type_text(&mut model, " to:purple");
    assert!(model.filter_fault().is_some());
    assert_eq!(names(&model), ["risky"], "the finished terms act");
    press(&mut model, "Enter");
    assert!(model.filter_fault().is_some_and(|fault| fault.is_refused));
    assert_eq!(
        (model.mode(), model.changes.filter_text.as_str()),
        (Mode::Filter, "")
    );
    press(&mut model, "Esc");
    assert_eq!((names(&model).len(), model.mode()), (3, Mode::Changes));
    type_text(&mut model, "/pod:fail");
    press(&mut model, "Enter");
    assert_eq!(
        (names(&model).len(), model.changes.filter_text.as_str()),
        (1, "pod:fail")
    );
    assert!(model.filter_text.is_empty(), "the table of pods has its own");
    press(&mut model, "Esc");
    assert_eq!(names(&model).len(), 3);
}

#[test]
fn the_cursor_stays_on_its_change_when_others_arrive() {
    let mut model = with_three();
    press(&mut model, "3 j");
    let mut changes: Vec<Change> = model.fleet.changes().iter().cloned().collect();
    changes.push(change("new", found(), 1, [0, 60]));
    arrive(&mut model, &["old", "failed", "risky", "new"], changes);
    assert_eq!(names(&model)[model.changes.cursor], "failed");
}

#[test]
fn decisions_of_another_dashboard_arrive_and_ours_are_not_lost_to_an_older_state() {
    let mut model = with_three();
    press(&mut model, "3 a");
    model.changes.sent = 2;
    let id = model.changes.selected().unwrap().id;
    let news = |written, book: Logbook| {
        Event::Logbook(Box::new(LogbookNews {
            book: Some(Arc::new(book)),
            written,
            trouble: None,
        }))
    };
    update(&mut model, news(1, Logbook::default()));
    assert!(model.changes.acknowledgement(id).is_some(), "that state is older");
    let mut book = (*model.changes.book).clone();
    book.decisions.acknowledgements[0].who = "ann".into();
    update(&mut model, news(2, book));
    assert_eq!(model.changes.acknowledgement(id).unwrap().who, "ann");
}

#[test]
fn what_an_earlier_run_read_stays_read_and_what_it_left_is_unread() {
    let mut model = model();
    let all = vec![
        change("a", found(), 60, [0, 60]),
        change("b", found(), 60, [0, 60]),
    ];
    let fleet: Fleet = ["a", "b"].iter().map(|name| pod(name)).collect();
    let fleet = fleet.with_changes(all).as_of_an_earlier_run();
    let read = fleet.changes().recorded().next().unwrap().id;
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(fleet),
        },
    };
    update(&mut model, Event::Reply(Box::new(reply)));
    assert_eq!(model.new_changes(), 0, "not known yet");
    let book = Logbook {
        read: HashSet::from([read]),
        ..Logbook::default()
    };
    let news = LogbookNews {
        book: Some(Arc::new(book)),
        ..LogbookNews::default()
    };
    update(&mut model, Event::Logbook(Box::new(news)));
    assert_eq!(model.new_changes(), 1);
    press(&mut model, "3 r");
    assert_eq!(model.new_changes(), 0);
    press(&mut model, "u");
    assert_eq!(model.new_changes(), 1);
}

/// Which pods became risky since I last looked, and when; and the shift's report: in few keys.
#[test]
fn the_tasks_of_a_night_shift_take_six_keys_at_most() {
    let mut model = with_three();
    press(&mut model, "3");
    assert_eq!(names(&model)[0], "risky");
    let mut model = with_three();
    type_text(&mut model, ":report 12h");
    let effects = press(&mut model, "Enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Report(request)] if request.back == Some(SignedDuration::from_hours(12))
    ));
    let (text, findings) = model
        .shift_report(Some(SignedDuration::from_hours(12)))
        .markdown();
    // The pod that failed is well by now, and is at risk since before hss-top watched.
    assert_eq!(findings, 3, "{text}");
    assert!(text.contains("`risky`"));
}

/// What the state file has after it wrote what the screen decided: times in milliseconds.
fn as_saved(model: &Model) -> Logbook {
    let saved = |at: Timestamp| Timestamp::from_millisecond(at.as_millisecond()).unwrap();
    let mut book = (*model.changes.book).clone();
    for row in &mut book.decisions.acknowledgements {
        (row.at, row.undone) = (saved(row.at), row.undone.map(saved));
    }
    for row in &mut book.decisions.mutes {
        (row.at, row.undone) = (saved(row.at), row.undone.map(saved));
    }
    let recorded = model.fleet.changes().recorded();
    book.read = recorded
        .filter(|recorded| !model.unread.is_unread(recorded))
        .map(|recorded| recorded.id)
        .collect();
    book
}

/// The state file tells what it has.
fn tell_saved(model: &mut Model) {
    let news = LogbookNews {
        book: Some(Arc::new(as_saved(model))),
        written: u64::MAX,
        trouble: None,
    };
    update(model, Event::Logbook(Box::new(news)));
}

#[test]
fn one_u_undoes_a_decision_that_came_back_from_the_state_file_meanwhile() {
    for decide in [
        "3 a",
        "3 A y",
        "3 m m",
        "3 m Enter",
        "3 m h",
        "3 m d",
        "3 m f",
        "3 m n m",
        "m m",
        "a",
    ] {
        let mut model = with_three();
        let fine = now()
            .checked_add(SignedDuration::from_nanos(123_456_789))
            .unwrap();
        update(&mut model, Event::Tick(fine));
        tell_saved(&mut model);
        press(&mut model, decide);
        assert_eq!(model.decision_rows().len(), 1, "{decide}");
        tell_saved(&mut model);
        assert_eq!(model.decision_rows().len(), 1, "{decide}");
        let effects = press(&mut model, "u");
        tell_saved(&mut model);
        assert_eq!(model.decision_rows().len(), 0, "{decide}");
        assert_eq!((model.changes.hidden, model.new_changes()), (0, 3), "{decide}");
        assert_eq!(acknowledged(&model), 0, "{decide}");
        let takes =
            |entry: &&LogbookEntry| matches!(entry, LogbookEntry::Withdraw(_) | LogbookEntry::Unmute(_));
        assert_eq!(
            entries(&effects).iter().filter(|entry| takes(entry)).count(),
            1,
            "{decide}"
        );
    }
}

#[test]
fn each_key_is_one_entry_of_the_list_also_within_a_second() {
    let mut model = model();
    let changes = vec![
        change("a", found(), 600, [0, 60]),
        change("a", failed(), 5, [0, 95]),
        change("b", found(), 5, [0, 60]),
        change("a", found(), 5, [0, 95]),
    ];
    arrive(&mut model, &["a", "b"], changes);
    press(&mut model, "a");
    let words = |model: &Model| -> Vec<String> {
        let rows = model.decision_rows().into_iter();
        rows.filter_map(|row| match row {
            acts::DecisionRow::Acknowledged(rows) => Some(model.acknowledged_words(&rows)),
            acts::DecisionRow::Muted(..) => None,
        })
        .collect()
    };
    assert_eq!(words(&model), ["3 changes of pod a"]);
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "acknowledged 3 changes of pod a; u undoes it"
    );
    press(&mut model, "3 A y");
    assert_eq!(words(&model), ["1 change of pod b", "3 changes of pod a"]);
    // The last one of the list is undone as a whole, and nothing else.
    press(&mut model, "L j u");
    assert_eq!(words(&model), ["1 change of pod b"]);
    assert_eq!(model.new_changes(), 3);
    press(&mut model, "u Esc A y");
    assert_eq!(words(&model), ["4 changes of 2 pods"]);
}

#[test]
fn opening_a_pod_in_the_table_marks_its_changes_as_read_and_looking_at_it_does_not() {
    let mut model = with_three();
    press(&mut model, "j k");
    assert_eq!(model.new_changes(), 3);
    let effects = press(&mut model, "Enter");
    assert!(matches!(entries(&effects).as_slice(), [LogbookEntry::Read(ids, _)] if ids.len() == 1));
    assert_eq!(model.new_changes(), 2);
    press(&mut model, "? Esc j");
    assert_eq!(model.new_changes(), 1, "the next pod is in the detail");
    press(&mut model, "Esc");
    let mut model = with_three();
    press(&mut model, "y");
    assert_eq!(model.new_changes(), 2, "whichever key opens it");
}

#[test]
fn r_marks_what_is_shown_as_read_and_says_what_is_left() {
    let mut model = with_three();
    press(&mut model, "3");
    type_text(&mut model, "/pod:fail");
    press(&mut model, "Enter r");
    assert_eq!(model.new_changes(), 2);
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "1 change marked as read; 2 unread are not shown; u undoes it"
    );
    press(&mut model, "r");
    assert_eq!(
        model.notice.as_ref().unwrap().text,
        "no change that is shown is unread; 2 unread are not shown"
    );
    press(&mut model, "u");
    assert_eq!(model.new_changes(), 3);
}

#[test]
fn all_counts_are_of_changes_and_of_those_that_are_shown() {
    let mut model = model();
    let changes = vec![
        change("a", failed(), 5, [0, 95]),
        change("b", found(), 5, [0, 60]),
        change("a", found(), 5, [0, 95]),
    ];
    arrive(&mut model, &["a", "b"], changes);
    press(&mut model, "3");
    let counts = |model: &Model| {
        let counts = model.changes.counts(&model.unread);
        (counts.all, counts.before, counts.unread, model.changes.hidden)
    };
    assert_eq!(model.changes.shown.changes().len(), 2, "rows");
    assert_eq!(counts(&model), (3, 0, 3, 0));
    press(&mut model, "j");
    assert_eq!(counts(&model), (3, 2, 3, 0), "the first row has two");
    press(&mut model, "k m m");
    assert_eq!(counts(&model), (1, 0, 1, 2));
    press(&mut model, "M");
    assert_eq!(counts(&model).0, 3, "as many as were hidden came back");
}

#[test]
fn the_heading_of_the_snapshot_stays_in_the_first_line() {
    let mut model = model();
    let names: Vec<String> = (0..60).map(|at| format!("p{at:02}")).collect();
    let changes = names
        .iter()
        .map(|name| change(name, found(), 5, [0, 60]))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    arrive(&mut model, &names, changes);
    press(&mut model, "3 G");
    let lines = model.change_rows();
    for keys in ["k", "k", "g", "j", "G"].iter().chain(["k"; 40].iter()) {
        press(&mut model, keys);
        let rows: Vec<ChangesRow<'_>> = model.changes.on_screen(lines).collect();
        assert!(matches!(rows[0], ChangesRow::Heading(_)), "{keys}");
        let cursor = model.changes.cursor;
        assert!(
            rows.iter()
                .any(|row| matches!(row, ChangesRow::Change(place, _) if *place == cursor)),
            "the cursor is not below the heading: {keys}"
        );
    }
    model.scroll_changes(7);
    let rows: Vec<ChangesRow<'_>> = model.changes.on_screen(lines).collect();
    let cursor = model.changes.cursor;
    assert!(
        rows.iter()
            .any(|row| matches!(row, ChangesRow::Change(place, _) if *place == cursor))
    );
}

#[test]
fn n_goes_to_the_next_change_in_which_a_risk_was_found() {
    let mut model = with_three();
    press(&mut model, "3 j n");
    assert_eq!(names(&model)[model.changes.cursor], "old");
    press(&mut model, "n");
    assert!(model.notice.is_some(), "none is below");
    press(&mut model, "N");
    assert_eq!(names(&model)[model.changes.cursor], "risky");
}

mod new_counts;
mod night;
mod scope;
