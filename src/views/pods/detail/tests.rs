use super::*;
use crate::app::event::Event;
use crate::app::fixture::empty_model;
use crate::app::update::update;
use crate::collector::{News, Reply};
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::TextField;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::words::{Detection, Protection};
use crate::fleet::{Field, Fleet, Pod, View, ViewRequest};
use crate::ui::Palette;
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

/// The lines of the whole detail of a pod.
fn detail_of(pod: Pod) -> Vec<String> {
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = empty_model(Size::new(80, 24), now);
    model.fleet = Fleet::from_iter([pod]);
    model.view = View::of(&model.fleet, ViewRequest::default(), now);
    let area = Rect::new(0, 0, 80, 24);
    let mut buffer = Buffer::empty(area);
    render(&model, &Theme::new(Palette::None), area, true, &mut buffer);
    buffer
        .content
        .chunks(80)
        .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
        .collect()
}

#[track_caller]
fn says(pod: Pod, label: &str, words: &[&str]) {
    let lines = detail_of(pod);
    let line = lines.iter().find(|line| line.trim_start().starts_with(label));
    let line = line.unwrap_or_else(|| panic!("no {label} in {lines:#?}"));
    for part in words {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn what_cannot_be_read_stands_there_as_it_came() {
    for raw in [-5, 0, 1_755_000_000, i64::MAX] {
        let raw_word = format!("? not a date: {raw}");
        says(node("a").created_ms(raw).build(), "Created", &[&raw_word]);
    }
    for word in ["2025-07-22T23:34:52Z", "soon", "22/07/2025"] {
        let mut record = node("a").build().node.unwrap();
        record.common.create_time = Field::Value(CreateTime::read(word).safe());
        says(
            Pod::on_node(record),
            "Created",
            &[&format!("? not a date: {word}")],
        );
    }
    let odd = || node("a").usage("12%", "lots", "1Qi", "1Gi").build();
    says(odd(), "CPU", &["12% of lots", "?", "unreadable"]);
    says(odd(), "Memory", &["1Qi of 1Gi", "?", "unreadable"]);
    says(node("a").status("Half").build(), "Status", &["? Half"]);
    let negative = node("a").usage("-1", "1", "1Mi", "1Gi").build();
    says(negative, "CPU", &["-1 of 1", "negative"]);
}

#[test]
fn the_word_that_hss_sent_is_beside_the_word_of_the_screen() {
    let beside = |label, shown: &str, sent: &str, pod| {
        let sent = if shown == sent {
            sent.to_owned()
        } else {
            format!("({sent})")
        };
        says(pod, label, &[shown, &sent]);
    };
    for word in Protection::LISTED {
        let pod = serverless("a").security(word.raw, "clean").build();
        beside("Protection", word.shown, word.raw, pod);
    }
    for word in Detection::LISTED {
        let pod = serverless("a").security("opened", word.raw).build();
        beside("Detection", word.shown, Detection::read(word.raw).sent(), pod);
    }
    let pod = serverless("a").security("half", "clean").build();
    says(pod, "Protection", &["? half"]);
}

#[test]
fn what_is_no_text_is_said_to_be_none() {
    let mut record = node("a").build().node.unwrap();
    for field in [TextField::Node, TextField::Region] {
        record.common.texts.set(field, Field::Unreadable);
    }
    record.common.create_time = Field::Unreadable;
    let pod = || Pod::on_node(record.clone());
    says(pod(), "Node", &["? not a text"]);
    says(pod(), "Region", &["? not a text"]);
    says(pod(), "Created", &["? not a date"]);
}

#[test]
fn a_pod_that_is_gone_states_nothing_that_is_not_known_of_it() {
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = empty_model(size, now);
        let gone = Change {
            before: Some(now),
            after: Some(now),
            ..Change::of(&serverless("gone").build(), ChangeKind::Vanished)
        };
        let fleet = Fleet::from_iter([node("other").build()]).with_changes(vec![gone]);
        let news = News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(fleet),
        };
        let source = model.source.id;
        update(&mut model, Event::Reply(Box::new(Reply { source, news })));
        for key in [KeyCode::Char('3'), KeyCode::Enter] {
            let key = KeyEvent::new(key, KeyModifiers::NONE);
            update(&mut model, Event::Input(Input::Key(key)));
        }
        let (width, height) = (size.width, size.height);
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        crate::views::draw(&model, &Theme::new(Palette::None), &mut buffer);
        let rows = buffer.content.chunks(width.into());
        let row =
            |row: &[ratatui::buffer::Cell]| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
        let screen = rows.map(row).collect::<Vec<_>>().join("\n");
        for said in ["gone · gone", "its record is not saved", "Security   not saved"] {
            assert!(screen.contains(said), "{said}: {screen}");
        }
        for wrong in [
            "on a node",
            "no finding",
            "data_list",
            "limit unknown",
            "serverless pods only",
            "compare",
        ] {
            assert!(!screen.contains(wrong), "{wrong}: {screen}");
        }
    }
}

#[test]
fn what_is_bad_says_what_to_do_and_no_risk_reads_nothing_to_do() {
    says(
        node("a").status("Failed").build(),
        "To do",
        &["kubectl describe pod"],
    );
    says(
        node("a").status("Unknown").build(),
        "To do",
        &["kubectl get node"],
    );
    says(
        node("a").usage("95m", "100m", "1Mi", "1Gi").build(),
        "To do",
        &["raise the limit"],
    );
    says(
        node("a").usage("1m", "100m", "99Mi", "100Mi").build(),
        "To do",
        &["raise the limit"],
    );
    let risky = detail_of(serverless("a").security("opened", "risk").build()).concat();
    assert!(
        risky.contains("HSS found a risk") && !risky.contains("Nothing to do"),
        "{risky}"
    );
}
