//! Everything that the screen shows, in one value with one owner.
//!
//! The event loop owns the [`Model`]; the render task gets snapshots of it. Its large parts are behind an
//! `Arc`, so a snapshot is cheap.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Size;

use super::alert_desk::AlertDesk;
use super::changes_view::{ChangesList, ChangesView};
use super::detail::DetailPane;
use super::focus::Focus;
use super::health_view::HealthView;
use super::hotspots::{Drawn, Hotspot, Pointer};
use super::kiosk::Kiosk;
use super::masking::Masking;
use super::notice::Notice;
use super::overview::OverviewView;
use super::pods_view::PodsView;
use super::prompt::recall::{Recall, Recalls};
use super::prompt::{Prompt, TypedFault};
use super::quit::QuitQuestion;
use super::saved_views::SavedViews;
use super::snapshot_request::SnapshotRequest;
use super::time_machine::TimeMachine;
use super::unbound::UnboundKeys;
use super::unread::UnreadChanges;
use crate::collector::{FetchRequest, SyncStatus};
use crate::fleet::list_age::ListAgeLimit;
use crate::fleet::query::{ParseError, Query};
use crate::fleet::{Fleet, Pod, View, ViewRequest};
use crate::health::Health;
use crate::keys::{KeyMap, Mode, ViewKind};
use crate::log::LogTrouble;
use crate::settings::SourceLabel;
use crate::terminal::TerminalTraits;
use crate::ui::Themes;

/// The files that the program writes, in words; `None` for those it does not write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The state file.
    pub state: Option<String>,
    /// The log file.
    pub log: Option<String>,
}

/// The state of the program.
#[derive(Debug, Clone)]
pub struct Model {
    /// Where the pods come from.
    pub source: SourceLabel,
    /// The time zone of the times on the screen.
    pub zone: TimeZone,
    /// Why the zone is UTC although another one was set.
    pub zone_trouble: Option<String>,
    /// The time of day, as of the last tick.
    pub now: Timestamp,
    /// The size of the views: the terminal's, but on a wall.
    pub size: Size,
    /// How many lines the text in front can be scrolled; the renderer sets it.
    pub last_scroll: fn(&Model) -> u16,
    /// The places that react to the mouse; the renderer sets them.
    pub hotspots: fn(&Model) -> Vec<Hotspot>,
    /// The lines of the help that have what is looked for; known to who draws it.
    pub help_matches: fn(&Model) -> Vec<u16>,
    /// In which lines the record holds a text; known to who draws it.
    pub record_matches: fn(&Model, &str) -> Vec<u16>,
    /// The view in front, and what lies on it.
    pub focus: Focus,
    /// The loaded pods.
    pub fleet: Fleet,
    /// How current they are.
    pub status: SyncStatus,
    /// The age of HSS's own list from which it is a warning.
    pub list_age_limit: ListAgeLimit,
    /// The scope and pace of the requests to the API.
    pub wanted: FetchRequest,
    /// The requested part of the fleet: filter, order, window.
    pub request: ViewRequest,
    /// The filter as the operator typed it.
    pub filter_text: String,
    /// The unread changes.
    pub unread: UnreadChanges,
    /// The newest view, perhaps of an older request.
    pub view: View,
    /// Which picture the pods are shown from.
    pub time: TimeMachine,
    /// Whether the rows on the screen have been those of a current list since the list is current.
    pub(super) shows_current: bool,
    /// The state of the pods view.
    pub pods: PodsView,
    /// The state of the overview.
    pub namespaces: OverviewView,
    /// The state of the changes view.
    pub changes: ChangesView,
    /// Alerts: those to acknowledge, and those already sent.
    pub alerts: AlertDesk,
    /// The wall, if the screen is one.
    pub kiosk: Kiosk,
    /// The state of the health view.
    pub health_view: HealthView,
    /// When a key or the mouse was last used.
    pub touched_at: Timestamp,
    /// Earlier lines of the prompts: filters and commands.
    pub recalls: Arc<Recalls>,
    /// Whether there is a shell to suspend to.
    pub has_shell: bool,
    /// How the detail is looked at.
    pub detail: DetailPane,
    /// Whether names are masked.
    pub masking: Masking,
    /// The traits of the terminal.
    pub terminal: TerminalTraits,
    /// A sentence for the operator.
    pub notice: Option<Notice>,
    /// Earlier events of the mouse, to recognise double clicks.
    pub pointer: Pointer,
    /// The keys whose notice "this key does nothing" was shown already.
    pub unbound: UnboundKeys,
    /// Whether `q` was pressed once.
    pub quit: QuitQuestion,
    /// Grows with each tick: the heartbeat.
    pub beat: u64,
    /// When the program began.
    pub started_at: Timestamp,
    /// The program's own use of resources.
    pub health: Arc<Health>,
    /// The files that it writes.
    pub places: Places,
    /// The current problem of the log.
    pub log_trouble: Option<LogTrouble>,
    /// How long the event loop has been stuck, measured by the render task.
    pub stuck: Option<Duration>,
    /// Whether CSV files begin with a byte order mark.
    pub csv_mark: bool,
    /// The state of the request for a new snapshot.
    pub snapshot_request: SnapshotRequest,
    /// The current theme, and those to choose from.
    pub themes: Themes,
    /// The key bindings.
    pub keys: Arc<KeyMap>,
    /// Views that the operator saved.
    pub saved_views: SavedViews,
}

