//! What alerts do to the model.

use super::*;
use crate::alerts::{AlertFinding, AlertSeverity, NoticeKind};
use crate::app::event::Event;
use crate::app::fixture::empty_model;
use crate::app::update::update;
use jiff::Timestamp;
use ratatui::layout::Size;

fn model() -> Model {
    empty_model(Size::new(120, 24), "2025-08-15T09:30:15Z".parse().unwrap())
}

fn alert(name: &str, finding: AlertFinding) -> ToldAlert {
    ToldAlert {
        rule: "risk".to_owned(),
        finding,
        severity: AlertSeverity::Critical,
        pod: format!("id/{name}"),
        name: name.to_owned(),
        namespace: "pay".to_owned(),
        cluster: "c".to_owned(),
        words: "clean → risk".to_owned(),
        change: None,
        began: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        ended: None,
    }
}

fn notice(kind: NoticeKind, via: &[AlertWay]) -> AlertNotice {
    AlertNotice {
        rule: "risk".to_owned(),
        kind,
        severity: AlertSeverity::Critical,
        via: via.to_vec(),
        commands: vec![],
        at: Timestamp::UNIX_EPOCH,
        between: None,
        alerts: vec![alert("settle-1", AlertFinding::Risk)],
        more: 0,
    }
}

fn news(notices: Vec<AlertNotice>, waiting: Vec<ToldAlert>) -> Event {
    Event::Alerts(Box::new(AlertNews {
        notices,
        waiting: waiting.into(),
        ..AlertNews::default()
    }))
}

#[test]
fn several_notices_ring_once_and_an_end_does_not_ring() {
    let mut model = model();
    // A notification has its own bell.
    for (ways, expected) in [
        (&[AlertWay::Bell][..], (1, 1)),
        (&[AlertWay::Bell, AlertWay::Notify], (0, 2)),
    ] {
        let two = vec![notice(NoticeKind::Firing, ways), notice(NoticeKind::Worse, ways)];
        let effects = update(&mut model, news(two, vec![]));
        let bells = effects
            .iter()
            .filter(|effect| **effect == Effect::Once(OnceOutput::Bell));
        assert_eq!((bells.count(), effects.len()), expected, "{ways:?}");
    }
    let over = vec![notice(NoticeKind::Resolved, &[AlertWay::Bell])];
    assert_eq!(update(&mut model, news(over, vec![])), []);
    assert_eq!(
        update(&mut model, news(vec![], vec![])),
        [],
        "nothing is written while it is quiet"
    );
}

#[test]
fn the_banner_stays_until_it_is_acknowledged() {
    let mut model = model();
    assert_eq!(model.alert_banner(), None);
    let waiting = vec![
        alert("b", AlertFinding::Risk),
        alert("a", AlertFinding::Risk),
        alert("f", AlertFinding::Failed),
    ];
    update(&mut model, news(vec![], waiting));
    let banner = model.alert_banner().unwrap();
    assert_eq!(banner.text(20), "2 new risks: b, … · pod failed: f");
    assert_eq!(banner.text(50), "2 new risks: b, a · pod failed: f");
    assert_eq!(banner.count, 3);
    let effects = model.acknowledge_alerts();
    assert!(effects.contains(&Effect::AlertOrder(AlertOrder::AcknowledgeAll(1))));
    assert_eq!(model.alert_banner(), None);
    assert_eq!(model.acknowledge_alerts(), [], "there is nothing left");
}

