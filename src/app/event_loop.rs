//! The only place that waits.
//!
//! Owns the model. Each turn waits for one event, takes a bounded number of other events that are ready,
//! carries out the effects as sends that never wait, and publishes the model once. It is generic over the
//! input, so that a test can send keys.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event as Input;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::effect::Effect;
use super::event::Event;
use super::frame::Frame;
use super::model::Model;
use super::outbox::Outbox;
use super::own_files::{OwnEntry, OwnNews};
use super::title;
use super::update::update;
use super::view_worker::ViewJob;
use crate::alerts::AlertLook;
use crate::clock::Clock;
use crate::collector::{Reply, Requests};
use crate::exit_codes::ExitReason;
use crate::fleet::history::HistoryOrder;
use crate::fleet::{History, View};
use crate::health::Vitals;
use crate::log::LogTrouble;
use crate::report::worker::Outcome;
use crate::report::{ExportJob, FileJob};
use crate::sinks::{AlertNews, AlertOrder};
use crate::state::past::{PastNews, PastRequest};
use crate::state::{LogbookEntry, LogbookNews};
use crate::terminal::{self, Cause, Screen, TerminalColours};

/// The most events in one turn: after them the screen shows the result.
const DRAIN: usize = 64;
/// How often the ages on the screen advance.
const TICK: Duration = Duration::from_secs(1);

/// The channels of the loop.
#[derive(Debug)]
pub struct Ports {
    /// To the collector: the requests for each source. Latest wins.
    pub requests: Requests,
    /// To the view worker. Latest wins.
    pub orders: watch::Sender<ViewJob>,
    /// To the reader of histories: the pod and the time range. Latest wins.
    pub pasts: watch::Sender<Option<HistoryOrder>>,
    /// To the reader of stored snapshots: the requested snapshot. Latest wins.
    pub moments: watch::Sender<Option<PastRequest>>,
    /// To the render task. Latest wins.
    pub frames: watch::Sender<Frame>,
    /// To the render task: outputs that must happen once. The outbox decides what happens if it is full.
    pub outbox: Outbox,
    /// From the collector, of all sources; they wait while this is full.
    pub replies: mpsc::Receiver<Reply>,
    /// From the view worker; it waits while this is full.
    pub views: mpsc::Receiver<View>,
    /// The program's own use of resources. Latest wins.
    pub vitals: watch::Receiver<Vitals>,
    /// The current problem of the log. Latest wins.
    pub log: watch::Receiver<Option<LogTrouble>>,
    /// To the export worker; it writes one file at a time.
    pub exports: mpsc::Sender<FileJob>,
    /// From the export worker.
    pub exported: mpsc::Receiver<Outcome>,
    /// The reason to end the program, from the terminal's guard.
    pub causes: mpsc::Receiver<Cause>,
    /// The screen's size, and whether hss-top has just returned to it. Latest wins.
    pub screen: watch::Receiver<Screen>,
    /// The terminal's report of its colours. Latest wins.
    pub colours: watch::Receiver<TerminalColours>,
    /// Suspends to the shell and returns.
    pub suspend: fn(),
    /// From the reader of histories; it waits while this is full.
    pub histories: mpsc::Receiver<History>,
    /// From the reader of stored snapshots; it waits while this is full.
    pub past_news: mpsc::Receiver<PastNews>,
    /// To the state file: decisions, and changes that were read.
    pub logbook: mpsc::Sender<LogbookEntry>,
    /// From it; it waits while this is full.
    pub logbook_news: mpsc::Receiver<LogbookNews>,
    /// To the operator's own files.
    pub own: mpsc::Sender<OwnEntry>,
    /// From them; they wait while this is full.
    pub own_news: mpsc::Receiver<OwnNews>,
    /// The three channels of the alert worker.
    pub alerts: AlertPorts,
}

/// The channels to and from the alert worker.
#[derive(Debug)]
pub struct AlertPorts {
    /// To it: the current source. Latest wins: each picture includes the earlier ones.
    pub looks: watch::Sender<AlertLook>,
    /// To it: the operator's decisions.
    pub orders: mpsc::Sender<AlertOrder>,
    /// From it; it waits while this is full.
    pub news: mpsc::Receiver<AlertNews>,
}

