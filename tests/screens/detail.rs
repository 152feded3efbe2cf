//! The detail of a pod of each kind, at every size that matters.

use hss_top::app::Model;
use hss_top::app::event::Event;
use hss_top::collector::{News, Reply};
use hss_top::fleet::history::Point;
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{History, Scope, SourceId, Store};
use hss_top::hss::wire::read_page;
use hss_top::ui::{Palette, SignSet, Theme};
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use crate::support::stage::{draw, empty_model, feed, now, press, text};

const SIZES: [Size; 4] = [
    Size::new(80, 24),
    Size::new(120, 40),
    Size::new(200, 60),
    Size::new(280, 70),
];

/// What HSS said 15 minutes ago, and what it says now: one pod of each kind.
const LISTS: [&str; 2] = [
    r#"{"data_list":[
        {"id":"05d8a4f1-c280-4c6f-8f0b-9a7e6d5c4b3a","pod_name":"over-limit-0","namespace_name":"payments",
         "cluster_name":"prod-a","cluster_id":"9a7e6d5c-4b3a-4c6f-8f0b-05d8a4f1c280","cluster_type":"cce",
         "node_name":"rack01-node05","node_ip":"192.168.0.5","pod_ip":"10.0.3.7","region_id":"cn-north-4",
         "status":"Running","create_time":1755100000000,"cpu":"600m","cpu_limit":"1","memory":"300Mi","memory_limit":"512Mi"},
        {"id":"b","pod_name":"no-limit-0","namespace_name":"search","cluster_name":"prod-a","node_name":"rack01-node06",
         "status":"Running","create_time":1755100000000,"cpu":"120m","cpu_limit":"0","memory":"300Mi"},
        {"id":"c","pod_name":"gone-0","namespace_name":"search","cluster_name":"prod-a","node_name":"rack01-node06",
         "status":"Running","create_time":1755100000000}],
       "pod_info_list":[
        {"pod_name":"at-risk-0","namespace_name":"settlement","cluster_name":"cci-burst-1","pod_ip":"172.17.1.23",
         "status":"Running","create_time":1755200000000,"cpu":"112m","cpu_limit":"1","memory":"300Mi","memory_limit":"1Gi",
         "protect_status":"opened","detect_result":"clean"},
        {"pod_name":"calm-serverless-0","namespace_name":"settlement","cluster_name":"cci-burst-1","status":"Running",
         "protect_status":"opened","detect_result":"clean"}]}"#,
    r#"{"data_list":[
        {"id":"05d8a4f1-c280-4c6f-8f0b-9a7e6d5c4b3a","pod_name":"over-limit-0","namespace_name":"payments",
         "cluster_name":"prod-a","cluster_id":"9a7e6d5c-4b3a-4c6f-8f0b-05d8a4f1c280","cluster_type":"cce",
         "node_name":"rack01-node05","node_ip":"192.168.0.5","pod_ip":"10.0.3.7","region_id":"cn-north-4",
         "status":"Running","create_time":1755100000000,"cpu":"1150m","cpu_limit":"1","memory":"310Mi","memory_limit":"512Mi"},
        {"id":"b","pod_name":"no-limit-0","namespace_name":"search","cluster_name":"prod-a","node_name":"rack01-node06",
         "status":"Running","create_time":1755100000000,"cpu":"120m","cpu_limit":"0","memory":"300Mi"}],
       "pod_info_list":[
        {"pod_name":"at-risk-0","namespace_name":"settlement","cluster_name":"cci-burst-1","pod_ip":"172.17.1.23",
         "status":"Running","create_time":1755200000000,"cpu":"112m","cpu_limit":"1","memory":"975Mi","memory_limit":"1Gi",
         "protect_status":"protection_exception","detect_result":"risk"},
        {"pod_name":"calm-serverless-0","namespace_name":"settlement","cluster_name":"cci-burst-1","status":"Running",
         "protect_status":"opened","detect_result":"clean"}]}"#,
];

fn ago(minutes: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(minutes)).unwrap()
}

/// A dashboard that saw both lists.
pub fn model_of_both_lists(size: Size) -> Model {
    let mut store = Store::default();
    for (list, minutes) in LISTS.iter().zip([15, 0]) {
        store.date(Some(ago(minutes)));
        store.begin_sweep(SweepKind::Fleet);
        store.take(Some(SweepKind::Fleet), &read_page(list.as_bytes()).unwrap().pods);
        store.end_sweep(SweepKind::Fleet, &Scope::default(), ago(minutes));
    }
    let mut model = empty_model(size);
    model.places.state = Some("/state".to_owned());
    let mut status = model.status.clone();
    status.whole = true;
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(status),
            fleet: Some(store.snapshot()),
        },
    };
    feed(&mut model, Event::Reply(Box::new(reply)));
    model
}

