//! Connects the dashboard's tasks: their channels, their parents and their end.
//!
//! Every task is in one `JoinSet`; one that ends early closes its channel, which ends the event loop with its
//! cause.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, timeout};

use crate::alerts::AlertLook;
use crate::app::Frame;
use crate::app::Model;
use crate::app::columns::TableColumns;
use crate::app::event_loop::{self, AlertPorts, Ended, Ports};
use crate::app::model::Places;
use crate::app::outbox;
use crate::app::own_files;
use crate::app::saved_views::SavedViews;
use crate::app::view_worker::{self, ViewJob};
use crate::clock::{Clock, local_zone};
use crate::collector::{Budgets, Collector, CollectorSettings, TeamDoor};
use crate::health::{self, Vitals};
use crate::keys::Mode;
use crate::log::LogTrouble;
use crate::operator;
use crate::report;
use crate::settings::Settings;
use crate::settings::demo_past::DemoPast;
use crate::sinks;
use crate::state;
use crate::state::LogbookEntry;
use crate::terminal::{self, Display, TerminalColours, TerminalTraits, input};
use crate::ui::Themes;
use crate::views::render::Renderer;

/// How long writing the state may take when the program ends.
const LAST_NOTES: Duration = Duration::from_secs(1);
/// Decisions that may wait for the disk.
const ENTRIES: usize = 256;
/// What the operator may want of the alerts before the worker took it.
const ALERT_ORDERS: usize = 4;
/// How long the last frame may take when the program ends.
const LAST_FRAME: Duration = Duration::from_millis(200);

/// Gives the entries of the screen to the logbook and, where somebody takes them, to the team.
async fn share(
    mut own: mpsc::Receiver<LogbookEntry>,
    logbook: mpsc::Sender<LogbookEntry>,
    team: mpsc::Sender<LogbookEntry>,
) {
    while let Some(entry) = own.recv().await {
        // While nobody takes them, the logbook has them: they are sent when the next run begins.
        let _ = team.try_send(entry.clone());
        if logbook.send(entry).await.is_err() {
            return;
        }
    }
}

