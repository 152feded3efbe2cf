//! The view of the changes while a filter is typed: ten thousand changes, and every key is a new list and a frame.

use std::time::{Duration, Instant};

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use hss_top::app::Model;
use hss_top::app::event::Event;
use hss_top::app::update::update;
use hss_top::collector::{News, Reply};
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{Scope, SourceId, Store};
use hss_top::hss::wire::read_page;
use hss_top::ui::Theme;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use super::stage::{draw, empty_model, feed, now, press};

/// As many as the list holds.
pub const CHANGES: usize = 10_000;
pub const PODS: usize = 100_000;
/// A filter of every kind of term, one key after the other.
const TYPED: &str = "changed:status to:failed ns:pay-1 cpu%<50 web|api";
const ROUNDS: usize = 5;
/// Snapshots that the changes are spread over.
const SNAPSHOTS: usize = 10;
const PAGE: usize = 200;

fn store() -> Store {
    let mut store = Store::default();
    for snapshot in 0..=SNAPSHOTS {
        let at = now()
            .checked_sub(SignedDuration::from_mins(60 - i64::try_from(snapshot).unwrap()))
            .unwrap();
        take(&mut store, snapshot, at);
    }
    store
}

/// A sweep over all pods; each after the first finds another tenth of the pods that change.
fn take(store: &mut Store, snapshot: usize, at: Timestamp) {
    store.begin_sweep(SweepKind::Fleet);
    store.date(Some(at));
    store.received(at);
    let each = PODS / CHANGES;
    for page in 0..PODS / PAGE {
        let record = |pod: usize| {
            let has_changed = pod.is_multiple_of(each) && pod / each % SNAPSHOTS < snapshot;
            let status = if has_changed { "Failed" } else { "Running" };
            let (kind, group) = (["web", "api", "job"][pod % 3], pod % 40);
            format!(
                r#"{{"id":"{pod:08x}-0000-4000-8000-000000000000","pod_name":"{kind}-{pod:06}","namespace_name":"pay-{group}","cluster_name":"c-{}","status":"{status}","cpu":"{}m","cpu_limit":"1"}}"#,
                group % 7,
                pod % 1000
            )
        };
        let records: Vec<String> = (page * PAGE..(page + 1) * PAGE).map(record).collect();
        let page = format!(r#"{{"data_list":[{}]}}"#, records.join(","));
        store.take(
            Some(SweepKind::Fleet),
            &read_page(page.into_bytes()).unwrap().pods,
        );
    }
    store.end_sweep(SweepKind::Fleet, &Scope::default(), at);
}

/// The next picture, which has nothing new.
fn show(model: &mut Model, store: &Store) {
    let mut status = model.status.clone();
    status.whole = true;
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(status),
            fleet: Some(store.snapshot()),
        },
    };
    feed(model, Event::Reply(Box::new(reply)));
}

/// The slowest key with its frame, and which one it is; the best round of each counts. Each round begins with a
/// dashboard that was not asked for anything yet.
pub fn slowest_key(size: Size, theme: Theme) -> (Duration, char, usize) {
    let (store, mut listed) = (store(), 0);
    let mut best = vec![Duration::MAX; TYPED.chars().count()];
    for _ in 0..ROUNDS {
        let mut model = empty_model(size);
        show(&mut model, &store);
        press(&mut model, "3/");
        listed = model.changes.all();
        for (key, best) in TYPED.chars().zip(&mut best) {
            let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
            let began = Instant::now();
            // What it asks of others is not waited for.
            update(&mut model, Event::Input(Input::Key(key)));
            let frame = draw(&model, theme);
            *best = (*best).min(began.elapsed());
            drop(frame);
        }
    }
    let (slowest, key) = best.into_iter().zip(TYPED.chars()).max().unwrap();
    (slowest, key, listed)
}
