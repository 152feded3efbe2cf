//! The naive twin: the quick starts of the libraries, put together. It shows pods in a table, requests them
//! every second and quits on `q`. The fault tests also run it: a case that it passes would prove nothing
//! about hss-top.
//!
//! A test runs it with `Pty::start_program(Program::Twin, …)` of `tests/support`, and these variables:
//!
//! | variable | what it is |
//! |---|---|
//! | `NAIVE_TWIN_URL` | where the pods are: the whole URL of the call, such as `http://127.0.0.1:1234/v5/p/kubernetes/pods` |
//! | `HSS_TOP_TOKEN` | goes as `X-Auth-Token` |
//! | `HSS_TOP_TEST_PANIC` | as hss-top has it: `task:FILE`, `thread:FILE` or `draw:FILE`; a panic there once FILE exists |
//!
//! It shows `LOADING` before the first answer, `FRESH` and the pods' names after it, and `STALE` with the cause
//! where a call failed. Nothing in it is wrong on purpose; it must not get better than the quick starts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode};
use futures_util::StreamExt as _;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::{Row, Table, TableState};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{interval, sleep};

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut terminal = ratatui::init();
    let (pods_in, mut pods) = mpsc::channel(1);
    let _poll = tokio::task::JoinSet::from_iter([poll(pods_in)]);
    let panic = Panic::wanted();
    panic.inject();
    let mut twin = Twin {
        status: "LOADING".to_owned(),
        ..Twin::default()
    };
    let mut events = EventStream::new();
    let mut ticks = interval(Duration::from_millis(100));
    loop {
        let _ = terminal.draw(|frame| {
            twin.draw(frame);
            panic.in_draw();
        });
        tokio::select! {
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) if key.code == KeyCode::Char('q') => break,
                Some(Ok(Event::Key(key))) if key.code == KeyCode::Char('j') => twin.table.select_next(),
                Some(Ok(Event::Key(key))) if key.code == KeyCode::Char('k') => twin.table.select_previous(),
                _ => {}
            },
            Some(answer) = pods.recv() => twin.take(answer),
            _ = ticks.tick() => {}
        }
    }
    ratatui::restore();
}

/// Asks every second.
async fn poll(pods: mpsc::Sender<Result<Value, reqwest::Error>>) {
    let url = std::env::var("NAIVE_TWIN_URL").unwrap_or_default();
    let token = std::env::var("HSS_TOP_TOKEN").unwrap_or_default();
    let client = reqwest::Client::new();
    while !url.is_empty() {
        let request = client.get(&url).header("X-Auth-Token", &token);
        let answer = match request.send().await {
            Ok(response) => response.text().await,
            Err(error) => Err(error),
        };
        let answer = answer.map(|text| serde_json::from_str(&text).unwrap_or_default());
        if pods.send(answer).await.is_err() {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

#[derive(Default)]
struct Twin {
    status: String,
    names: Vec<String>,
    table: TableState,
}

impl Twin {
    fn take(&mut self, answer: Result<Value, reqwest::Error>) {
        match answer {
            Ok(page) => {
                let pods = page.get("data_list").and_then(Value::as_array);
                let name = |pod: &Value| pod.get("pod_name")?.as_str().map(str::to_owned);
                self.names = pods.into_iter().flatten().filter_map(name).collect();
                "FRESH".clone_into(&mut self.status);
            }
            Err(error) => self.status = format!("STALE {error}"),
        }
    }

    fn draw(&mut self, frame: &mut Frame) {
        let [status, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(frame.area());
        frame.render_widget(self.status.as_str(), status);
        let rows = self.names.iter().map(|name| Row::new([name.as_str()]));
        let table = Table::new(rows, [Constraint::Fill(1)]).highlight_symbol("> ");
        frame.render_stateful_widget(table, body, &mut self.table);
    }
}

/// A panic that a test wants, and the file whose coming sets it off.
struct Panic {
    place: String,
    file: PathBuf,
}

impl Panic {
    fn wanted() -> Self {
        let text = std::env::var("HSS_TOP_TEST_PANIC").unwrap_or_default();
        let (place, file) = text.split_once(':').unwrap_or_default();
        Self {
            place: place.to_owned(),
            file: file.into(),
        }
    }

    fn inject(&self) {
        let file = self.file.clone();
        match self.place.as_str() {
            "task" => drop(tokio::runtime::Handle::current().spawn_blocking(move || wait_and_panic(&file))),
            "thread" => drop(std::thread::spawn(move || wait_and_panic(&file))),
            _ => {}
        }
    }

    fn in_draw(&self) {
        assert!(self.place != "draw" || !self.file.exists(), "injected fault");
        if self.place == "thread" && self.file.exists() {
            std::thread::park_timeout(Duration::from_millis(200));
        }
    }
}

fn wait_and_panic(file: &Path) {
    while !file.exists() {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    assert!(!file.exists(), "injected fault");
}
