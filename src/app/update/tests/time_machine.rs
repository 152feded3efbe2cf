//! Looking at the past and at a frozen picture, while data continues to arrive.

use std::sync::Arc;

use super::*;
use crate::app::time_machine::ShownPicture;
use crate::app::title;
use crate::collector::SyncState;
use crate::fleet::Scope;
use crate::fleet::past::{Lineup, PastMoment, Replay, Standings, difference};
use crate::state::past::{MomentWanted, NoPicture, PastNews, PastPicture};

fn at(minutes: i64) -> Timestamp {
    let now: Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
    now.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

/// The picture of a snapshot with these pods, as the reader makes it.
fn picture(number: i64, minutes: i64, names: &[&str], now: &Fleet) -> PastPicture {
    let pods: Fleet = names.iter().map(|name| node(name).build()).collect();
    let body = difference(&Lineup::default(), &Lineup::of(pods)).unwrap();
    let then = Replay::default().then(&body).unwrap().lineup(SourceId::default());
    let standings = Arc::new(Standings::between(&then, &Lineup::of(now.clone())));
    PastPicture {
        moment: PastMoment {
            number,
            at: at(minutes),
        },
        before: None,
        place: (1, 2),
        fleet: then.fleet().clone(),
        counts: standings.counts(then.fleet(), &Scope::default()),
        standings,
    }
}

/// What the reader answers to the request of the model.
fn answer(model: &mut Model, picture: Result<PastPicture, NoPicture>) -> Vec<Effect> {
    let which = model.past_request().unwrap().which;
    let news = PastNews {
        which,
        picture,
        altered: 0,
    };
    update(model, Event::Past(Box::new(news)))
}

/// The view worker does what was asked of it.
fn view(model: &mut Model) {
    let view = View::of(model.chosen_fleet(), model.request.clone(), model.chosen_time());
    update(model, Event::View(Box::new(view)));
}

/// A model that shows the pods as they were ten minutes ago.
fn looking_back() -> Model {
    let mut model = model(3);
    model.status.snapshot_at = Some(at(-1));
    assert!(press(&mut model, "<").contains(&Effect::Past));
    let picture = picture(7, -10, &["pod-0000", "old-1"], &model.fleet);
    assert!(answer(&mut model, Ok(picture)).contains(&Effect::View));
    view(&mut model);
    model
}

fn names(model: &Model) -> Vec<String> {
    let pods = (0..model.view.len()).filter_map(|row| model.view.pod(row));
    pods.map(|pod| pod.name().value().unwrap().shown().to_owned())
        .collect()
}

/// The same pods, and one more.
fn list_with_one_more(model: &Model) -> Event {
    let one_more = [node("new").build()];
    let fleet: Fleet = model.fleet.pods().chain(one_more).collect();
    let status = SyncStatus {
        asked_at: Some(at(5)),
        ..model.status.clone()
    };
    Event::Reply(Box::new(Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(status),
            fleet: Some(fleet),
        },
    }))
}

#[test]
fn steps_add_up_while_the_snapshot_is_looked_up() {
    let mut model = model(3);
    model.status.snapshot_at = Some(at(-1));
    press(&mut model, "< < <");
    assert_eq!(
        model.past_request().unwrap().which,
        MomentWanted::Steps(at(-1), -3)
    );
    press(&mut model, ">");
    assert_eq!(
        model.past_request().unwrap().which,
        MomentWanted::Steps(at(-1), -2)
    );
    assert!(model.time.is_live(), "nothing is shown before it is there");
}

#[test]
fn the_whole_table_is_of_the_past_under_todays_filter_while_the_data_goes_on() {
    let mut model = looking_back();
    assert_eq!(names(&model), ["old-1", "pod-0000"]);
    let title = title::of(&model);
    assert!(title.starts_with("hss-top: AT 2025-08-15 09:20, "), "{title}");
    assert!(model.has_banner());
    // The list goes on: its clocks do, and the rows stay.
    let more = list_with_one_more(&model);
    update(&mut model, more);
    assert_eq!((model.status.asked_at, model.fleet.len()), (Some(at(5)), 4));
    assert_eq!(names(&model), ["old-1", "pod-0000"]);
    press(&mut model, "/");
    type_text(&mut model, "old");
    press(&mut model, "Enter");
    view(&mut model);
    assert_eq!(names(&model), ["old-1"]);
    assert!(press(&mut model, "Esc").contains(&Effect::View));
    view(&mut model);
    assert!(model.time.is_live() && !model.has_banner());
    assert_eq!(
        (names(&model).len(), model.filter_text.as_str()),
        (0, "old"),
        "the filter stays"
    );
}

