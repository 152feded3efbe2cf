//! The real screen on a test's stage: simulator, client, fetch task, update and draw, at a fixed time.

use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use hss_top::app::Model;
use hss_top::app::event::Event;
use hss_top::app::update::update;
use hss_top::clock::Clock;
use hss_top::collector::{self, FetchRequest, News, Reply, SyncState};
use hss_top::fleet::list_age::ListAgeLimit;
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{Scope, SourceId, Store, View};
use hss_top::hss::wire::read_page;
use hss_top::hss::{Client, Credential, Endpoint, ListPods, ProjectId, Setup, Token, TransportContext};
use hss_top::settings::SourceLabel;
use hss_top::simulator::{Simulator, SimulatorSettings};
use hss_top::ui::Theme;
use hss_top::views;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// The time on the stage.
pub fn now() -> Timestamp {
    "2025-08-15T09:30:15Z".parse().unwrap()
}

pub fn wanted() -> FetchRequest {
    FetchRequest {
        scope: Scope::default(),
        pod: None,
        asks: 0,
        syncs: 0,
        interval: Duration::from_mins(1),
    }
}

pub fn source() -> SourceLabel {
    SourceLabel {
        profile: String::new(),
        id: SourceId::default(),
        project: "05d8a4f1c2804c6f8f0b9a7e6d5c4b3a".into(),
        enterprise_project: "all_granted_eps".into(),
        place: "cn-north-4".into(),
        demo: false,
        recorded_at: None,
        is_masked: false,
        plain_text: false,
        signed_in_by: "HUAWEICLOUD_SDK_AK AKOP…".into(),
    }
}

pub fn empty_model(size: Size) -> Model {
    let mut model = Model::new(source(), wanted(), 200, size, now(), hss_top::views::DRAWN);
    // The lists of most tests have a date that does not move.
    model.list_age_limit = ListAgeLimit::read("100years").unwrap();
    model
}

/// The model of a dashboard that has loaded the simulator's fleet of 1,071 and 40 pods.
pub async fn loaded_model(size: Size) -> Model {
    let clock = Clock::fixed(now());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().unwrap()), false).unwrap();
    let mut tasks = JoinSet::new();
    let simulator = Simulator::new(SimulatorSettings::default(), clock.clone());
    tasks.spawn(async move { drop(simulator.serve(listener, std::future::pending()).await) });
    let project = ProjectId::new(&source().project).unwrap();
    let setup = Setup::new(endpoint, project, Credential::Token(Token::new("t").unwrap()));
    let client = Client::new(setup, TransportContext::new(clock.clone()));
    let call = ListPods::new("all_granted_eps", 200, Scope::default()).unwrap();
    let settings = collector::SyncSettings {
        call,
        calls_per_minute: 100,
    };
    let (_wanted, wanted) = watch::channel(wanted());
    let (replies_in, mut replies) = mpsc::channel::<Reply>(4);
    tasks.spawn(collector::task::run(
        client, settings, None, wanted, replies_in, clock,
    ));
    let mut model = empty_model(size);
    while model.status.state(model.now) != SyncState::Fresh || model.status.next_at.is_none() {
        let reply = replies.recv().await.unwrap();
        feed(&mut model, Event::Reply(Box::new(reply)));
    }
    // On a machine with other work the sweep takes longer.
    model.status.next_at = now().checked_add(SignedDuration::from_secs(59)).ok();
    model
}

/// The model of a dashboard that saw two pods, and then one of them no more.
pub fn vanished_model(size: Size) -> Model {
    let page = |names: &[&str]| {
        let pods: Vec<String> = names
            .iter()
            .map(|name| format!(r#"{{"id":"{name}","pod_name":"{name}","status":"Running"}}"#))
            .collect();
        let json = format!(r#"{{"data_list":[{}]}}"#, pods.join(","));
        read_page(json.as_bytes()).unwrap().pods
    };
    let mut store = Store::default();
    for names in [&["web-0", "web-1"][..], &["web-0"]] {
        store.begin_sweep(SweepKind::Fleet);
        store.take(Some(SweepKind::Fleet), &page(names));
        store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    }
    let mut model = empty_model(size);
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

/// Gives an event to the model and computes the view that it asks for.
pub fn feed(model: &mut Model, event: Event) {
    if !update(model, event).is_empty() {
        let view = View::of(model.chosen_fleet(), model.request.clone(), model.chosen_time());
        update(model, Event::View(Box::new(view)));
    }
}

/// Presses keys: characters, or names between angle brackets such as `<Enter>`.
pub fn press(model: &mut Model, keys: &str) {
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let (code, length) = match rest.split_once('>').filter(|_| first == '<') {
            Some(("<Enter", _)) => (KeyCode::Enter, "<Enter>".len()),
            Some(("<Esc", _)) => (KeyCode::Esc, "<Esc>".len()),
            _ => (KeyCode::Char(first), first.len_utf8()),
        };
        feed(
            model,
            Event::Input(Input::Key(KeyEvent::new(code, KeyModifiers::NONE))),
        );
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Draws the model.
pub fn draw(model: &Model, theme: Theme) -> Buffer {
    let mut buffer = Buffer::empty(model.screen_size().into());
    views::draw(model, &theme, &mut buffer);
    buffer
}

/// The sign of a blank first or last row.
const BLANK_EDGE: &str = "␤";

/// The text of a picture, line by line. A snapshot takes no notice of blank lines at its edges, so a picture that moved up or down by
/// a row would pass: a blank first or last row has a sign.
pub fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let lines = buffer.content.chunks(width).map(|row| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    });
    let mut lines: Vec<String> = lines.collect();
    for at in [0, lines.len().saturating_sub(1)] {
        if let Some(line) = lines.get_mut(at).filter(|line| line.is_empty()) {
            BLANK_EDGE.clone_into(line);
        }
    }
    lines.join("\n")
}