/// Runs the dashboard on the terminal, which has these `traits`, until there is a reason to end. `log`
/// reports problems of the log.
pub async fn run(
    mut settings: Settings,
    themes: Themes,
    traits: TerminalTraits,
    clock: Clock,
    log: watch::Receiver<Option<LogTrouble>>,
) -> io::Result<Ended> {
    let start = Instant::now();
    let demo_past = DemoPast::begin(&mut settings, &clock);
    let wanted = settings.request();
    let guard = terminal::guard()?;
    let size = guard.screen.borrow().size;
    let page_size = usize::try_from(settings.call.limit()).unwrap_or(usize::MAX);
    let mut model = Model::new(
        settings.source.clone(),
        wanted.clone(),
        page_size,
        size,
        clock.now(),
        crate::views::DRAWN,
    );
    model.csv_mark = settings.csv_mark;
    model.changes.who = operator::name().into();
    model.terminal = traits;
    model.pointer.is_on = settings.look.mouse;
    model.list_age_limit = settings.list_age_limit;
    (model.zone, model.zone_trouble) = local_zone();
    model.has_shell = terminal::can_suspend();
    let shown = |path: &PathBuf| path.display().to_string();
    model.places = Places {
        state: settings.state.as_ref().map(shown),
        log: settings.log.as_ref().map(|(path, _)| shown(path)),
    };
    terminal::use_strings(traits.takes_strings());
    terminal::ask_for_colours(traits.takes_strings() && themes.follows_terminal());
    model.themes = themes;
    model.keys = Arc::new(settings.keys.clone());
    model.pods.columns = TableColumns::starting_with(settings.columns.clone());
    model.saved_views = SavedViews::configured(settings.views.clone());
    if settings.mask && !model.mask(true) {
        return Err(io::Error::other(
            "cannot mask names: the system provides no random bytes",
        ));
    }
    debug_assert_eq!(model.mode(), Mode::Table);
    if let Some(view) = &settings.view {
        model.apply_view(view);
    }
    let odd = [settings.warnings.as_slice(), &settings.unused].concat();
    model.begin_with(&settings.filter, &odd);
    if settings.kiosk.is_on {
        model.begin_kiosk(&settings.kiosk);
    }

    let (orders_in, orders_out) = watch::channel(ViewJob::default());
    let (pasts_in, pasts_out) = watch::channel(None);
    let (histories_in, histories) = mpsc::channel(1);
    let (moments, moments_out) = watch::channel(None);
    let (past_news_in, past_news) = mpsc::channel(1);
    let (frames_in, frames_out) = watch::channel(Frame::default());
    let (views_in, views) = mpsc::channel(1);
    let (vitals_in, vitals) = watch::channel(Vitals::default());
    let (exports, exports_out) = mpsc::channel(1);
    let (exported_in, exported) = mpsc::channel(1);
    let (colours_in, colours) = watch::channel(TerminalColours::default());
    let mut servers = JoinSet::new();
    let (setup, trust) = settings.reach(&clock, &mut servers).await?;
    let mut source = settings.source_setup(setup, trust, wanted);
    terminal::ask_for_mouse(settings.look.mouse);
    terminal::enter()?;

    let mut tasks = JoinSet::new();
    let (outbox, outputs) = outbox::channel(traits);
    let renderer = Renderer::new(Display::new(terminal::Output), traits, outputs);
    let handle = Handle::current();
    #[cfg(feature = "fault-injection")]
    crate::fault_injection::start(&mut tasks);
    let draws_by = clock.clone();
    let renderer = tasks.spawn_blocking(move || renderer.run(frames_out, &handle, &draws_by));
    tasks.spawn(async move {
        view_worker::run(orders_out, views_in).await;
        Ok(())
    });
    let file = settings.state.clone();
    tasks.spawn(async move {
        health::vitals::watch(vitals_in, start, file).await;
        Ok(())
    });
    tasks.spawn(async move {
        report::worker::run(exports_out, exported_in).await;
        Ok(())
    });
    let file = settings.state.clone();
    tasks.spawn(async move {
        state::history::run(file, pasts_out, histories_in).await;
        Ok(())
    });
    let file = settings.state.clone();
    tasks.spawn(async move {
        state::past::run(file, moments_out, past_news_in).await;
        Ok(())
    });
    let file = settings.state.clone();
    let (logbook, own_decisions) = mpsc::channel(ENTRIES);
    let (logbook_in, entries) = mpsc::channel(ENTRIES);
    let (team_in, team_out) = mpsc::channel(ENTRIES);
    source.team = Some(TeamDoor {
        file: file.clone(),
        own: team_out,
        logbook: logbook_in.clone(),
    });
    tasks.spawn(async move {
        share(own_decisions, logbook_in, team_in).await;
        Ok(())
    });
    let (news_in, logbook_news) = mpsc::channel(1);
    let (filled, mut is_filled) = watch::channel(());
    let filling = demo_past.as_ref().map(|past| {
        let work = past.filling();
        spawn_blocking(move || {
            work();
            drop(filled);
        })
    });
    tasks.spawn(async move {
        // Read before the past of a demo is there, it would say that nobody has read any of it.
        let _ = is_filled.changed().await;
        state::logbook::run(file, entries, news_in).await;
        Ok(())
    });
    let (looks, looks_out) = watch::channel(AlertLook::default());
    let (alert_orders, alert_orders_out) = mpsc::channel(ALERT_ORDERS);
    let (alert_news_in, alert_news) = mpsc::channel(1);
    let alerts = settings.alert_setup(&clock);
    tasks.spawn(async move {
        sinks::worker::run(alerts, looks_out, alert_orders_out, alert_news_in).await;
        Ok(())
    });
    let folder = settings.own_folder.clone();
    let (own, own_entries) = mpsc::channel(ENTRIES);
    let (own_news_in, own_news) = mpsc::channel(1);
    tasks.spawn(async move {
        own_files::run(folder, own_entries, own_news_in).await;
        Ok(())
    });
    source.after = filling;
    let collector = Collector::start(
        vec![source],
        CollectorSettings::default(),
        &Budgets::default(),
        &clock,
    );
    tasks.spawn(async move {
        collector.tasks.ended().await;
        Ok(())
    });

    let ports = Ports {
        requests: collector.requests,
        orders: orders_in,
        pasts: pasts_in,
        moments,
        frames: frames_in,
        outbox,
        replies: collector.replies,
        views,
        vitals,
        log,
        exports,
        exported,
        histories,
        past_news,
        logbook,
        logbook_news,
        alerts: AlertPorts {
            looks,
            orders: alert_orders,
            news: alert_news,
        },
        own,
        own_news,
        causes: guard.causes,
        screen: guard.screen,
        colours,
        suspend: terminal::suspend,
    };
    let mut ended = event_loop::run(
        model,
        input::start(colours_in, traits.may_type_pastes())?,
        ports,
        clock,
    )
    .await;
    terminal::begin_end(ended.code());
    // The loop dropped its ends of the channels: the tasks end. If the renderer ended first, the terminal
    // failed.
    let wait = async {
        while (!renderer.is_finished() || ended == Ended::TaskLost("render"))
            && let Some(task) = tasks.join_next().await
        {
            if let (Ok(Err(error)), Ended::TaskLost("render")) = (task, &ended) {
                ended = Ended::TerminalLost(error.to_string());
            }
        }
    };
    let _ = timeout(LAST_FRAME, wait).await;
    terminal::begin_end(ended.code());
    terminal::leave();
    // Recorded data is written before the process ends, unless the disk is too slow. A renderer that still
    // runs waits for the terminal.
    let wait = async {
        while tasks.len() > usize::from(!renderer.is_finished()) && tasks.join_next().await.is_some() {}
    };
    let _ = timeout(LAST_NOTES, wait).await;
    Ok(ended)
}