#[test]
fn who_looked_at_the_worst_pod_looks_at_the_worst_of_the_past_too() {
    let mut model = model(3);
    model.status.snapshot_at = Some(at(-1));
    // The key holds the first pod under the cursor, which is far from the first of the past.
    press(&mut model, "<");
    assert!(model.pods.selected.is_some());
    let first = names(&model).remove(0);
    let past = picture(7, -10, &["old-1", "old-2", &first], &model.fleet);
    answer(&mut model, Ok(past));
    view(&mut model);
    assert_eq!(names(&model).last(), Some(&first));
    assert_eq!((model.pods.cursor, model.pods.top), (0, 0));
    // A pod that somebody went to is followed.
    press(&mut model, "j <");
    let chosen = names(&model).remove(1);
    let past = picture(6, -20, &[&chosen, "pod-9998", "pod-9999"], &model.fleet);
    answer(&mut model, Ok(past));
    view(&mut model);
    assert_eq!(names(&model).get(model.pods.cursor), Some(&chosen));
}

#[test]
fn rows_of_one_picture_never_stand_under_the_banner_of_another() {
    let mut model = looking_back();
    let past = model.view.clone();
    press(&mut model, "Esc");
    // The view worker was still at it.
    update(&mut model, Event::View(Box::new(past.clone())));
    assert!(
        matches!(model.time.viewed(), ShownPicture::Past(_)),
        "until the rows of now are there"
    );
    view(&mut model);
    assert!(model.time.is_live());
    update(&mut model, Event::View(Box::new(past)));
    assert_eq!(names(&model), ["pod-0000", "pod-0001", "pod-0002"]);
    let live = model.view.clone();
    press(&mut model, "<");
    let earlier = picture(8, -20, &["older"], &model.fleet);
    answer(&mut model, Ok(earlier));
    update(&mut model, Event::View(Box::new(live)));
    assert!(model.time.is_live());
    view(&mut model);
    assert_eq!(names(&model), ["older"]);
}

#[test]
fn what_cannot_be_shown_is_told_and_the_table_stays() {
    for (why, told) in [
        (NoPicture::Nothing, "no snapshot is stored"),
        (
            NoPicture::KeptSince(at(-60)),
            "nothing older is stored: snapshots begin at 08:30",
        ),
        (
            NoPicture::Altered(at(-60)),
            "the snapshot of 08:30 cannot be shown: it was altered on the disk",
        ),
    ] {
        let mut model = looking_back();
        press(&mut model, "<");
        answer(&mut model, Err(why));
        let notice = model.notice.as_ref().unwrap().text.clone();
        assert!(notice.starts_with(told), "{notice}");
        assert_eq!(names(&model), ["old-1", "pod-0000"]);
    }
    let mut model = looking_back();
    press(&mut model, ">");
    answer(&mut model, Err(NoPicture::Newest));
    view(&mut model);
    assert!(model.time.is_live(), "after the newest comes now");
}

#[test]
fn a_late_answer_to_an_older_request_changes_nothing() {
    let mut model = looking_back();
    press(&mut model, "<");
    let late = PastNews {
        which: model.past_request().unwrap().which,
        picture: Ok(picture(9, -30, &["older"], &model.fleet)),
        altered: 0,
    };
    press(&mut model, "Esc");
    assert_eq!(update(&mut model, Event::Past(Box::new(late))), []);
    view(&mut model);
    assert!(model.time.is_live());
}

#[test]
fn a_moment_is_typed_and_the_list_of_now_is_told_as_such() {
    let mut model = looking_back();
    type_text(&mut model, ":at 09:00");
    assert!(press(&mut model, "Enter").contains(&Effect::Past));
    let nine: Timestamp = "2025-08-15T09:00:00Z".parse().unwrap();
    assert_eq!(model.past_request().unwrap().which, MomentWanted::At(nine));
    let current = picture(9, -1, &["pod-0000"], &model.fleet);
    answer(&mut model, Ok(current));
    view(&mut model);
    assert!(model.time.is_live());
    assert!(
        model
            .notice
            .as_ref()
            .unwrap()
            .text
            .starts_with("these are the pods as they are now")
    );
    type_text(&mut model, ":at soon");
    press(&mut model, "Enter");
    assert!(
        model
            .notice
            .as_ref()
            .unwrap()
            .text
            .starts_with("expected a time such as 03:10")
    );
}

#[test]
fn a_held_picture_stays_until_it_is_let_go_and_says_what_came() {
    let mut model = model(3);
    press(&mut model, "F");
    assert!(
        model.chosen_fleet().is(&model.fleet),
        "it is shared, and costs nothing"
    );
    view(&mut model);
    assert!(title::of(&model).starts_with("hss-top: FROZEN since 2025-08-15 09:30, "));
    let more = list_with_one_more(&model);
    update(&mut model, more);
    view(&mut model);
    assert_eq!((names(&model).len(), model.fleet.len()), (3, 4));
    for key in ["F", "Esc", "q"] {
        let mut model = model.clone();
        press(&mut model, key);
        view(&mut model);
        assert_eq!((names(&model).len(), model.time.is_live()), (4, true), "{key}");
    }
}

