//! The banner of the alerts beside what else the screen says, and the list of the alerts.

use hss_top::alerts::{AlertFinding, AlertSeverity, AlertWay, HeldAlert, HoldReason, ListedAlert, ToldAlert};
use hss_top::fleet::PodKey;
use hss_top::sinks::AlertNews;
use jiff::SignedDuration;

use super::*;

fn alert(name: &str, hours: i64, ended: Option<i64>) -> ToldAlert {
    let ago = |hours: i64| now().checked_sub(SignedDuration::from_hours(hours)).unwrap();
    ToldAlert {
        rule: "risk".to_owned(),
        finding: AlertFinding::Risk,
        severity: AlertSeverity::Critical,
        pod: name.to_owned(),
        name: name.to_owned(),
        namespace: "settlement".to_owned(),
        cluster: "cci-burst-2".to_owned(),
        words: "clean → risk".to_owned(),
        change: None,
        began: ago(hours),
        seen: ago(hours),
        ended: ended.map(ago),
    }
}

/// Three alerts wait, of which one is over; a fourth was acknowledged.
pub(crate) async fn alerted_model(size: Size) -> Model {
    let mut model = loaded_model(size).await;
    let listed = |alert: ToldAlert, is_acknowledged| ListedAlert {
        key: PodKey::restored(&alert.name),
        alert,
        told_by: vec![AlertWay::Banner, AlertWay::Bell],
        waits_by: vec![],
        held: None,
        is_acknowledged,
    };
    let waiting = [
        alert("cci-web-api-tjtn64rsb-kv82h", 1, None),
        alert("cci-settle-core-j2hsxc942-gk6tr", 3, Some(2)),
        alert("cci-render-farm-zrwscfjlnh-dm778", 5, None),
    ];
    let mut list: Vec<ListedAlert> = waiting.iter().map(|it| listed(it.clone(), false)).collect();
    list.push(listed(alert("cci-web-front-skdqkg5d-dprk2", 30, None), true));
    let news = AlertNews {
        waiting: waiting.into(),
        listed: list.into(),
        ..AlertNews::default()
    };
    feed(&mut model, Event::Alerts(Box::new(news)));
    model
}

#[tokio::test]
async fn the_banner_hides_neither_why_the_list_is_old_nor_the_keys() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = alerted_model(size).await;
        let screen = text(&draw(&model, coloured()));
        let last: Vec<&str> = screen.lines().rev().take(2).collect();
        assert!(last[1].contains("3 new risks (1 over): cci-web-api-"), "{screen}");
        assert!(last[1].contains("! acknowledges"), "{screen}");
        assert!(last[0].contains("? help"), "{screen}");
        insta::assert_snapshot!(format!("alerts_banner_{}x{}", size.width, size.height), screen);
        // Nobody answers: the last line says why.
        model.status.problem = Some(Problem {
            error: Error::Connect {
                proxy: None,
                place: "hss.test".into(),
                cause: RemoteText::message("Connection refused (os error 111)"),
            },
            until: None,
        });
        let screen = text(&draw(&model, coloured()));
        let last: Vec<&str> = screen.lines().rev().take(2).collect();
        assert!(last[1].contains("3 new risks"), "{screen}");
        assert!(last[0].contains("Connection refused"), "{screen}");
        press(&mut model, "B");
        let screen = text(&draw(&model, coloured()));
        assert!(screen.contains("alerts: 3 open, 1 over"), "{screen}");
        assert!(screen.contains("risk  banner bell"), "{screen}");
        insta::assert_snapshot!(format!("alerts_list_{}x{}", size.width, size.height), screen);
    }
}

#[tokio::test]
async fn an_empty_list_has_no_keys_for_its_rows() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(&mut model, "B");
    let screen = text(&draw(&model, coloured()));
    assert_eq!(screen.lines().last().unwrap().trim(), "Esc close", "{screen}");
}

#[tokio::test]
async fn a_low_screen_has_the_banner_in_its_last_line() {
    let mut model = alerted_model(Size::new(40, 10)).await;
    let last = |model: &Model| text(&draw(model, coloured())).lines().last().unwrap().to_owned();
    assert!(last(&model).contains("3 new risks"), "{}", last(&model));
    // With a problem the two have it in turns.
    model.status.problem = Some(Problem {
        error: Error::Connect {
            proxy: None,
            place: "hss.test".into(),
            cause: RemoteText::message("Connection refused (os error 111)"),
        },
        until: None,
    });
    for (beat, shown) in [
        (0, "3 new risks"),
        (3, "3 new risks"),
        (4, "cannot"),
        (8, "3 new risks"),
    ] {
        model.beat = beat;
        assert!(last(&model).contains(shown), "{beat}: {}", last(&model));
    }
}