/// Why the loop ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator quit.
    Quit,
    /// This signal ended it.
    Signal(i32),
    /// The terminal is gone, or fails.
    TerminalLost(String),
    /// A task ended unexpectedly: its part of the screen would be dead.
    TaskLost(&'static str),
}

impl Ended {
    /// The exit code.
    pub fn code(&self) -> i32 {
        match self {
            Self::Quit => ExitReason::Done.code().into(),
            Self::Signal(signal) => i32::from(ExitReason::Signal.code()) + signal,
            Self::TerminalLost(_) => terminal::TERMINAL_LOST,
            Self::TaskLost(_) => terminal::CRASH,
        }
    }

    /// The reason, in words.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Quit => None,
            Self::Signal(signal) => Some(format!("ended by {}", terminal::signal_name(*signal))),
            Self::TerminalLost(why) => Some(format!("terminal lost: {why}")),
            Self::TaskLost(task) => Some(format!("the {task} task ended unexpectedly")),
        }
    }
}

/// Runs until the program must end.
pub async fn run(
    mut model: Model,
    mut input: impl Stream<Item = io::Result<Input>> + Unpin,
    mut ports: Ports,
    clock: Clock,
) -> Ended {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut redraws = 0;
    loop {
        #[cfg(feature = "fault-injection")]
        crate::fault_injection::stall("loop");
        let first = tokio::select! {
            biased;
            cause = ports.causes.recv() => match cause {
                Some(Cause::Signal(signal)) => return Ended::Signal(signal),
                Some(Cause::TerminalLost) => return Ended::TerminalLost("it closed".to_owned()),
                None => return Ended::TaskLost("signals"),
            },
            Ok(()) = ports.screen.changed() => {
                let size = ports.screen.borrow_and_update().size;
                Event::Input(Input::Resize(size.width, size.height))
            },
            Ok(()) = ports.colours.changed() => Event::Colours(*ports.colours.borrow_and_update()),
            next = input.next() => match next {
                Some(Ok(input)) => Event::Input(input),
                Some(Err(error)) => return Ended::TerminalLost(error.to_string()),
                None => return Ended::TaskLost("input"),
            },
            view = ports.views.recv() => match view {
                Some(view) => Event::View(Box::new(view)),
                None => return Ended::TaskLost("view"),
            },
            history = ports.histories.recv() => match history {
                Some(history) => Event::History(Box::new(history)),
                None => return Ended::TaskLost("history"),
            },
            Some(past) = ports.past_news.recv() => Event::Past(Box::new(past)),
            reply = ports.replies.recv() => match reply {
                Some(reply) => Event::Reply(Box::new(reply)),
                None => return Ended::TaskLost("fetch"),
            },
            Some(news) = ports.logbook_news.recv() => Event::Logbook(Box::new(news)),
            news = ports.alerts.news.recv() => match news {
                Some(news) => Event::Alerts(Box::new(news)),
                None => return Ended::TaskLost("alerts"),
            },
            Some(news) = ports.own_news.recv() => Event::Own(Box::new(news)),
            outcome = ports.exported.recv() => match outcome {
                Some(outcome) => Event::Exported(Box::new(outcome)),
                None => return Ended::TaskLost("export"),
            },
            _ = ticks.tick() => Event::Tick(clock.now()),
            Ok(()) = ports.vitals.changed() => Event::Vitals(*ports.vitals.borrow_and_update()),
            Ok(()) = ports.log.changed() => Event::Log(ports.log.borrow_and_update().clone()),
        };
        // A decision is dated by its key and not by the last tick: the team's journal is in the order of dates.
        if matches!(first, Event::Input(_)) {
            model.now = clock.now();
        }
        let mut effects = update(&mut model, first);
        for _ in 0..DRAIN {
            let event = match ready(&mut ports, &mut input) {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(ended) => return ended,
            };
            effects.extend(update(&mut model, event));
        }
        for (at, effect) in effects.iter().enumerate() {
            // An effect that several events request is carried out once, after the last of them.
            let is_later = || effects.iter().skip(at + 1).any(|later| later == effect);
            if !matches!(effect, Effect::Once(_)) && is_later() {
                continue;
            }
            match effect {
                Effect::Want => ports.requests.send(model.source.id, model.wanted.clone()),
                Effect::View => {
                    let order = ViewJob {
                        fleet: model.chosen_fleet().clone(),
                        request: model.request.clone(),
                        window: model.window(),
                        now: model.chosen_time(),
                    };
                    drop(ports.orders.send_replace(order));
                }
                Effect::Export(request) => {
                    let order = ExportJob {
                        request: request.clone(),
                        csv_mark: model.csv_mark,
                        view: model.view.clone(),
                        subject: model.export_subject(),
                        now: model.now,
                        service_now: model.shown_time(),
                        as_of: model.time.as_of(),
                    };
                    send_file(&mut model, &ports, FileJob::Pods(Box::new(order)));
                }
                Effect::Report(request) => {
                    let report = Box::new(model.shift_report(request.back));
                    send_file(&mut model, &ports, FileJob::Shift(report, request.path.clone()));
                }
                Effect::Logbook(entry) => match ports.logbook.try_send(entry.clone()) {
                    Ok(()) => model.changes.sent += 1,
                    Err(_) => {
                        model.notify("not saved: the disk is too slow; it applies until hss-top ends");
                    }
                },
                Effect::Own(entry) => {
                    if ports.own.try_send(entry.clone()).is_err() {
                        model.notify("not saved: the disk is too slow; this lasts as long as hss-top runs");
                    }
                }
                Effect::History => {
                    let now = model.chosen_time();
                    let order = model
                        .detail
                        .usage
                        .wanted
                        .as_ref()
                        .map(|request| request.order(now));
                    drop(ports.pasts.send_replace(order));
                }
                Effect::AlertLook => drop(ports.alerts.looks.send_replace(model.alert_look())),
                Effect::AlertOrder(order) => {
                    if ports.alerts.orders.try_send(*order).is_err() {
                        model.notify("not acknowledged yet: try again");
                    }
                }
                Effect::Past => drop(ports.moments.send_replace(model.past_request())),
                Effect::Redraw => redraws += 1,
                Effect::Once(output) => {
                    if let Err(unsent) = ports.outbox.send(output.clone()) {
                        model.notify(unsent.to_string());
                    }
                }
                Effect::Suspend => (ports.suspend)(),
                Effect::Mouse(wanted) => terminal::ask_for_mouse(*wanted),
                Effect::LogHealth => log_health(&model),
                Effect::Quit => return Ended::Quit,
            }
        }
        ports.outbox.settle();
        ports.outbox.title(title::of(&model));
        let frame = Frame {
            model: Some(Arc::new(model.clone())),
            redraws,
        };
        if ports.frames.send(frame).is_err() {
            return Ended::TaskLost("render");
        }
    }
}