#[test]
fn an_acknowledgement_of_all_alerts_can_be_undone_each_by_itself() {
    let mut model = model();
    let of = |effects: &[Effect]| -> Vec<AlertOrder> {
        let orders = effects.iter().filter_map(|effect| match effect {
            Effect::AlertOrder(order) => Some(*order),
            _ => None,
        });
        orders.collect()
    };
    for act in [1, 2] {
        update(&mut model, news(vec![], vec![alert("a", AlertFinding::Risk)]));
        let effects = model.acknowledge_alerts();
        assert_eq!(of(&effects), [AlertOrder::AcknowledgeAll(act)]);
    }
    let notice = model.notice.as_ref().unwrap();
    assert_eq!(notice.text, "1 alert acknowledged; u undoes it");
    for act in [2, 1] {
        assert_eq!(of(&model.undo_decision()), [AlertOrder::UndoAct(act)]);
    }
    assert_eq!(of(&model.undo_decision()), [], "there is nothing left to undo");
    // Whoever acknowledges something else last undoes that first.
    update(&mut model, news(vec![], vec![alert("a", AlertFinding::Risk)]));
    model.acknowledge_alerts();
    model.keep_undo_of_alerts(9, false);
    assert_eq!(of(&model.undo_decision()), [AlertOrder::UndoAct(9)]);
    assert_eq!(of(&model.undo_decision()), [AlertOrder::UndoAct(3)]);
}

#[test]
fn the_banner_says_what_is_over_and_names_what_is_not_first() {
    let mut model = model();
    let over = |name: &str| ToldAlert {
        ended: Some(Timestamp::UNIX_EPOCH),
        ..alert(name, AlertFinding::Risk)
    };
    let waiting = vec![over("a"), alert("b", AlertFinding::Risk), over("c")];
    update(&mut model, news(vec![], waiting));
    assert_eq!(
        model.alert_banner().unwrap().text(99),
        "3 new risks (2 over): b, a, c"
    );
    update(&mut model, news(vec![], vec![over("a")]));
    assert_eq!(model.alert_banner().unwrap().text(99), "new risk (over): a");
}

#[test]
fn while_names_are_masked_nothing_names_a_pod() {
    let mut model = model();
    assert!(model.mask(true));
    let effects = update(
        &mut model,
        news(
            vec![notice(NoticeKind::Firing, &[AlertWay::Notify])],
            vec![alert("settle-1", AlertFinding::Risk)],
        ),
    );
    assert!(!format!("{effects:?}").contains("settle"), "{effects:?}");
    assert_eq!(model.alert_banner().unwrap().text(99), "new risk");
}

#[test]
fn the_engine_looks_when_it_is_known_what_earlier_runs_decided() {
    let mut model = model();
    model.started_at = model.now;
    assert_eq!(model.alert_tick(), [Effect::AlertLook], "nothing is kept on disk");
    model.places.state = Some("file".to_owned());
    assert_eq!(model.alert_tick(), []);
    model.now = model.now.checked_add(DECISIONS_WAIT).unwrap();
    assert_eq!(
        model.alert_tick(),
        [Effect::AlertLook],
        "a disk that does not answer holds up no alert"
    );
}

/// A pod at risk in the model, and an alert of it.
fn with_listed(model: &mut Model) {
    let pod = crate::fleet::fixture::serverless("settle-1")
        .security("opened", "risk")
        .build();
    let fleet: crate::fleet::Fleet = ["a", "b"]
        .map(|name| crate::fleet::fixture::serverless(name).build())
        .into_iter()
        .chain([pod.clone()])
        .collect();
    model.fleet = fleet;
    model.show(crate::fleet::View::of(
        &model.fleet,
        model.request.clone(),
        model.now,
    ));
    let listed = |key: crate::fleet::PodKey, alert: ToldAlert| ListedAlert {
        alert,
        key,
        told_by: vec![AlertWay::Banner],
        waits_by: vec![],
        held: None,
        is_acknowledged: false,
    };
    let list = vec![
        listed(
            crate::fleet::PodKey::restored("gone"),
            ToldAlert {
                ended: Some(Timestamp::UNIX_EPOCH),
                ..alert("gone", AlertFinding::Risk)
            },
        ),
        listed(pod.key, alert("settle-1", AlertFinding::Risk)),
    ];
    let news = AlertNews {
        waiting: list.iter().map(|listed| listed.alert.clone()).collect(),
        listed: list.into(),
        ..AlertNews::default()
    };
    update(model, Event::Alerts(Box::new(news)));
}