#[test]
fn a_pod_of_the_past_is_compared_with_the_same_pod_now() {
    use crate::app::compare::Compared;
    let mut model = looking_back();
    // The cursor is on the pod that is gone; the next one is still there.
    press(&mut model, "g =");
    assert!(
        matches!(&model.focus.comparison().unwrap().of, Compared::Past(pod) if pod.as_of == Some(at(-10)))
    );
    press(&mut model, "Esc j =");
    let Compared::Two(pods) = model.focus.comparison().unwrap().of.clone() else {
        panic!("{:?}", model.focus.comparison().unwrap().of);
    };
    assert_eq!(pods[0].pod.key, pods[1].pod.key);
    assert_eq!([pods[0].as_of, pods[1].as_of], [Some(at(-10)), None]);
    let more = list_with_one_more(&model);
    update(&mut model, more);
    let Compared::Two(renewed) = &model.focus.comparison().unwrap().of else {
        panic!("{:?}", model.focus.comparison().unwrap().of);
    };
    assert_eq!(renewed[0], pods[0], "what was then stays");
}

#[test]
fn one_pod_is_compared_at_two_dates_that_are_chosen_among_the_snapshots() {
    use crate::app::compare::Compared;
    let mut model = model(3);
    model.status.snapshot_at = Some(at(-1));
    let dates = |model: &Model| match &model.focus.comparison().unwrap().of {
        Compared::Two(pods) => pods.each_ref().map(|side| (side.as_of, side.is_listed)),
        other @ Compared::Past(_) => panic!("{other:?}"),
    };
    press(&mut model, "g =");
    assert!(press(&mut model, "<").contains(&Effect::Past));
    assert_eq!(
        model.past_request().unwrap().which,
        MomentWanted::Steps(at(-1), -1),
        "from the list on the screen"
    );
    let picture_of = |model: &Model, minutes, names: &[&str]| picture(7, minutes, names, &model.fleet);
    let then = picture_of(&model, -10, &["pod-0000"]);
    answer(&mut model, Ok(then));
    assert_eq!(dates(&model), [(Some(at(-10)), true), (None, true)]);
    assert!(model.time.is_live(), "the table stays");
    // Further back the pod was not there yet.
    press(&mut model, "<");
    assert_eq!(
        model.past_request().unwrap().which,
        MomentWanted::Steps(at(-10), -1)
    );
    let then = picture_of(&model, -40, &["another"]);
    answer(&mut model, Ok(then));
    assert_eq!(dates(&model), [(Some(at(-40)), false), (None, true)]);
    // The right side steps on its own, and comes back to now.
    press(&mut model, "[");
    let then = picture_of(&model, -10, &["pod-0000"]);
    answer(&mut model, Ok(then));
    assert_eq!(dates(&model), [(Some(at(-40)), false), (Some(at(-10)), true)]);
    press(&mut model, "]");
    answer(&mut model, Err(NoPicture::Newest));
    assert_eq!(dates(&model), [(Some(at(-40)), false), (None, true)]);
    press(&mut model, "]");
    assert!(model.past_request().is_none(), "nothing is newer than now");
    // Two pods have no dates to step through.
    press(&mut model, "Esc Space j Space = <");
    assert!(
        model
            .notice
            .as_ref()
            .is_some_and(|notice| notice.text.starts_with("two pods"))
    );
}

#[test]
fn changes_and_health_say_that_they_are_of_now_while_the_pods_are_not() {
    for keys in ["3", "4"] {
        let mut model = looking_back();
        press(&mut model, keys);
        assert!(model.has_banner());
        assert_eq!(model.areas().unwrap().banner.map(|banner| banner.height), Some(1));
    }
    let mut model = looking_back();
    let rows = model.change_rows();
    press(&mut model, "1 Esc");
    view(&mut model);
    assert_eq!(
        model.change_rows(),
        rows + 1,
        "the banner takes a row of the list"
    );
}

#[test]
fn a_list_is_not_fresh_before_its_rows_are_on_the_screen() {
    let mut model = model(3);
    update(&mut model, Event::Tick(at(5)));
    let more = list_with_one_more(&model);
    update(&mut model, more);
    let loading = SyncState::Loading {
        met: 4,
        total: Some(4),
    };
    assert_eq!(model.state(), loading, "three rows are on the screen");
    view(&mut model);
    assert_eq!((names(&model).len(), model.state()), (4, SyncState::Fresh));
    // The rows of a current list stay current while the next one is sorted.
    let more = list_with_one_more(&model);
    update(&mut model, more);
    assert_eq!(model.state(), SyncState::Fresh);
}