fn send_file(model: &mut Model, ports: &Ports, job: FileJob) {
    if ports.exports.try_send(job).is_err() {
        model.notify("another file is still being written");
    }
}

/// The program's own use of resources as a line of the log.
fn log_health(model: &Model) {
    let Some(vitals) = model.health.vitals() else {
        return;
    };
    tracing::info!(
        uptime_s = vitals.uptime.as_secs(),
        cpu_s = vitals.cpu.as_secs(),
        resident = vitals.resident,
        peak = vitals.peak,
        threads = vitals.threads,
        descriptors = vitals.descriptors,
        calls = model.status.calls_made,
        failed = model.status.calls_failed,
        pods = model.fleet.len(),
        "health"
    );
}

/// An event that is ready, or the reason why the loop ends.
fn ready(
    ports: &mut Ports,
    input: &mut (impl Stream<Item = io::Result<Input>> + Unpin),
) -> Result<Option<Event>, Ended> {
    if let Ok(view) = ports.views.try_recv() {
        return Ok(Some(Event::View(Box::new(view))));
    }
    if let Ok(reply) = ports.replies.try_recv() {
        return Ok(Some(Event::Reply(Box::new(reply))));
    }
    match input.next().now_or_never() {
        Some(Some(Ok(input))) => Ok(Some(Event::Input(input))),
        Some(Some(Err(error))) => Err(Ended::TerminalLost(error.to_string())),
        Some(None) => Err(Ended::TaskLost("input")),
        None => Ok(None),
    }
}