fn press(model: &mut Model, code: crossterm::event::KeyCode) {
    use crossterm::event::{Event as Input, KeyEvent, KeyModifiers};
    let key = KeyEvent::new(code, KeyModifiers::NONE);
    update(model, Event::Input(Input::Key(key)));
}

#[test]
fn the_list_has_every_alert_and_leads_to_its_pod() {
    use crate::keys::{Mode, ViewKind};
    use crossterm::event::KeyCode;
    let mut model = model();
    with_listed(&mut model);
    model.focus.show(ViewKind::Health);
    press(&mut model, KeyCode::Char('B'));
    let choice = model.focus.alerts().map(|menu| menu.choice);
    assert_eq!((model.mode(), choice), (Mode::Alerts, Some(0)));
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.mode(), Mode::Alerts, "that pod is not listed any more");
    press(&mut model, KeyCode::Char('j'));
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.mode(), Mode::Table);
    let name = |model: &Model| model.pod().unwrap().name().value().unwrap().raw().to_owned();
    assert_eq!(name(&model), "settle-1");
    // A filter that hides the pod is removed.
    model.filter_by("pod:b").unwrap();
    let hidden = crate::fleet::View::of(&model.fleet, model.request.clone(), model.now);
    model.show(hidden);
    press(&mut model, KeyCode::Char('B'));
    press(&mut model, KeyCode::Char('j'));
    press(&mut model, KeyCode::Enter);
    assert!(model.filter_text.is_empty());
    let all = crate::fleet::View::of(&model.fleet, model.request.clone(), model.now);
    model.show(all);
    assert_eq!(name(&model), "settle-1");
}

#[test]
fn in_a_scope_banner_and_acknowledgement_say_that_they_are_about_all_pods() {
    use crossterm::event::KeyCode;
    let mut model = model();
    with_listed(&mut model);
    model.request.scope.namespace = Some("settlement".to_owned());
    let banner = model.alert_banner().unwrap();
    assert_eq!(banner.text(80), "all pods: 2 new risks (1 over): settle-1, gone");
    // The pod is not among those that are looked at: going to it would show nothing.
    press(&mut model, KeyCode::Char('B'));
    press(&mut model, KeyCode::Char('j'));
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.mode(), crate::keys::Mode::Alerts);
    let notice = |model: &Model| model.notice.as_ref().unwrap().text.clone();
    assert_eq!(
        notice(&model),
        "this pod is not in ns:settlement; :all shows all pods"
    );
    model.acknowledge_alerts();
    assert_eq!(notice(&model), "2 alerts of all pods acknowledged; u undoes it");
}

#[test]
fn the_banner_has_its_own_line_and_the_cursor_stays_in_sight() {
    let mut model = model();
    let rows = model.rows_shown();
    with_listed(&mut model);
    assert_eq!(model.rows_shown(), rows - 1);
    model.acknowledge_alerts();
    assert_eq!(model.rows_shown(), rows);
    assert!(model.alerts.listed.iter().all(|listed| listed.is_acknowledged));
}

#[test]
fn a_sink_in_trouble_is_told_once_and_not_over_another_notice() {
    let trouble = |why: &str| {
        Event::Alerts(Box::new(AlertNews {
            troubles: [SinkTrouble {
                sink: "webhook".to_owned(),
                why: why.to_owned(),
                waiting: 0,
            }]
            .into(),
            ..AlertNews::default()
        }))
    };
    let notice = |model: &Model| model.notice.as_ref().map(|notice| notice.text.clone());
    let mut model = model();
    update(
        &mut model,
        trouble("F line 3: webhook.secret_file: there is no file K"),
    );
    let told = notice(&model);
    assert_eq!(
        told.as_deref(),
        Some("F line 3: webhook.secret_file: there is no file K")
    );
    model.notice = None;
    update(
        &mut model,
        trouble("F line 3: webhook.secret_file: there is no file K"),
    );
    assert_eq!(notice(&model), None, "it stays as a mark");
    model.notify("another");
    update(&mut model, trouble("F line 2: webhook.url: h answered 500"));
    assert_eq!(notice(&model).as_deref(), Some("another"));
}