/// The same, with the cursor on this pod.
fn model_on(pod: &str, size: Size) -> Model {
    let mut model = model_of_both_lists(size);
    press(&mut model, &format!("/pod:{pod}<Enter>"));
    model
}

/// Usage of the pod under the cursor at this interval in minutes, for this many hours, except at the omitted
/// ages.
fn used(model: &mut Model, minutes: i64, hours: i64, left_out: std::ops::Range<i64>) {
    let ages = || (0..=hours * 60 / minutes).rev().map(|number| number * minutes);
    let points = |amount: fn(i64) -> i64| -> Vec<Point> {
        let kept = ages().filter(|age| !left_out.contains(age));
        kept.map(|age| Point {
            at: ago(age),
            amount: u64::try_from(amount(age)).unwrap(),
        })
        .collect()
    };
    let history = History {
        pod: model.pod().unwrap().key,
        cpu: points(|age| (1150 - age.min(1000)) * 1_000_000),
        memory: points(|age| (975 - (age % 240) * 2) << 20),
    };
    feed(model, Event::History(Box::new(history)));
}

/// The whole detail of a pod at risk, with charts and a gap in them.
pub fn charted_model(size: Size) -> Model {
    let mut model = model_on("at-risk-0", size);
    press(&mut model, "<Enter>");
    used(&mut model, 5, 6, 100..190);
    model
}

fn screen(model: &Model) -> String {
    text(&draw(model, Theme::new(Palette::Sixteen)))
}

/// The whole detail of a pod at each size.
fn at_each_size(pod: &str, prepare: impl Fn(&mut Model)) -> String {
    SIZES
        .map(|size| {
            let mut model = model_on(pod, size);
            press(&mut model, "<Enter>");
            prepare(&mut model);
            titled(&model)
        })
        .concat()
}

/// The screen under its size.
fn titled(model: &Model) -> String {
    let Size { width, height } = model.size;
    format!("=== {width}x{height}\n{}\n", screen(model))
}

#[test]
fn a_pod_of_each_kind() {
    for (name, pod) in [
        ("at_risk", "at-risk-0"),
        ("over_limit", "over-limit-0"),
        ("no_limit", "no-limit-0"),
        ("serverless", "calm-serverless-0"),
        ("gone", "gone-0"),
    ] {
        let screens = at_each_size(pod, |model| used(model, 5, 6, 0..0));
        insta::assert_snapshot!(name, screens);
    }
}

#[test]
fn without_a_history_and_with_a_gap_in_it() {
    let none = |model: &mut Model| used(model, 5, 0, 0..1);
    insta::assert_snapshot!("no_history", at_each_size("at-risk-0", none));
    let gap = |model: &mut Model| used(model, 5, 6, 100..190);
    insta::assert_snapshot!("gap", at_each_size("at-risk-0", gap));
}

#[test]
fn each_time_that_the_charts_can_show() {
    let mut all = String::new();
    let mut model = model_on("over-limit-0", Size::new(120, 40));
    press(&mut model, "<Enter>[[[[[");
    for _ in 0..5 {
        used(&mut model, 5, 30, 0..0);
        all += &screen(&model);
        all.push('\n');
        press(&mut model, "]");
    }
    insta::assert_snapshot!("each_time", all);
}

#[test]
fn the_pane_beside_or_below_the_table() {
    let all = SIZES
        .map(|size| {
            let mut model = model_on("at-risk-0", size);
            used(&mut model, 5, 6, 100..190);
            titled(&model)
        })
        .concat();
    insta::assert_snapshot!("pane", all);
}

#[test]
fn the_record_has_the_place_of_the_rest_where_there_is_no_room_beside() {
    let mut model = model_on("over-limit-0", Size::new(80, 24));
    press(&mut model, "y");
    let record = screen(&model);
    assert!(record.contains(r#""pod_name": "over-limit-0","#), "{record}");
    assert!(
        !record.contains("limit unknown") && !record.contains(" Why "),
        "{record}"
    );
    press(&mut model, "y");
    assert!(screen(&model).contains(" Why "), "the second y leads back");
    model.size = Size::new(200, 60);
    let beside = screen(&model);
    assert!(
        beside.contains(r#""pod_name": "over-limit-0","#) && beside.contains(" Why "),
        "{beside}"
    );
}

#[test]
fn the_charts_are_ascii_where_everything_is() {
    for (signs, name) in [(SignSet::Ascii, "ascii"), (SignSet::Console, "console")] {
        let mut model = model_on("over-limit-0", Size::new(100, 34));
        press(&mut model, "<Enter>");
        used(&mut model, 5, 6, 100..190);
        let theme = Theme::new(Palette::None).with_signs(signs);
        let screen = text(&draw(&model, theme));
        assert!(signs != SignSet::Ascii || screen.is_ascii(), "{screen}");
        insta::assert_snapshot!(name, screen);
    }
}
