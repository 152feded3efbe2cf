//! What a tired operator presses: undoing what is somebody else's, keys of another list, the detail of a pod that is gone.

use super::*;
use crate::app::changes_view::KnownAs;
use crate::fleet::Scope;
use crate::fleet::decisions::{Acknowledgement, Decisions, Mute};
use crate::fleet::past::{Lineup, PastMoment, Standings};
use crate::report::shift::ReportedShift;
use crate::state::past::{MomentWanted, PastNews, PastPicture};

fn told(model: &Model) -> &str {
    model.shown_notice().map_or("", |notice| notice.text.as_str())
}

/// A colleague acknowledged the change of `failed`, and muted `old`.
fn with_a_colleague() -> Model {
    let mut model = with_three();
    let changes = model.fleet.changes().recorded();
    let of_pod = changes.filter(|recorded| recorded.change.pod == pod("failed").key);
    let finding = of_pod.map(|recorded| recorded.id.to_string()).next().unwrap();
    let known = Acknowledgement {
        who: "night-shift".into(),
        at: minutes_ago(90),
        pod: pod("failed").key,
        finding,
        until: None,
        undone: None,
    };
    let mute = Mute {
        who: "night-shift".into(),
        at: minutes_ago(60),
        target: MuteTarget::pod_of(&change("old", found(), 600, [0, 60])),
        end: MuteEnd::Never,
        undone: None,
    };
    let book = Logbook {
        decisions: Decisions {
            acknowledgements: vec![known],
            mutes: vec![mute],
        },
        ..Logbook::default()
    };
    let news = LogbookNews {
        book: Some(Arc::new(book)),
        written: u64::MAX,
        trouble: None,
    };
    update(&mut model, Event::Logbook(Box::new(news)));
    model
}

#[test]
fn a_key_of_the_changes_does_nothing_in_the_list_of_decisions() {
    let mut model = with_a_colleague();
    press(&mut model, "3 L");
    let unread = model.new_changes();
    for key in ["r", "a", "A", "m", "p", "n", "M", "Space", "Enter"] {
        let effects = press(&mut model, key);
        assert_eq!(
            (entries(&effects).len(), model.mode()),
            (0, Mode::Decisions),
            "{key}"
        );
    }
    assert_eq!(model.new_changes(), unread);
    press(&mut model, "Esc L");
    let mut model = with_a_colleague();
    press(&mut model, "3 L r");
    assert_eq!(
        told(&model),
        "r means nothing here; in the changes, to which Esc returns: mark all listed changes as read"
    );
    type_text(&mut model, "/root");
    assert_eq!(
        (model.mode(), model.new_changes()),
        (Mode::Themes, unread),
        "/ r o mean nothing, t does"
    );
}

/// What the state file has after a colleague muted another pod one minute ago.
fn a_mute_more(model: &Model) -> Event {
    let mut book = Logbook::clone(&model.changes.book);
    book.decisions.mutes.push(Mute {
        who: "day-shift".into(),
        at: minutes_ago(1),
        target: MuteTarget::pod_of(&change("risky", found(), 600, [0, 60])),
        end: MuteEnd::Never,
        undone: None,
    });
    Event::Logbook(Box::new(LogbookNews {
        book: Some(Arc::new(book)),
        written: u64::MAX,
        trouble: None,
    }))
}

#[test]
fn the_list_of_decisions_opens_on_the_newest_and_the_cursor_stays_on_its_decision() {
    let mut model = with_a_colleague();
    let at = |model: &Model| {
        let row = &model.decision_rows()[model.changes.decision.line];
        row.at()
    };
    press(&mut model, "3 L");
    assert_eq!(at(&model), minutes_ago(60));
    // A colleague decides while the list is open: u must not undo that.
    let news = a_mute_more(&model);
    update(&mut model, news);
    assert_eq!((model.decision_rows().len(), at(&model)), (3, minutes_ago(60)));
    press(&mut model, "j u y");
    assert_eq!(told(&model), "undone: acknowledgement of 1 change of pod failed");
    assert_eq!(at(&model), minutes_ago(60), "the line above is the last one now");
    press(&mut model, "L L");
    assert_eq!(at(&model), minutes_ago(1), "the newest whenever it is opened");
}