impl Model {
    /// The state before any data is loaded.
    pub fn new(
        source: SourceLabel,
        wanted: FetchRequest,
        page_size: usize,
        size: Size,
        now: Timestamp,
        drawn: Drawn,
    ) -> Self {
        let request = ViewRequest {
            scope: wanted.scope.clone(),
            ..ViewRequest::default()
        };
        Self {
            source,
            zone: TimeZone::UTC,
            zone_trouble: None,
            now,
            size,
            last_scroll: drawn.last_scroll,
            hotspots: drawn.hotspots,
            help_matches: drawn.help_matches,
            record_matches: drawn.record_matches,
            focus: Focus::default(),
            fleet: Fleet::default(),
            status: SyncStatus {
                interval: wanted.interval,
                called_at: Some(now),
                ..SyncStatus::default()
            },
            list_age_limit: ListAgeLimit::default(),
            request,
            filter_text: String::new(),
            unread: UnreadChanges::within(&wanted.scope),
            view: View::default(),
            time: TimeMachine::default(),
            shows_current: false,
            pods: PodsView::new(page_size),
            namespaces: OverviewView::default(),
            changes: ChangesView::begun_within(&wanted.scope),
            wanted,
            alerts: AlertDesk::default(),
            kiosk: Kiosk::default(),
            health_view: HealthView::default(),
            touched_at: now,
            recalls: Arc::default(),
            has_shell: false,
            detail: DetailPane::default(),
            masking: Masking::default(),
            terminal: TerminalTraits::default(),
            notice: None,
            pointer: Pointer::default(),
            unbound: UnboundKeys::default(),
            quit: QuitQuestion::default(),
            beat: 0,
            started_at: now,
            health: Arc::default(),
            places: Places::default(),
            log_trouble: None,
            stuck: None,
            csv_mark: true,
            snapshot_request: SnapshotRequest::None,
            themes: Themes::default(),
            keys: Arc::default(),
            saved_views: SavedViews::default(),
        }
    }

    /// Applies the configuration: the first filter, and the warnings.
    pub fn begin_with(&mut self, filter: &str, warnings: &[String]) {
        if let Err(error) = self.filter_by(filter) {
            let why = self.masking.filter_fault(&error);
            self.notify(format!("invalid start filter: {why}"));
        }
        match warnings {
            [] => {}
            // Warnings quote files.
            many if self.masking.is_on() => self.notify(format!(
                "{} warnings about the configuration are hidden while names are masked: hss-top config show",
                many.len()
            )),
            [warning] => self.notify(warning),
            [warning, more @ ..] => self.notify(format!(
                "{warning} (and {} more: hss-top config show)",
                more.len()
            )),
        }
    }

    /// The same picture at `now`, if the event loop has been stuck for this long.
    #[must_use]
    pub fn stuck_for(&self, stuck: Duration, now: Timestamp) -> Self {
        Self {
            now,
            stuck: Some(stuck),
            ..self.clone()
        }
    }

    /// The current context of the keys.
    pub fn mode(&self) -> Mode {
        self.within_changes(self.focus.mode())
    }

    /// The context of the keys after the open prompt, menu or help closes.
    pub fn underlying_mode(&self) -> Mode {
        self.within_changes(self.focus.body())
    }

    /// The list of decisions takes the place of the changes.
    fn within_changes(&self, mode: Mode) -> Mode {
        match (mode, self.changes.list) {
            (Mode::Changes, ChangesList::Decisions) => Mode::Decisions,
            (mode, _) => mode,
        }
    }

    /// Whether the body shows this view: in front, or beneath a prompt, menu or help.
    pub fn shows(&self, view: Mode) -> bool {
        self.focus.body() == view
    }

    /// The pod under the cursor; in the view of the changes, the one whose detail is open.
    pub fn pod(&self) -> Option<Pod> {
        match self.focus.view() {
            ViewKind::Changes => self
                .changes
                .opened
                .as_deref()
                .map(|pod| self.fleet.shown_pod(pod)),
            _ => match self.absent_pod() {
                Some(absent) => Some(self.fleet.shown_pod(&absent.pod)),
                None => self.view.pod(self.pods.cursor),
            },
        }
    }

    /// How many changes are unread.
    pub fn new_changes(&self) -> u64 {
        self.unread.count()
    }

    /// How many lines of a text fit on the screen.
    pub fn lines_shown(&self) -> usize {
        self.areas().map_or(1, |areas| usize::from(areas.body.height))
    }

    /// Whether the scope, the filter or `p` hides pods of the source.
    pub fn is_restricted(&self) -> bool {
        let request = &self.request;
        request.problems || !request.filter.is_empty() || !request.scope.is_whole()
    }

    /// Sets the filter. An invalid one changes nothing.
    pub fn filter_by(&mut self, text: &str) -> Result<(), ParseError> {
        self.request.filter = Query::parse(text)?;
        text.clone_into(&mut self.filter_text);
        Ok(())
    }

    /// The text of the open prompt; empty without one.
    pub fn typed_text(&self) -> &str {
        self.focus.prompt().map_or("", Prompt::text)
    }

    /// What is wrong or missing in the filter in the prompt.
    pub fn filter_fault(&self) -> Option<&TypedFault> {
        self.focus.filter()?.fault.as_ref()
    }

    /// The earlier lines of the open prompt.
    pub fn recall(&mut self) -> &mut Recall {
        let recalls = Arc::make_mut(&mut self.recalls);
        match self.focus.mode() {
            Mode::Command => &mut recalls.commands,
            _ => &mut recalls.filters,
        }
    }

    /// Applies the last valid filter again, whatever was typed since then.
    pub fn restore_filter(&mut self) {
        self.request.filter = Query::parse(&self.filter_text).unwrap_or_default();
    }

    /// Removes the filter. Its prompt can recall it.
    pub fn clear_filter(&mut self) {
        let recalls = Arc::make_mut(&mut self.recalls);
        recalls.filters.keep(&self.masking.typed_again(&self.filter_text));
        self.filter_text.clear();
        self.request.filter = Query::default();
    }
}