#[test]
fn masked_names_stay_masked_in_the_past() {
    let mut model = looking_back();
    assert!(model.mask(true));
    view(&mut model);
    assert!(
        names(&model).iter().all(|name| !name.contains("old")),
        "{:?}",
        names(&model)
    );
    assert!(matches!(model.time.viewed(), ShownPicture::Past(_)));
}

#[test]
fn a_pod_that_is_gone_meanwhile_is_known_beside_a_frozen_picture() {
    let mut model = model(3);
    press(&mut model, "F");
    let frozen: Vec<_> = model.fleet.pods().map(|pod| pod.key).collect();
    assert!(frozen.iter().all(|key| !model.is_gone_now(key)));
    let fewer: Fleet = model.fleet.pods().take(2).collect();
    model.fleet = fewer;
    let gone: Vec<bool> = frozen.iter().map(|key| model.is_gone_now(key)).collect();
    assert_eq!(gone, [false, false, true]);
}

#[test]
fn r_never_turns_the_worst_pods_out_of_sight() {
    let mut model = model(9);
    let worst = crate::fleet::fields::PodField::Risk.first_direction();
    for keys in ["R", "I", "R", "S", "R"] {
        press(&mut model, keys);
        let expected = if keys == "I" { worst.reversed() } else { worst };
        if keys != "S" {
            assert_eq!(model.sort(), expected, "{keys}");
        }
    }
    press(&mut model, "2 R");
    let sort = model.namespaces.sort;
    press(&mut model, "R");
    assert_eq!(model.namespaces.sort, sort);
}

#[test]
fn a_notice_of_another_moment_goes_with_it() {
    let mut model = looking_back();
    model.notify("told of now");
    answer_again(&mut model);
    assert!(model.notice.is_some(), "nothing moved");
    press(&mut model, "Esc");
    assert_eq!(model.notice, None);
}

/// The time goes on.
fn answer_again(model: &mut Model) {
    let now = model.now;
    update(model, Event::Tick(now));
}

/// Goes to the stored snapshot of this many minutes ago with these pods.
fn step_to(model: &mut Model, key: &str, minutes: i64, names: &[&str]) {
    press(model, key);
    let past = picture(-minutes, minutes, names, &model.fleet);
    answer(model, Ok(past));
    view(model);
}

fn opened(model: &Model) -> String {
    model.pod().unwrap().name().value().unwrap().shown().to_owned()
}

fn absence(model: &Model) -> Option<String> {
    model.absence_words(|at| at.strftime("%H:%M").to_string())
}

#[test]
fn who_steps_through_the_time_in_a_detail_keeps_the_pod_where_the_list_lacks_it() {
    let mut model = looking_back();
    press(&mut model, "Enter");
    assert_eq!((opened(&model).as_str(), absence(&model)), ("old-1", None));
    step_to(&mut model, ">", -5, &["pod-0000", "pod-0001"]);
    assert_eq!(opened(&model), "old-1");
    assert_eq!(absence(&model).unwrap(), "gone · as of HSS's list of 09:20");
    step_to(&mut model, "<", -20, &["pod-0001"]);
    assert_eq!(opened(&model), "old-1");
    assert_eq!(
        absence(&model).unwrap(),
        "not listed yet · as of HSS's list of 09:20"
    );
    // It stands for itself: a mark, a comparison or a request to HSS would be of the pod in that row.
    press(&mut model, "Space");
    assert_eq!((model.pods.marks.len(), model.looked_at()), (0, None));
    step_to(&mut model, ">", -10, &["old-1", "pod-0000"]);
    assert_eq!((opened(&model).as_str(), absence(&model)), ("old-1", None));
    // The next pod of the list is another one, and so is the one of a detail that is opened again.
    step_to(&mut model, ">", -5, &["pod-0000", "pod-0001"]);
    press(&mut model, "j");
    assert_eq!(
        (opened(&model).starts_with("pod-"), absence(&model)),
        (true, None)
    );
}

#[test]
fn who_filters_the_open_pod_away_or_closes_its_detail_is_told() {
    let mut model = looking_back();
    press(&mut model, "Enter");
    model.filter_by("pod-0").unwrap();
    view(&mut model);
    assert_eq!(opened(&model), "old-1");
    assert_eq!(absence(&model).unwrap(), "does not match the filter");
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table);
    assert_eq!((opened(&model).as_str(), absence(&model)), ("pod-0000", None));
    press(&mut model, "Enter");
    assert_eq!((opened(&model).as_str(), absence(&model)), ("pod-0000", None));
}