#[test]
fn a_colleagues_decision_is_only_undone_after_a_yes() {
    let mut model = with_a_colleague();
    press(&mut model, "3 L j u");
    assert_eq!((model.mode(), model.decision_rows().len()), (Mode::Confirm, 2));
    assert!(entries(&press(&mut model, "n")).is_empty());
    assert_eq!((model.mode(), model.decision_rows().len()), (Mode::Decisions, 2));
    let effects = press(&mut model, "u y");
    assert!(matches!(entries(&effects).as_slice(), [LogbookEntry::Withdraw(rows)] if rows.len() == 1));
    assert_eq!(told(&model), "undone: acknowledgement of 1 change of pod failed");
    assert_eq!((model.mode(), model.decision_rows().len()), (Mode::Decisions, 1));
}

#[test]
fn u_undoes_ones_own_decisions_in_their_order_and_never_a_colleagues() {
    let mut model = with_a_colleague();
    press(&mut model, "3 a r");
    press(&mut model, "u");
    assert_eq!(told(&model), "undone: 1 change unread again");
    press(&mut model, "u");
    assert_eq!(told(&model), "undone: acknowledgement of 1 change of pod risky");
    press(&mut model, "u");
    assert!(told(&model).starts_with("nothing to undo"), "{}", told(&model));
    assert_eq!(model.decision_rows().len(), 2, "both are the colleague's");
}

#[test]
fn a_notice_about_a_mute_names_what_is_muted_and_m_offers_to_end_it() {
    let mut model = with_a_colleague();
    press(&mut model, "3 m n f");
    assert_eq!(
        told(&model),
        "muted namespace payments of prod-pay until it gets worse; u undoes it"
    );
    press(&mut model, "u");
    assert_eq!(told(&model), "undone: mute of namespace payments of prod-pay");
    press(&mut model, "m");
    assert_eq!(model.focus.mute().unwrap().holds, None);
    press(&mut model, "u");
    assert_eq!(told(&model), "the pod is not muted");
    press(&mut model, "Esc M G m");
    let holds = model.focus.mute().unwrap().holds.clone();
    assert_eq!(holds.unwrap().who, "night-shift");
    let effects = press(&mut model, "u");
    assert!(matches!(entries(&effects).as_slice(), [LogbookEntry::Unmute(_)]));
    assert_eq!(told(&model), "undone: mute of pod old");
    assert_eq!((model.mode(), model.changes.hidden), (Mode::Changes, 0));
}

#[test]
fn a_notice_does_not_follow_to_another_view_or_list() {
    let mut model = with_three();
    press(&mut model, "3 a");
    assert!(told(&model).starts_with("acknowledged"));
    press(&mut model, "L");
    assert_eq!(told(&model), "");
    press(&mut model, "Esc u");
    assert!(told(&model).starts_with("undone"));
    press(&mut model, "1");
    assert_eq!((told(&model), model.notice.as_ref()), ("", None));
}

#[test]
fn the_detail_of_a_pod_that_is_gone_is_of_the_last_snapshot_with_it_or_says_that_it_is_not_saved() {
    let mut model = model();
    let gone = Change {
        before: Some(minutes_ago(20)),
        ..change("gone", ChangeKind::Vanished, 5, [60, 60])
    };
    arrive(&mut model, &["other"], vec![gone]);
    assert!(press(&mut model, "3 Enter").contains(&Effect::Past));
    assert_eq!(model.pod_known_as(), KnownAs::Told);
    let which = model.past_request().unwrap().which;
    assert_eq!(which, MomentWanted::At(minutes_ago(20)));
    let stored: Fleet = std::iter::once(pod("gone")).collect();
    let then = Lineup::of(stored);
    let at = minutes_ago(20);
    let standings = Arc::new(Standings::between(&then, &Lineup::of(model.fleet.clone())));
    let picture = PastPicture {
        moment: PastMoment { number: 1, at },
        before: None,
        place: (1, 1),
        fleet: then.fleet().clone(),
        counts: standings.counts(then.fleet(), &Scope::default()),
        standings,
    };
    let news = PastNews {
        which,
        picture: Ok(picture),
        altered: 0,
    };
    update(&mut model, Event::Past(Box::new(news)));
    assert_eq!(model.pod_known_as(), KnownAs::Stored(at));
    let shown = model.pod().unwrap();
    assert_eq!(shown.detection().value(), Some(&Detection::Risk));
    assert!(shown.serverless.is_some() && model.time.is_live());
    assert!(model.past_request().is_none(), "nothing more is looked up");
}