#[tokio::test]
async fn the_list_says_when_what_is_held_back_will_be_told() {
    for (width, said) in [
        (80, ["at 13:30", "muted"]),
        (160, ["at 13:30, quiet hours", "muted"]),
    ] {
        let mut model = alerted_model(Size::new(width, 24)).await;
        let until = now().checked_add(SignedDuration::from_hours(4)).unwrap();
        let mut list = model.alerts.listed.to_vec();
        for (listed, held) in list.iter_mut().zip([
            HeldAlert {
                why: HoldReason::Quiet,
                until: Some(until),
            },
            HeldAlert {
                why: HoldReason::Mute,
                until: None,
            },
        ]) {
            listed.told_by = vec![];
            listed.held = Some(held);
            listed.alert.ended = None;
        }
        model.alerts.listed = list.into();
        press(&mut model, "B");
        let screen = text(&draw(&model, coloured()));
        for said in said.into_iter().chain(["held back", "2 held back, 0 over"]) {
            assert!(screen.contains(said), "{said}: {screen}");
        }
    }
}

#[tokio::test]
async fn a_rule_with_a_long_name_leaves_room_for_where_an_alert_was_sent() {
    use AlertWay::{Banner, Bell, Command, Webhook};

    let mut model = alerted_model(Size::new(80, 24)).await;
    press(&mut model, "B");
    let row = |model: &mut Model, rule: &str, waits: &[AlertWay], told: &[AlertWay]| {
        let mut list = model.alerts.listed.to_vec();
        list[0].alert.rule = rule.to_owned();
        (list[0].told_by, list[0].waits_by) = (told.to_vec(), waits.to_vec());
        model.alerts.listed = list.into();
        let screen = text(&draw(model, coloured()));
        assert!(screen.contains(" SENT "), "{screen}");
        let row = screen.lines().find(|line| line.contains("│ ▌ "));
        row.unwrap().trim_end_matches(['│', ' ']).to_owned()
    };
    for (rule, shown) in [("payments", "payments"), ("payments of the night", "paym…ght")] {
        let sent = row(&mut model, rule, &[], &[Banner, Bell]);
        assert!(sent.ends_with(&format!("{shown}  banner bell")), "{sent}");
        let sent = row(&mut model, rule, &[], &[Banner, Bell, Command]);
        assert!(sent.ends_with("  banner +2"), "{sent}");
        let sent = row(&mut model, rule, &[Webhook], &[Banner, Bell, Webhook]);
        assert!(sent.ends_with("  1/3 waits"), "what waits is not cut off: {sent}");
    }
    insta::assert_snapshot!("alerts_list_long_rule_80x24", text(&draw(&model, coloured())));
}

#[tokio::test]
async fn the_title_counts_what_is_open_held_back_happened_and_over() {
    let mut model = alerted_model(Size::new(80, 24)).await;
    press(&mut model, "B");
    let mut list = model.alerts.listed.to_vec();
    let title = |model: &Model| {
        let screen = text(&draw(model, coloured()));
        let title = screen.lines().find(|line| line.contains("╭ alerts")).unwrap();
        title.trim_matches(['╭', '─', '╮', ' ']).to_owned()
    };
    assert_eq!(title(&model), "alerts: 3 open, 1 over");
    list[0].held = Some(HeldAlert {
        why: HoldReason::Mute,
        until: None,
    });
    list[2].alert.finding = AlertFinding::Vanished;
    model.alerts.listed = list.into();
    assert_eq!(title(&model), "alerts: 1 open, 1 held back, 1 happened, 1 over");
}

#[tokio::test]
async fn in_a_scope_the_alerts_say_that_they_are_about_all_pods() {
    let mut model = alerted_model(Size::new(80, 24)).await;
    press(&mut model, ":ns settlement<Enter>");
    let screen = text(&draw(&model, coloured()));
    assert!(screen.contains("all pods: 3 new risks (1 over): cci"), "{screen}");
    press(&mut model, "B");
    let screen = text(&draw(&model, coloured()));
    assert!(screen.contains("alerts of all pods: 3 open, 1 over"), "{screen}");
}