#[test]
fn a_word_finds_who_acknowledged_and_what_became_of_a_finding() {
    let mut model = with_a_colleague();
    press(&mut model, "3 M");
    for (typed, found) in [("night-shift", vec!["failed"]), ("risky", vec!["risky"])] {
        type_text(&mut model, &format!("/{typed}"));
        press(&mut model, "Enter");
        assert_eq!(names(&model), found);
        press(&mut model, "Esc");
    }
}

/// Some minutes later, with the beginning of the report without a typed time then.
fn report_from_in(model: &mut Model, minutes: i64) -> Timestamp {
    let later = now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
    update(model, Event::Tick(later));
    model.shift_report(None).from
}

#[test]
fn a_second_report_within_minutes_is_of_the_shift_again() {
    let mut model = with_three();
    let twelve = Some(SignedDuration::from_hours(12));
    report_written(&mut model, twelve);
    let from = minutes_ago(12 * 60);
    assert_eq!(report_from_in(&mut model, 2), from, "not the minutes since");
    report_written(&mut model, None);
    let notice = &model.notice.as_ref().unwrap().text;
    assert_eq!(notice, "wrote 2 findings of the last 12h2m to r.md");
    assert_eq!(report_from_in(&mut model, 10), from, "and a third one");
    assert_eq!(report_from_in(&mut model, 60), minutes_ago(-2), "the next shift");
}

#[test]
fn a_report_of_some_minutes_or_of_the_past_does_not_begin_the_next_shift() {
    let mut model = with_three();
    report_written(&mut model, None);
    report_from_in(&mut model, 120);
    assert!(entries(&report_written(&mut model, Some(SignedDuration::from_mins(5)))).is_empty());
    assert_eq!(report_from_in(&mut model, 180), now());
    let past = ReportedShift {
        leaves_out_scopes: false,
        from: minutes_ago(600),
        to: minutes_ago(300),
        is_of_past: true,
    };
    let written = WrittenFile {
        path: "r.md".into(),
        rows: 1,
        nouns: FINDINGS,
        shift: Some(past),
        scope: None,
    };
    assert!(entries(&update(&mut model, Event::Exported(Box::new(Ok(written))))).is_empty());
    let notice = &model.notice.as_ref().unwrap().text;
    assert!(
        notice.starts_with("wrote 1 finding of the 5h before "),
        "{notice}"
    );
    assert_eq!(report_from_in(&mut model, 181), now());
}

#[test]
fn who_asks_from_which_state_a_pod_came_does_not_mean_the_scan_between() {
    let mut model = with_three();
    let scan = |from: Detection, to: Detection| ChangeKind::Detection(from.into(), to.into());
    let mut changes: Vec<Change> = model.fleet.changes().iter().cloned().collect();
    changes.push(change(
        "scanned",
        scan(Detection::Clean, Detection::Scanning),
        4,
        [0, 0],
    ));
    changes.push(change(
        "scanned",
        scan(Detection::Scanning, Detection::Risk),
        2,
        [0, 60],
    ));
    arrive(&mut model, &["old", "failed", "risky", "scanned"], changes);
    press(&mut model, "3");
    type_text(&mut model, "/from:clean to:risk pod:scanned");
    press(&mut model, "Enter");
    assert_eq!(names(&model), ["scanned"]);
    let selected = model.selected_change().unwrap();
    assert_eq!(
        selected.kind,
        scan(Detection::Scanning, Detection::Risk),
        "as HSS listed it"
    );
}
